import type { Observable } from 'rxjs';
import { stackless } from '../core/stackless.js';
import type { Call } from '../operator/call.js';
import { type HealthReading, PolicyCore } from '../operator/policy-core.js';
import { WaitingLine } from '../operator/waiting-line.js';
import type { BulkheadEvent, BulkheadMetrics, BulkheadRefusal } from './bulkhead-events.js';
import { BulkheadFullError } from './bulkhead-full-error.js';
import { BulkheadLimit } from './bulkhead-limit.js';
import { type BulkheadOptions, type BulkheadQueue, readQueue } from './bulkhead-options.js';
import type { BulkheadWait } from './bulkhead-wait.js';
import { WaitStatistics } from './wait-statistics.js';

/** What a bulkhead has given out and who waits, and what it says of that. */
export abstract class BulkheadBooks extends PolicyCore<BulkheadEvent> {
  active = 0;
  protected readonly permits: BulkheadLimit = new BulkheadLimit(() => this.limitChanged());
  readonly line: WaitingLine<BulkheadWait>;
  protected readonly counted: WaitStatistics = new WaitStatistics();
  protected captureStacks: boolean;
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

  protected override reading(): HealthReading {
    const { limit, since } = this;
    return { status: this.full ? 'degraded' : 'up', details: { limit, capacity: this.line.capacity }, since };
  }

  protected abstract limitChanged(): void;

  protected refuse(call: Call, reason: BulkheadRefusal, counts: boolean): BulkheadFullError {
    if (counts) this.counted.refused[reason]++;
    const { active, limit } = this;
    const { capacity, size: queued } = this.line;
    const facts = { active, limit, queued, capacity };
    const error = stackless(this.captureStacks, () => new BulkheadFullError(this.name, reason, facts));
    this.changed();
    if (this.isListenedTo) this.tell({ type: 'refused', reason }, call);
    return error;
  }

  protected left({ call }: BulkheadWait): void {
    this.changed();
    if (this.isListenedTo) this.tell({ type: 'left' }, call);
  }

  protected take(): void {
    this.active++;
    if (this.active > this.counted.peak) this.counted.peak = this.active;
  }

  /** Whether a call that came now would be refused. */
  private isFull(): boolean {
    const { line } = this;
    return (this.active >= this.limit || line.size > 0) && !line.hasRoom;
  }

  protected changed(): void {
    const full = this.isFull();
    if (full === this.full) return;
    this.full = full;
    this.since = this.scheduler.now();
    this.healthChanged();
  }
}
