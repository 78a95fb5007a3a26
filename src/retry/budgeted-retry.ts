import { DueTimer } from '../operator/due-timer.js';
import { type HealthReading, PolicyCore } from '../operator/policy-core.js';
import type { RetryEvent } from './retry-events.js';
import { readRetry, type RetryOptions, type RetrySetup } from './retry-options.js';

/** A retry's budget and those who watch it: whether it is empty is what the health of a retry consists of. */
export abstract class BudgetedRetry extends PolicyCore<RetryEvent> {
  setup: RetrySetup;
  /** As the budget was when somebody last looked. */
  protected isEmpty = false;
  private since: number;
  /** When time alone fills it again, as that look said: a reading of the scheduler. */
  private refilled = Infinity;
  private readonly timer: DueTimer;

  constructor(options: RetryOptions) {
    super('retry', options);
    this.setup = this.started(readRetry(options));
    this.since = this.scheduler.now();
    this.timer = new DueTimer(this.clock, () => this.look());
  }

  /** What was tried before anything has failed is so old at most. */
  protected started(setup: RetrySetup): RetrySetup {
    setup.budget?.started?.(this.clock.now());
    return setup;
  }

  /** The budget may have changed. Nothing happens when time has filled it again: a timer tells those who observe it. */
  look(): void {
    this.clock.now();
    this.note();
  }

  /** The same for whoever has read the clock just now. */
  note(): void {
    const { latest, raw } = this.clock;
    const isEmpty = this.emptyAt(latest);
    // Nearly always there is a budget, and it is not empty.
    if (!isEmpty && !this.isEmpty) return;
    this.since = this.sinceOf(isEmpty);
    this.isEmpty = isEmpty;
    const wait = isEmpty ? this.setup.budget!.refilledIn(latest) : 0;
    this.refilled = raw + wait;
    if (isEmpty && this.isHealthObserved) this.timer.set(latest + Math.max(1, wait));
    else this.timer.clear();
    this.healthChanged();
  }

  protected override reading(): HealthReading {
    const isEmpty = this.emptyAt(this.clock.now());
    return { status: isEmpty ? 'degraded' : 'up', details: {}, since: this.sinceOf(isEmpty) };
  }

  private emptyAt(now: number): boolean {
    return (this.setup.budget?.left(now) ?? 1) < 1;
  }

  /** A change that nobody has looked at: time has filled it, or another policy that shares it has emptied it. */
  private sinceOf(isEmpty: boolean): number {
    if (isEmpty === this.isEmpty) return this.since;
    return Math.min(isEmpty ? Infinity : this.refilled, this.clock.raw);
  }

  protected override healthObserved(): void {
    this.look();
  }
}
