import { Subscription, type SchedulerLike } from 'rxjs';

/** `setTimeout` fires at once beyond this. */
const longest = 2 ** 31 - 1;

/** Runs `work` after `delay` milliseconds of `scheduler`, however long: delays over 24.8 days are armed in pieces. */
export function after(scheduler: SchedulerLike, delay: number, work: () => void): Subscription {
  if (delay <= longest) return scheduler.schedule(work, delay);
  const pieces = new Subscription();
  let left = delay;
  const next = (): void => {
    const piece = Math.min(left, longest);
    left -= piece;
    const action = scheduler.schedule(() => {
      pieces.remove(action);
      if (left > 0) next();
      else work();
    }, piece);
    pieces.add(action);
  };
  next();
  return pieces;
}
