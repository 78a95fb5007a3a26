import type { Waiter } from '../core/permit-queue.js';
import { defaultPriority, rankOf } from '../core/priority.js';
import type { Call } from '../operator/call.js';
import { checkPolicyUpdate } from '../operator/policy-core.js';
import { type Admission, WAIT } from '../operator/stage.js';
import { expiredInQueue, type WaitOwner } from '../operator/waiting.js';
import type { Gate } from '../operator/waiting-line.js';
import { BulkheadBooks } from './bulkhead-books.js';
import { type BulkheadUpdate, bulkheadUpdateNames, checkBulkheadOptions, checkMaxConcurrent, readQueue } from './bulkhead-options.js';
import { BulkheadWait } from './bulkhead-wait.js';

/** The ticket of a call that got its permit at once. */
const held = 'held';

/** Gives out permits, and keeps those who wait for one. */
export class BulkheadCore extends BulkheadBooks implements WaitOwner<BulkheadWait>, Gate<BulkheadWait> {
  admit(call: Call, at: number): Admission {
    call.tickets[at] = undefined;
    if (this.mode === 'disabled') return undefined;
    this.permits.start();
    this.calls++;
    if (this.active >= this.permits.value || this.line.size > 0) return this.enqueue(call, at);
    call.tickets[at] = held;
    this.take();
    this.counted.accepted++;
    this.changed();
    if (this.isListenedTo) this.tell({ type: 'started', waited: 0 }, call);
    return undefined;
  }

  arm(call: Call, at: number): void {
    const ticket = call.tickets[at];
    if (ticket instanceof BulkheadWait && !ticket.shadow) this.line.arm(ticket);
  }

  settle(call: Call, at: number): undefined {
    const ticket = call.tickets[at];
    if (ticket === undefined) return;
    call.tickets[at] = undefined;
    if (ticket !== held) {
      const waiting = ticket as BulkheadWait;
      if (this.line.leave(waiting)) this.left(waiting);
      if (!waiting.holds) return;
    }
    this.active--;
    this.changed();
  }

  wake(): void {
    if (this.line.size > 0) this.line.serve(this);
  }

  isFreeFor(_waiter: Waiter<BulkheadWait>): boolean {
    return this.active < this.limit;
  }

  turnOf(waiting: BulkheadWait): void {
    if (waiting.isExpired()) this.expire(waiting);
    else this.start(waiting);
  }

  timedOut(waiting: BulkheadWait): void {
    if (!this.line.leave(waiting)) return;
    const error = this.refuse(waiting.call, 'queue-timeout', waiting.counting === this.counted.generation);
    waiting.refuse(error);
  }

  update(options: BulkheadUpdate): void {
    checkPolicyUpdate(options, bulkheadUpdateNames);
    checkBulkheadOptions(options);
    const { captureStacks, maxConcurrent, mode, queue } = options;
    if (maxConcurrent !== undefined) checkMaxConcurrent(maxConcurrent);
    if (queue !== undefined) {
      const { size, timeout, order } = readQueue(queue);
      this.line.update(order, size, timeout);
    }
    if (captureStacks !== undefined) this.captureStacks = captureStacks;
    const turned = mode !== undefined && mode !== this.mode;
    this.updateCommon(options);
    if (turned) this.letEverybodyIn();
    if (maxConcurrent !== undefined) {
      this.permits.set(maxConcurrent);
      if (this.calls > 0 || this.active > 0) this.permits.start();
    }
    this.limitChanged();
  }

  override dispose(): void {
    this.permits.dispose();
    super.dispose();
  }

  protected override limitChanged(): void {
    this.changed();
    this.healthChanged();
    this.wake();
  }

  private enqueue(call: Call, at: number): Admission {
    const shadow = this.mode === 'shadow';
    // It would never start.
    if (!shadow && call.frame.deadline?.isExpired() === true) return expiredInQueue(this.name, this.captureStacks);
    const expired = shadow || this.line.hasRoom ? undefined : this.line.takeExpired();
    if (!this.line.hasRoom) {
      const error = this.refuse(call, 'full', true);
      if (expired !== undefined) this.expireAll(expired);
      return shadow ? undefined : error;
    }
    const waiting = new BulkheadWait(this, call, at, call.now(this.line.clock), shadow, this.counted.generation);
    call.tickets[at] = waiting;
    this.line.join(waiting, rankOf(call.frame.priority ?? defaultPriority));
    this.changed();
    if (this.isListenedTo) this.tell({ type: 'queued' }, call);
    if (expired !== undefined) this.expireAll(expired);
    return shadow ? undefined : WAIT;
  }

  private expire(waiting: BulkheadWait): void {
    this.left(waiting);
    waiting.refuse(expiredInQueue(this.name, this.captureStacks));
  }

  private expireAll(waiters: readonly BulkheadWait[]): void {
    for (const waiting of waiters) this.expire(waiting);
  }

  private start(waiting: BulkheadWait): void {
    this.take();
    waiting.holds = true;
    this.announce(waiting);
  }

  private announce(waiting: BulkheadWait): void {
    const waited = this.line.clock.now() - waiting.since;
    this.counted.started(waited, waiting.counting);
    this.changed();
    if (this.isListenedTo) this.tell({ type: 'started', waited }, waiting.call);
    if (!waiting.shadow) waiting.resume();
  }

  /** What waited by the rules of one mode must not wait by those of another; all have their permits before one goes on. */
  private letEverybodyIn(): void {
    const waiters = this.line.all();
    for (const waiting of waiters) {
      this.line.leave(waiting);
      this.take();
      waiting.holds = true;
    }
    for (const waiting of waiters) if (waiting.isCurrent) this.announce(waiting);
  }
}
