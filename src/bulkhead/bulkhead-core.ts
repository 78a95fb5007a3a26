import { defaultPriority, rankOf } from '../core/priority.js';
import type { Call } from '../operator/call.js';
import { checkPolicyUpdate } from '../operator/policy-core.js';
import { type Admission, WAIT } from '../operator/stage.js';
import { isExpired, neverStarted, Waiting, type WaitOwner } from '../operator/waiting.js';
import { BulkheadBooks, type BulkheadWait } from './bulkhead-books.js';
import { type BulkheadUpdate, bulkheadUpdateNames, checkBulkheadOptions, readBulkheadQueue } from './bulkhead-options.js';

/** The ticket of a call that got its permit at once. */
const held = 'held';

/** Gives out permits, and keeps those who wait for one. */
export class BulkheadCore extends BulkheadBooks implements WaitOwner {
  admit(call: Call, at: number): Admission {
    call.tickets[at] = undefined;
    if (this.mode === 'disabled') return undefined;
    this.limits?.start();
    this.calls++;
    if (this.active >= this.limit || this.line.size > 0) return this.enqueue(call, at);
    call.tickets[at] = held;
    this.take();
    this.counters.accepted++;
    this.changed();
    if (this.isListenedTo) this.tell({ type: 'started', waited: 0 }, call);
    return undefined;
  }

  arm(call: Call, at: number): void {
    const ticket = call.tickets[at];
    if (ticket instanceof Waiting) this.line.arm(ticket as BulkheadWait);
  }

  settle(call: Call, at: number): undefined {
    const ticket = call.tickets[at];
    if (ticket === undefined) return;
    call.tickets[at] = undefined;
    if (ticket !== held) {
      const waiting = ticket as BulkheadWait;
      if (this.line.leave(waiting)) this.left(call);
      if (!waiting.holds) return;
    }
    this.active--;
    this.changed();
  }

  letGo(waiting: BulkheadWait): void {
    const { call, counters, since } = waiting;
    const waited = this.line.time.clock.now() - since;
    counters.accepted++;
    counters.waits++;
    counters.waited += waited;
    this.changed();
    if (this.isListenedTo) this.tell({ type: 'started', waited }, call);
    waiting.goOn();
  }

  expire(waiting: BulkheadWait): void {
    this.left(waiting.call);
    waiting.goOn(neverStarted(this.name, this.captureStacks));
  }

  timedOut(waiting: BulkheadWait): void {
    this.line.leave(waiting);
    waiting.goOn(this.refuse(waiting.call, 'queue-timeout', waiting.counters));
  }

  update(update: BulkheadUpdate): void {
    const options = checkPolicyUpdate(update, bulkheadUpdateNames);
    checkBulkheadOptions(options);
    const { captureStacks, maxConcurrent, queue } = options;
    const { line, mode } = this;
    if (queue !== undefined) line.setUp(readBulkheadQueue(queue));
    if (captureStacks !== undefined) this.captureStacks = captureStacks;
    this.updateCommon(options);
    if (this.mode !== mode) line.letIn(line.all());
    if (maxConcurrent !== undefined) {
      this.setLimit(maxConcurrent);
      if (this.calls > 0 || this.active > 0) this.limits?.start();
    }
    this.limitChanged();
  }

  protected override limitChanged(): void {
    this.changed();
    this.healthChanged();
    this.line.serve();
  }

  private enqueue(call: Call, at: number): Admission {
    const { counters, line } = this;
    const { deadline, priority } = call.frame;
    const shadow = this.mode === 'shadow';
    // It would never start.
    if (!shadow && isExpired(deadline)) return neverStarted(this.name, this.captureStacks);
    const expired = line.makeRoom();
    let answer: Admission = WAIT;
    if (line.hasRoomBeside(this.limit - this.active)) {
      const rank = rankOf(priority ?? defaultPriority);
      const waiting = new Waiting(this, call, at, call.now(line.time.clock), rank, counters, shadow);
      call.tickets[at] = waiting;
      line.join(waiting);
      this.changed();
      if (this.isListenedTo) this.tell({ type: 'queued' }, call);
    } else {
      answer = this.refuse(call, 'full', counters);
    }
    for (const waiting of expired) this.expire(waiting);
    return shadow ? undefined : answer;
  }

  /** Out of the queue without a permit: its consumer has left, or its deadline has passed. */
  private left(call: Call): void {
    this.changed();
    if (this.isListenedTo) this.tell({ type: 'left' }, call);
  }
}
