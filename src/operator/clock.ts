import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { refusal } from '../core/options.js';
import { isWallTime, steadyTime } from './engine-time.js';

/** A forward step longer than this is no time passed: a test scheduler was left. */
export const year: number = 366 * 86_400_000;

/** The clock is compared with a steady one so often, in milliseconds; a smaller difference is none. */
const second = 1_000;

/** An engine fires a timer early by so much at most, in milliseconds, where its clock is coarse. */
const coarse = 20;

/** Of virtual times: each run of a test has another one. */
let epochs = 0;

/**
 * A scheduler's clock that never runs backwards. `asyncScheduler.now()` is the wall clock, and inside
 * `TestScheduler.run` it starts again at 0. A step that is no time moves the offset: a step back, one forward of more
 * than a year, and in real time a step of a second or more of which `performance.now()` knows nothing.
 * (`max(last, now)` would freeze a policy that was made in real time and is used in virtual time.)
 */
export class Clock {
  private offset = 0;
  /** Its last answer, and the scheduler's reading of that. */
  latest: number;
  raw: number;
  /** 0 in the time of the wall clock; a number of its own for each other time to which the scheduler has jumped. */
  epoch: number;
  /** The last comparison with the steady clock: this clock's time, and that of the steady one or NaN. */
  private compared: number;
  private steady: number;
  /** The next one is due at this time. */
  private compareAt: number;
  /** A timer has fired early: from this time on the clock stands still until it says `heldTo`. */
  private heldFrom = NaN;
  private heldTo = NaN;

  constructor(readonly scheduler: SchedulerLike) {
    this.latest = this.raw = this.compared = scheduler.now();
    const isWall = isWallTime(this.raw);
    this.epoch = isWall ? 0 : ++epochs;
    this.steady = isWall ? steadyTime() : NaN;
    this.compareAt = this.compared + second;
  }

  now(): number {
    const raw = this.scheduler.now();
    this.raw = raw;
    const now = raw + this.offset;
    if (now < this.latest || now >= this.compareAt) return this.compare(now);
    this.latest = now;
    return now;
  }

  /** The time of the last reading, also while an early timer holds the clock: what is armed is armed from here. */
  get unheld(): number {
    return this.raw + this.offset;
  }

  /**
   * A fired timer is evidence of time, but it may fire a fraction of a millisecond early. So the clock says `due`, and
   * stands still until that time has come: timers do not make it run fast.
   */
  reached(due: number): number {
    const now = this.now();
    if (now >= due) return now;
    const early = due - this.unheld;
    // A test has made it fire, whose clock does not move with its timers.
    if (early >= second || (early > coarse && !(isWallTime(this.raw) && steadyTime() >= 0))) this.offset += early;
    this.heldFrom = this.unheld;
    this.heldTo = this.latest = due;
    return due;
  }

  /** Once a second, and where the scheduler has jumped: how much of that is time? */
  private compare(now: number): number {
    const { latest } = this;
    if (now < latest && latest === this.heldTo && now >= this.heldFrom) return latest;
    const isWall = isWallTime(this.raw);
    const steady = isWall ? steadyTime() : NaN;
    // By the steady clock; NaN where it cannot tell.
    const reached = this.compared + Math.floor(steady - this.steady);
    const jumped = now < latest || now - latest > year;
    let time = now;
    if (Number.isNaN(reached)) time = jumped ? latest : now;
    else if (now < latest || Math.abs(now - reached) >= second) time = Math.max(latest, reached);
    if (isWall) this.epoch = 0;
    else if (jumped) this.epoch = ++epochs;
    this.offset += time - now;
    this.latest = this.compared = time;
    this.steady = steady;
    this.compareAt = time + second;
    return time;
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
