import { type SchedulerAction, Subscription } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

/** Virtual time that ends: after `maxSteps` nothing more is scheduled, so that what repeats for ever is over. */
export class VirtualTime extends TestScheduler {
  private steps = 0;
  /** When the last step was taken, and what was still to come then. */
  exceeded: { readonly frame: number; readonly armed: number } | undefined = undefined;

  constructor(
    compare: (actual: unknown, expected: unknown) => void,
    private readonly maxSteps: number,
  ) {
    super(compare);
  }

  override schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay?: number, state?: T): Subscription {
    if (++this.steps <= this.maxSteps) return super.schedule(work, delay, state);
    this.exceeded ??= { frame: this.frame, armed: this.actions.length + 1 };
    return Subscription.EMPTY;
  }
}
