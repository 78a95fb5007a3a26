import { animationFrameScheduler, asapScheduler, type SchedulerAction, Subscription } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

/** Virtual time that ends: after `maxSteps` nothing more is scheduled, so that what repeats for ever is over. */
export class VirtualTime extends TestScheduler {
  private steps = 0;
  /** When the last step was taken, and how much was still to come then. */
  exceeded: { readonly frame: number; readonly armed: number } | undefined = undefined;
  /** Work in real time, from before. */
  private readonly others: ReadonlySet<Subscription> = new Set(batched());

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

  /** Takes back what will not happen any more. These schedulers would wait for it, and do nothing in the tests to come. */
  end(): void {
    for (const action of batched()) if (!this.others.has(action)) action.unsubscribe();
  }
}

/** What stands in the queue of a scheduler that runs all of it with one timer. */
function batched(): readonly Subscription[] {
  return [...asapScheduler.actions, ...animationFrameScheduler.actions];
}
