import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { refusal } from '../core/options.js';

/** A forward step longer than this is no time passed: a test scheduler was left. */
export const year: number = 366 * 86_400_000;

/**
 * A scheduler's clock that never runs backwards. `asyncScheduler.now()` is the wall clock, and inside
 * `TestScheduler.run` it starts again at 0: a step back, or one forward of more than a year, moves the offset instead
 * of the time. (`max(last, now)` would freeze a policy that was made in real time and is used in virtual time.)
 */
export class Clock {
  private offset = 0;
  /** What it said last, and the scheduler's reading of that. */
  latest: number;
  raw: number;

  constructor(readonly scheduler: SchedulerLike) {
    this.latest = this.raw = scheduler.now();
  }

  now(): number {
    const raw = this.scheduler.now();
    this.raw = raw;
    const now = raw + this.offset;
    const step = now - this.latest;
    if (step < 0 || step > year) {
      this.offset -= step;
      return this.latest;
    }
    this.latest = now;
    return now;
  }

  /** A fired timer is evidence of time: it may fire a fraction of a millisecond before the clock says so. */
  reached(due: number): number {
    const now = this.now();
    if (now >= due) return now;
    this.offset += due - now;
    this.latest = due;
    return due;
  }
}

/** The one clock of a scheduler: what has been read for one policy need not be read again for the next one in a pipe. */
export const clockOf: (scheduler: SchedulerLike) => Clock = /*#__PURE__*/ onePerScheduler((scheduler) => new Clock(scheduler));

/** Makes something once for each scheduler, and nearly all are the default one. */
export function onePerScheduler<T>(make: (scheduler: SchedulerLike) => T): (scheduler: SchedulerLike) => T {
  const others = new WeakMap<SchedulerLike, T>();
  let ofAsyncScheduler: T | undefined;
  return (scheduler) => {
    if (scheduler === asyncScheduler) return (ofAsyncScheduler ??= make(scheduler));
    let one = others.get(scheduler);
    if (one === undefined) others.set(scheduler, (one = make(scheduler)));
    return one;
  };
}

export function checkScheduler(scheduler: SchedulerLike | undefined): void {
  if (scheduler === undefined) return;
  if (typeof scheduler?.now === 'function' && typeof scheduler.schedule === 'function') return;
  throw refusal('scheduler', 'an RxJS scheduler', scheduler);
}
