import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { type Due, DueHeap } from '../core/due-heap.js';
import { armedOutside } from './async-resource.js';
import { type Clock, clockOf, onePerScheduler } from './clock.js';
import { type EngineTimers, engineTimers } from './engine-time.js';
import { isEngineTime, Timer } from './timer.js';

/** After a stall Node runs timers before it reads sockets: a timer that is later than this lets input in first. */
const punctual = 20;

/** Something that happens unless it is removed before. */
export abstract class TimerEntry {
  due = 0;
  list: TimerList | undefined = undefined;
  moment: Moment | undefined = undefined;
  previous: TimerEntry | undefined = undefined;
  next: TimerEntry | undefined = undefined;

  /** `late`: milliseconds by which the event loop was behind. */
  abstract fire(late: number): void;

  /** Does nothing where it has fired or was never added. */
  cancel(): void {
    this.list?.remove(this);
  }
}

/** The entries that are due at one time, in the order in which they came. */
class Moment implements Due {
  readonly order = 0;
  slot = -1;
  first: TimerEntry | undefined = undefined;
  last: TimerEntry | undefined = undefined;

  constructor(readonly due: number) {}
}

/** Entries that share one armed timer, and fire in the order in which they are due, however late the timer is. */
export class TimerList {
  /** By their time. Calls are many and milliseconds are few: to add and to remove an entry is O(1) where it matters. */
  private readonly moments: Map<number, Moment> = new Map();
  private readonly heap: DueHeap<Moment> = new DueHeap();
  /** The moment that was added to last; it may be empty. */
  private latest: Moment | undefined = undefined;
  private size = 0;
  private readonly timer: Timer;
  /** The armed timer fires at this time of the clock, and is the evidence of it. */
  private wakesAt = Infinity;
  private looking = false;
  private firing = false;
  private letIn = -Infinity;

  constructor(
    private readonly clock: Clock,
    /** By which it is armed. */
    readonly timers: EngineTimers,
    readonly epoch: number,
    /**
     * Looks after 1 ms whether an entry is still there, and only then arms the timer that it needs: a call shorter than
     * that costs no timer of its own.
     */
    private readonly looks: boolean,
  ) {
    this.timer = new Timer(clock);
  }

  add(entry: TimerEntry): void {
    const moment = this.momentAt(entry.due);
    const { last } = moment;
    entry.list = this;
    entry.moment = moment;
    entry.previous = last;
    moment.last = entry;
    if (last === undefined) moment.first = entry;
    else last.next = entry;
    this.size++;
    if (entry.due < this.wakesAt && !this.looking && !this.firing) this.wake(entry.due, this.looks);
  }

  remove(entry: TimerEntry): void {
    const { moment, next, previous } = entry;
    if (moment === undefined) return;
    if (previous === undefined) moment.first = next;
    else previous.next = next;
    if (next === undefined) moment.last = previous;
    else next.previous = previous;
    entry.list = entry.moment = entry.previous = entry.next = undefined;
    this.size--;
    if (moment.first === undefined && moment !== this.latest) this.drop(moment);
    if (this.size === 0 && !this.looking && !this.firing) this.rest();
  }

  /** What stands in it will fire. */
  get isCertain(): boolean {
    return this.firing || this.timer.isCertain;
  }

  private wake(due: number, looking: boolean): void {
    const { clock } = this;
    if (!looking) clock.now();
    const delay = looking ? 1 : Math.max(0, Math.ceil(due - clock.unheld));
    this.looking = looking;
    this.wakesAt = clock.unheld + delay;
    armedOutside(() => this.timer.arm(delay, (isHere) => this.fire(isHere, delay)));
  }

  private fire(isHere: boolean, delay: number): void {
    const { wakesAt } = this;
    // In the time of a test it moves no clock, and goes on with what is its own.
    const now = isHere ? this.clock.reached(wakesAt) : wakesAt;
    this.firing = true;
    this.looking = false;
    try {
      for (let entry = this.soonest(); entry !== undefined && entry.due <= now; entry = this.soonest()) {
        if (now - entry.due > punctual && entry.due > this.letIn) {
          this.letIn = now;
          break;
        }
        this.remove(entry);
        entry.fire((entry.due <= this.letIn ? this.letIn : now) - entry.due);
      }
    } finally {
      this.firing = false;
      this.wakesAt = isHere ? Infinity : wakesAt + delay;
      const next = this.soonest();
      if (next === undefined) this.rest();
      else if (isHere) this.wake(next.due, false);
    }
  }

  private soonest(): TimerEntry | undefined {
    let { first } = this.heap;
    for (; first !== undefined && first.first === undefined; { first } = this.heap) this.drop(first);
    return first?.first;
  }

  private momentAt(due: number): Moment {
    const { latest } = this;
    if (latest?.due === due) return latest;
    if (latest !== undefined && latest.first === undefined) this.drop(latest);
    let moment = this.moments.get(due);
    if (moment === undefined) {
      moment = new Moment(due);
      this.moments.set(due, moment);
      this.heap.add(moment);
    }
    this.latest = moment;
    return moment;
  }

  private drop(moment: Moment): void {
    if (this.latest === moment) this.latest = undefined;
    this.moments.delete(moment.due);
    this.heap.remove(moment);
  }

  private rest(): void {
    this.wakesAt = Infinity;
    this.timer.cancel();
  }
}

/** The clock and the timers of one scheduler. */
export class TimeSource {
  readonly clock: Clock;
  private list: TimerList | undefined = undefined;

  constructor(readonly scheduler: SchedulerLike) {
    this.clock = clockOf(scheduler);
  }

  /**
   * Lets `entry` fire at `start + duration` of the clock, which has been read in this turn. One that is armed already is
   * armed anew where its timer may have been lost.
   */
  add(entry: TimerEntry, duration: number, start: number): void {
    if (entry.list !== undefined) {
      if (entry.list.isCertain) return;
      entry.cancel();
    }
    entry.due = start + duration;
    this.listHere().add(entry);
  }

  /**
   * Those that are armed by the timer functions of this moment share a list; one that was armed by others is left
   * alone. What a test moves or throws away is not shared: each entry has a timer of its own, and no look is left armed.
   */
  private listHere(): TimerList {
    const { clock, list, scheduler } = this;
    const isDefault = scheduler === asyncScheduler;
    const timers = engineTimers();
    if (isDefault && !isEngineTime(clock)) {
      clock.now();
      if (!isEngineTime(clock)) return new TimerList(clock, timers, clock.epoch, false);
    }
    if (list?.timers === timers && list.epoch === clock.epoch) return list;
    return (this.list = new TimerList(clock, timers, clock.epoch, isDefault));
  }
}

export const timeSourceOf: (scheduler: SchedulerLike) => TimeSource = /*#__PURE__*/ onePerScheduler(
  (scheduler) => new TimeSource(scheduler),
);
