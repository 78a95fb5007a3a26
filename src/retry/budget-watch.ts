import type { SchedulerLike } from 'rxjs';
import type { RetryBudget } from '../core/retry-budget.js';
import type { Clock } from '../operator/clock.js';
import { DueTimer } from '../operator/due-timer.js';
import type { HealthReading } from '../operator/policy-core.js';

/** Whose budget it is. */
export interface BudgetOwner {
  readonly scheduler: SchedulerLike;
  readonly clock: Clock;
  readonly setup: { readonly budget: RetryBudget | undefined };
  healthChanged(): void;
}

/** Whether the budget is empty, which is what the health of a retry consists of. */
export class BudgetWatch {
  /** As it was when somebody last looked. */
  empty = false;
  private since: number;
  /** When time alone fills it again: a reading of the scheduler. */
  private refilled = Infinity;
  private readonly timer: DueTimer;
  private observed = false;

  constructor(private readonly owner: BudgetOwner) {
    this.since = owner.scheduler.now();
    this.timer = new DueTimer(owner.scheduler, owner.clock, () => this.look());
  }

  /** The budget may have changed. */
  look(): void {
    const { clock, scheduler, setup } = this.owner;
    const now = clock.now();
    const empty = setup.budget !== undefined && setup.budget.left(now) < 1;
    if (empty) this.refilled = scheduler.now() + setup.budget.refilledIn(now);
    if (empty !== this.empty) {
      this.since = empty ? scheduler.now() : Math.min(this.refilled, scheduler.now());
      this.empty = empty;
    }
    this.arm(now);
    this.owner.healthChanged();
  }

  reading(): HealthReading {
    const { clock, scheduler, setup } = this.owner;
    const empty = setup.budget !== undefined && setup.budget.left(clock.now()) < 1;
    // A change that nobody has looked at: time has filled it, or another policy that shares it has emptied it.
    const since = empty === this.empty ? this.since : Math.min(empty ? Infinity : this.refilled, scheduler.now());
    return { status: empty ? 'degraded' : 'up', details: {}, since };
  }

  /** Nothing happens when time has filled the budget again: whoever observes it is told by a timer. */
  observe(observed: boolean): void {
    this.observed = observed;
    if (observed) this.look();
    else this.timer.clear();
  }

  private arm(now: number): void {
    if (!this.observed || !this.empty) this.timer.clear();
    else this.timer.set(now + Math.max(1, this.refilled - this.owner.scheduler.now()));
  }
}
