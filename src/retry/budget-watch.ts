import type { SchedulerLike, Subscription } from 'rxjs';
import type { RetryBudget } from '../core/retry-budget.js';
import type { Clock } from '../operator/clock.js';
import type { HealthReading } from '../operator/policy-core.js';
import { after } from '../operator/timer.js';

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
  private timer: Subscription | undefined = undefined;
  private observed = false;

  constructor(private readonly owner: BudgetOwner) {
    this.since = owner.scheduler.now();
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
    this.arm();
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
    if (observed) {
      this.look();
      return;
    }
    this.timer?.unsubscribe();
    this.timer = undefined;
  }

  private arm(): void {
    if (!this.observed || !this.empty || this.timer !== undefined || this.refilled === Infinity) return;
    const { scheduler } = this.owner;
    const wait = Math.max(1, Math.ceil(this.refilled - scheduler.now()));
    this.timer = after(scheduler, wait, () => {
      this.timer = undefined;
      this.look();
    });
  }
}
