import type { Observable } from 'rxjs';
import { type Priority, priorities, rankOf } from '../core/priority.js';
import { stackless } from '../core/stackless.js';
import type { Call } from '../operator/call.js';
import { type HealthReading, PolicyCore } from '../operator/policy-core.js';
import { LatencySamples } from './latency-samples.js';
import { LoadShedError, type ShedReason } from './load-shed-error.js';
import type { LoadShedEvent, LoadShedMetrics } from './load-shed-events.js';
import type { LoadShedOptions, PriorityOf } from './load-shed-options.js';
import type { Shedder, ShedderListener } from './shedder.js';

const leastImportant = priorities.length - 1;

/** What became of the calls of one policy, and what it says of that and of its shedder. */
export abstract class LoadShedBooks extends PolicyCore<LoadShedEvent> implements ShedderListener {
  private admitted = 0;
  private shed: Record<Priority, number> = noneShed();
  /** Calls that came before a reset and end after it are neither counted nor measured. */
  protected counting = 0;
  private gone = false;
  protected captureStacks: boolean;
  protected readonly samples: LatencySamples;

  constructor(
    protected priority: Priority | PriorityOf,
    readonly shedder: Shedder,
    options: LoadShedOptions,
  ) {
    super('loadShed', options);
    this.captureStacks = options.captureStacks ?? false;
    this.samples = new LatencySamples(shedder.limiter);
  }

  override get events$(): Observable<LoadShedEvent> {
    if (!this.gone) this.shedder.listeners.add(this);
    return super.events$;
  }

  limitChanged(limit: number, previous: number): void {
    if (this.isListenedTo) this.tell({ type: 'limitChanged', limit, previous });
  }

  metrics(): LoadShedMetrics {
    const { admitted, calls, shed } = this;
    const { inFlight, limit } = this.shedder;
    return { calls, admitted, shed: { ...shed }, inFlight, limit };
  }

  reset(caller?: string): void {
    this.calls = this.admitted = 0;
    this.shed = noneShed();
    this.counting++;
    this.samples.reset();
    if (this.isListenedTo) this.tell({ type: 'reset', ...(caller !== undefined && { caller }) });
  }

  override dispose(): void {
    this.gone = true;
    this.shedder.listeners.delete(this);
    super.dispose();
  }

  protected override healthObserved(listening: boolean): void {
    if (listening) this.shedder.watchers.add(this);
    else this.shedder.watchers.delete(this);
  }

  protected override reading(): HealthReading {
    const { priority, shedder } = this;
    const { refusing, since } = shedder.readingOf(typeof priority === 'function' ? leastImportant : rankOf(priority));
    return { status: refusing ? 'degraded' : 'up', details: { shedder: shedder.name }, since };
  }

  protected admits(call: Call, counting: number): void {
    if (counting === this.counting) this.admitted++;
    if (this.isListenedTo) this.tell({ type: 'admitted' }, call);
  }

  protected sheds(call: Call, rank: number, reason: ShedReason, counting: number): LoadShedError {
    const priority = priorities[rank]!;
    const { limit } = this.shedder;
    if (counting === this.counting) this.shed[priority]++;
    const error = stackless(this.captureStacks, () => new LoadShedError(this.name, reason, priority, limit));
    if (this.isListenedTo) this.tell({ type: 'shed', priority, reason, limit }, call);
    return error;
  }
}

function noneShed(): Record<Priority, number> {
  return { criticalPlus: 0, critical: 0, sheddablePlus: 0, sheddable: 0 };
}
