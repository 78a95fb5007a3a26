import type { Observable } from 'rxjs';
import { stackless } from '../core/stackless.js';
import type { Call } from '../operator/call.js';
import { LatestValue } from '../operator/latest-value.js';
import { type HealthReading, PolicyCore } from '../operator/policy-core.js';
import type { Waiting } from '../operator/waiting.js';
import { type Gate, WaitingLine } from '../operator/waiting-line.js';
import { BulkheadCounters } from './bulkhead-counters.js';
import type { BulkheadEvent, BulkheadMetrics, BulkheadRefusal } from './bulkhead-events.js';
import { type BulkheadFacts, BulkheadFullError } from './bulkhead-full-error.js';
import { type BulkheadOptions, type BulkheadQueue, readBulkheadQueue } from './bulkhead-options.js';

/** A call in the queue, or one that came out of it. */
export type BulkheadWait = Waiting<BulkheadCounters>;

/** What a bulkhead has given out and who waits, and what it says of that. */
export abstract class BulkheadBooks extends PolicyCore<BulkheadEvent> implements BulkheadFacts, Gate<BulkheadWait> {
  active = 0;
  limit = 1;
  readonly line: WaitingLine<BulkheadWait>;
  /** Where the limit comes from, if that is an observable. */
  protected limits: LatestValue | undefined = undefined;
  protected counters: BulkheadCounters = new BulkheadCounters(0);
  protected captureStacks: boolean;
  private full = false;
  private since: number = this.scheduler.now();

  constructor(maxConcurrent: number | Observable<number>, queue: number | BulkheadQueue, options: BulkheadOptions) {
    super('bulkhead', options);
    this.line = new WaitingLine(this, this.scheduler, readBulkheadQueue(queue));
    this.captureStacks = options.captureStacks ?? false;
    this.setLimit(maxConcurrent);
  }

  get queued(): number {
    return this.line.size;
  }

  get capacity(): number {
    return this.line.capacity;
  }

  metrics(): BulkheadMetrics {
    const { active, calls, capacity, limit, queued } = this;
    const { accepted, peak, refused, waited, waits } = this.counters;
    const all = refused.full + refused['queue-timeout'];
    // 0 of 0 is 0.
    const meanWait = waited / waits || 0;
    const rejectionRatio = all / (accepted + all) || 0;
    const counted = { accepted, refused: { ...refused }, peak, waited, meanWait, rejectionRatio };
    return { calls, active, queued, limit, capacity, ...counted };
  }

  protected override forget(): void {
    this.calls = 0;
    this.counters = new BulkheadCounters(this.active);
  }

  override dispose(): void {
    this.limits?.stop();
    super.dispose();
  }

  isFreeFor(): boolean {
    return this.active < this.limit;
  }

  take(): void {
    const { counters } = this;
    this.active++;
    if (this.active > counters.peak) counters.peak = this.active;
  }

  protected override reading(): HealthReading {
    const { capacity, full, limit, since } = this;
    return { status: full ? 'degraded' : 'up', details: { limit, capacity }, since };
  }

  protected abstract limitChanged(): void;

  /** Until an observable has said something the present limit holds. */
  protected setLimit(maxConcurrent: number | Observable<number>): void {
    this.limits?.stop();
    if (typeof maxConcurrent === 'number') this.limit = maxConcurrent;
    else if (!this.disposed) this.limits = new LatestValue(maxConcurrent, (value) => this.follow(value));
  }

  /** What is no number of permits is passed over: nobody could be told of it. */
  private follow(value: unknown): void {
    const limit = typeof value === 'number' ? Math.floor(value) : NaN;
    if (!Number.isSafeInteger(limit) || limit < 1 || limit === this.limit) return;
    this.limit = limit;
    this.limitChanged();
  }

  protected refuse(call: Call, reason: BulkheadRefusal, counters: BulkheadCounters): BulkheadFullError {
    counters.refused[reason]++;
    const error = stackless(this.captureStacks, () => new BulkheadFullError(this.name, reason, this));
    this.changed();
    if (this.isListenedTo) this.tell({ type: 'refused', reason }, call);
    return error;
  }

  /** Whether a call that came now would be refused may have changed. */
  protected changed(): void {
    const full = (this.active >= this.limit || this.line.size > 0) && !this.line.hasRoom;
    if (full === this.full) return;
    this.full = full;
    this.since = this.scheduler.now();
    this.healthChanged();
  }
}
