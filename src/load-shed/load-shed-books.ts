import { type Priority, priorities, rankOf } from '../core/priority.js';
import { stackless } from '../core/stackless.js';
import type { Call } from '../operator/call.js';
import { type HealthReading, PolicyCore } from '../operator/policy-core.js';
import { LoadShedError, type ShedReason } from './load-shed-error.js';
import type { LoadShedEvent, LoadShedMetrics } from './load-shed-events.js';
import type { LoadShedOptions, PriorityOf } from './load-shed-options.js';
import { ShedCounters } from './shed-counters.js';
import { leastImportant, type Shedder, type ShedderListener } from './shedder.js';

/** What became of the calls of one policy, and what it says of that and of its shedder. */
export abstract class LoadShedBooks extends PolicyCore<LoadShedEvent> implements ShedderListener {
  protected counters: ShedCounters;
  protected captureStacks: boolean;

  constructor(
    protected priority: Priority | PriorityOf,
    readonly shedder: Shedder,
    options: LoadShedOptions,
  ) {
    super('loadShed', options);
    this.captureStacks = options.captureStacks ?? false;
    this.counters = this.newCounters();
  }

  limitChanged(limit: number, previous: number): void {
    if (this.isListenedTo) this.tell({ type: 'limitChanged', limit, previous });
  }

  metrics(): LoadShedMetrics {
    const { admitted, shed } = this.counters;
    const { inFlight, limit } = this.shedder;
    return { calls: this.calls, admitted, shed: { ...shed }, inFlight, limit };
  }

  protected override forget(): void {
    this.calls = 0;
    this.counters = this.newCounters();
  }

  protected override healthObserved(): void {
    this.listenersChanged();
  }

  /** A shedder may live as long as the process: it knows those whose streams somebody listens to, and no others. */
  protected override listenersChanged(): void {
    const { listeners } = this.shedder;
    if (this.isListenedTo || this.isHealthObserved) listeners.add(this);
    else listeners.delete(this);
  }

  protected override reading(): HealthReading {
    const { priority, shedder } = this;
    const rank = typeof priority === 'function' ? leastImportant : rankOf(priority);
    const status = shedder.refuses(rank) ? 'degraded' : 'up';
    return { status, details: { shedder: shedder.name }, since: shedder.since[rank]! };
  }

  protected admits(call: Call, counters: ShedCounters): void {
    counters.admitted++;
    if (this.isListenedTo) this.tell({ type: 'admitted' }, call);
  }

  protected sheds(call: Call, rank: number, reason: ShedReason, counters: ShedCounters): LoadShedError {
    const priority = priorities[rank]!;
    const { limit } = this.shedder;
    counters.shed[priority]++;
    const error = stackless(this.captureStacks, () => new LoadShedError(this.name, reason, priority, limit));
    if (this.isListenedTo) this.tell({ type: 'shed', priority, reason, limit }, call);
    return error;
  }

  /** With a sampler of its own: a reset forgets the latency without load, too. */
  private newCounters(): ShedCounters {
    return new ShedCounters(this.shedder.limiter.sampler());
  }
}
