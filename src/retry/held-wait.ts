import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';
import { after } from '../operator/timer.js';

type Work<T> = (this: SchedulerAction<T>, state?: T) => void;

/**
 * The scheduler of one wait that a later `'hold'` can lengthen: when its time is over it asks how much longer to wait.
 */
export class HeldWait implements SchedulerLike {
  constructor(
    private readonly scheduler: SchedulerLike,
    /** Milliseconds still to wait, or null where the call has ended instead. */
    private readonly longer: () => number | null,
  ) {}

  now(): number {
    return this.scheduler.now();
  }

  schedule<T>(work: Work<T>, delay: number = 0): Subscription {
    const wait = new Subscription();
    const arm = (ms: number): void => {
      const timer = after(this.scheduler, ms, () => {
        wait.remove(timer);
        const more = this.longer();
        if (more === null) return;
        if (more > 0) arm(more);
        else (work as () => void)();
      });
      wait.add(timer);
    };
    arm(delay);
    return wait;
  }
}
