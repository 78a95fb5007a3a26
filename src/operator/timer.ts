import { asyncScheduler, type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';
import { type Clock, clockOf } from './clock.js';
import { areHere, type EngineTimers, engineTimers } from './engine-time.js';

/** `setTimeout` fires at once beyond this. */
const longest = 2 ** 31 - 1;

/** Where and when a timer was armed. */
interface Armed {
  readonly timers: EngineTimers;
  readonly epoch: number;
  readonly at: number;
}

/** Timers of the engine that were given up while others had replaced its functions: they are cleared once those are back. */
let strays: { readonly armed: Armed; readonly action: Subscription }[] = [];

function clearStrays(): void {
  const home = strays.filter(({ armed }) => areHere(armed.timers));
  if (home.length === 0) return;
  strays = strays.filter((stray) => !home.includes(stray));
  for (const { action } of home) action.unsubscribe();
}

/**
 * One timer of a scheduler. RxJS clears a timer with the functions of the moment, and loses one that was armed with
 * others: inside of `TestScheduler.run`, or between fake timers and those of the engine. Such a timer is left alone.
 */
export class Timer {
  private armed: Armed | undefined = undefined;
  private action: Subscription | undefined = undefined;

  constructor(private readonly clock: Clock) {}

  /** It is armed, and will fire. That of a fake clock may have been thrown away with all others of that clock. */
  get isCertain(): boolean {
    const { armed, clock } = this;
    return armed !== undefined && this.isHere(armed) && (clock.scheduler !== asyncScheduler || isEngineTime(clock));
  }

  /**
   * Calls `fire` after `delay` milliseconds of the clock's last reading, rounded up, however long that is.
   * `isHere` is false where the timers of the moment are others: then it is called again after every `delay`, until it
   * is cancelled or they are back.
   */
  arm(delay: number, fire: (isHere: boolean) => void): void {
    this.cancel();
    const { clock } = this;
    if (strays.length > 0 && isEngineTime(clock)) clearStrays();
    const wait = Math.min(Math.max(0, Math.ceil(delay)), longest);
    const armed: Armed = { timers: engineTimers(), epoch: clock.epoch, at: clock.raw };
    const fired = (action: SchedulerAction<unknown>): void => {
      const isHere = clock.scheduler !== asyncScheduler || areHere(armed.timers);
      // It would be cleared with functions that do not know it, and fire for ever.
      if (!isHere) action.schedule(undefined, wait);
      if (this.armed !== armed) return;
      if (isHere) this.armed = this.action = undefined;
      if (isHere && delay > wait) this.arm(delay - wait, fire);
      else fire(isHere);
    };
    this.armed = armed;
    const action = clock.scheduler.schedule(function (this: SchedulerAction<unknown>) {
      fired(this);
    }, wait);
    if (this.armed === armed) this.action = action;
  }

  cancel(): void {
    const { action, armed } = this;
    if (armed === undefined) return;
    this.armed = this.action = undefined;
    this.clock.now();
    if (action === undefined) return;
    if (this.isHere(armed)) action.unsubscribe();
    else if (armed.epoch === 0 && armed.timers.genuine) strays.push({ armed, action });
  }

  private isHere({ at, epoch, timers }: Armed): boolean {
    const { clock } = this;
    if (clock.scheduler === asyncScheduler && !areHere(timers)) return false;
    return clock.epoch === epoch && (epoch === 0 || clock.raw >= at);
  }
}

/** Whether `asyncScheduler` is in real time: nothing is faked, and no `TestScheduler.run` is on. Read the clock first. */
export function isEngineTime(clock: Clock): boolean {
  return clock.epoch === 0 && engineTimers().genuine;
}

/** Runs `work` after `delay` milliseconds of `scheduler`, rounded up, however long. */
export function after(scheduler: SchedulerLike, delay: number, work: () => void): Subscription {
  const clock = clockOf(scheduler);
  const timer = new Timer(clock);
  clock.now();
  timer.arm(delay, () => {
    timer.cancel();
    work();
  });
  return new Subscription(() => timer.cancel());
}
