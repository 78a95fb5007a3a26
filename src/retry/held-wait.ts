import { type SchedulerLike, Subscription } from 'rxjs';
import { after } from '../operator/timer.js';

/**
 * The scheduler of one wait that a later `'hold'` can lengthen: when its time is over it asks how many milliseconds
 * `longer` to wait. That may end the call instead, and the wait with it.
 */
export function heldWait(scheduler: SchedulerLike, longer: () => number): SchedulerLike {
  return {
    now: () => scheduler.now(),
    schedule: (work, delay = 0) => {
      const wait = new Subscription();
      const arm = (ms: number): void => {
        const timer = after(scheduler, ms, () => {
          wait.remove(timer);
          const more = longer();
          if (wait.closed) return;
          if (more > 0) arm(more);
          else (work as () => void)();
        });
        wait.add(timer);
      };
      arm(delay);
      return wait;
    },
  };
}
