import type { Observable } from 'rxjs';
import type { Waiter } from '../core/permit-queue.js';
import { defaultPriority, rankOf } from '../core/priority.js';
import { stackless } from '../core/stackless.js';
import type { Call } from '../operator/call.js';
import { checkPolicyUpdate, type HealthReading, PolicyCore } from '../operator/policy-core.js';
import { type Admission, WAIT } from '../operator/stage.js';
import { expiredInQueue, type WaitOwner } from '../operator/waiting.js';
import { type Gate, WaitingLine } from '../operator/waiting-line.js';
import type { BulkheadEvent, BulkheadMetrics, BulkheadRefusal } from './bulkhead-events.js';
import { BulkheadFullError } from './bulkhead-full-error.js';
import { BulkheadLimit } from './bulkhead-limit.js';
import {
  type BulkheadOptions, type BulkheadQueue, type BulkheadUpdate, bulkheadUpdateNames, checkBulkheadOptions,
  checkMaxConcurrent, readQueue,
} from './bulkhead-options.js';
import { BulkheadWait } from './bulkhead-wait.js';
import { WaitStatistics } from './wait-statistics.js';

/** The ticket of a call that got its permit at once. */
const held = 'held';

/** Gives out permits, and keeps those who wait for one. */
export class BulkheadCore extends PolicyCore<BulkheadEvent> implements WaitOwner<BulkheadWait>, Gate<BulkheadWait> {
  active = 0;
  private readonly permits: BulkheadLimit = new BulkheadLimit(() => this.limitChanged());
  readonly line: WaitingLine<BulkheadWait>;
  private readonly counted: WaitStatistics = new WaitStatistics();
  private captureStacks: boolean;
  private full: boolean;
  private since: number;

  constructor(maxConcurrent: number | Observable<number>, queue: number | BulkheadQueue, options: BulkheadOptions) {
    super('bulkhead', options);
    const { size, timeout, order } = readQueue(queue);
    this.line = new WaitingLine(this.scheduler, order, size, timeout);
    this.captureStacks = options.captureStacks ?? false;
    this.permits.set(maxConcurrent);
    this.full = this.isFull();
    this.since = this.scheduler.now();
  }

  get limit(): number {
    return this.permits.value;
  }

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

  metrics(): BulkheadMetrics {
    const { active, calls, limit } = this;
    const { size: queued, capacity } = this.line;
    return { calls, active, queued, limit, capacity, ...this.counted.summary() };
  }

  reset(caller?: string): void {
    this.calls = 0;
    this.counted.reset(this.active);
    if (this.isListenedTo) this.tell({ type: 'reset', ...(caller !== undefined && { caller }) });
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

  protected override reading(): HealthReading {
    const { limit, since } = this;
    return { status: this.full ? 'degraded' : 'up', details: { limit, capacity: this.line.capacity }, since };
  }

  private limitChanged(): void {
    this.changed();
    this.healthChanged();
    this.wake();
  }

  private enqueue(call: Call, at: number): Admission {
    const shadow = this.mode === 'shadow';
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

  private refuse(call: Call, reason: BulkheadRefusal, counts: boolean): BulkheadFullError {
    if (counts) this.counted.refused[reason]++;
    const { active, limit } = this;
    const { capacity, size: queued } = this.line;
    const facts = { active, limit, queued, capacity };
    const error = stackless(this.captureStacks, () => new BulkheadFullError(this.name, reason, facts));
    this.changed();
    if (this.isListenedTo) this.tell({ type: 'refused', reason }, call);
    return error;
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

  private left({ call }: BulkheadWait): void {
    this.changed();
    if (this.isListenedTo) this.tell({ type: 'left' }, call);
  }

  private take(): void {
    this.active++;
    if (this.active > this.counted.peak) this.counted.peak = this.active;
  }

  /** Whether a call that came now would be refused. */
  private isFull(): boolean {
    const { line } = this;
    return (this.active >= this.limit || line.size > 0) && !line.hasRoom;
  }

  private changed(): void {
    const full = this.isFull();
    if (full === this.full) return;
    this.full = full;
    this.since = this.scheduler.now();
    this.healthChanged();
  }
}
