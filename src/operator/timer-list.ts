import type { SchedulerLike, Subscription } from 'rxjs';
import { armedOutside } from './async-resource.js';
import { type Clock, clockOf, onePerScheduler } from './clock.js';

/** The longest delay a timer is armed with; what is due later is looked at again then. */
const longest = 2 ** 31 - 1;

/** After a stall Node runs timers before it reads sockets: what fires later than this lets input in first. */
const punctual = 20;

/** Something that happens unless it is removed before. */
export abstract class TimerEntry {
  due = 0;
  list: TimerList | undefined = undefined;
  previous: TimerEntry | undefined = undefined;
  next: TimerEntry | undefined = undefined;

  /** `late`: milliseconds by which the event loop was behind. */
  abstract fire(late: number): void;

  /** Does nothing where it has fired or was never added. */
  cancel(): void {
    this.list?.remove(this);
  }
}

/**
 * Entries of one duration share one armed timer. A list that was empty looks after 1 ms whether anything is left and
 * only then arms the real timer: a call shorter than that costs no timer of its own.
 */
export class TimerList {
  private head: TimerEntry | undefined = undefined;
  private tail: TimerEntry | undefined = undefined;
  private action: Subscription | undefined = undefined;
  private probing = false;
  private firing = false;
  private armedAt = 0;
  private armedFor = 0;
  /** The time of the clock which the armed timer proves when it fires. */
  private proves = 0;
  private letIn = -Infinity;

  constructor(
    private readonly source: TimeSource,
    private readonly duration: number,
  ) {}

  /**
   * A timer that was armed in real time must be left alone inside `TestScheduler.run`, and the other way round: RxJS
   * would clear it with the other provider.
   */
  usableAt(raw: number): boolean {
    return this.action === undefined || (raw >= this.armedAt && raw <= this.armedFor);
  }

  add(entry: TimerEntry, now: number, raw: number): void {
    let before = this.tail;
    while (before !== undefined && before.due > entry.due) before = before.previous;
    const after = before === undefined ? this.head : before.next;
    entry.list = this;
    entry.previous = before;
    entry.next = after;
    if (before === undefined) this.head = entry;
    else before.next = entry;
    if (after === undefined) this.tail = entry;
    else after.previous = entry;
    if (this.action === undefined && !this.firing) this.arm(Math.min(1, this.duration), now, raw, this.duration > 1);
  }

  remove(entry: TimerEntry): void {
    if (entry.list !== this) return;
    const { previous, next } = entry;
    if (previous === undefined) this.head = next;
    else previous.next = next;
    if (next === undefined) this.tail = previous;
    else next.previous = previous;
    entry.list = entry.previous = entry.next = undefined;
    if (this.head === undefined && !this.probing && !this.firing) this.disarm();
  }

  private arm(delay: number, now: number, raw: number, probing: boolean): void {
    const wait = Math.min(delay, longest);
    this.probing = probing;
    this.armedAt = raw;
    this.armedFor = raw + wait;
    this.proves = now + wait;
    this.action = armedOutside(() => this.source.scheduler.schedule(() => this.fire(), wait));
  }

  private rearm(due: number): void {
    const { clock } = this.source;
    const now = clock.now();
    this.arm(Math.max(0, due - now), now, clock.raw, false);
  }

  private disarm(): void {
    const { action } = this;
    if (action !== undefined && this.usableAt(this.source.scheduler.now())) action.unsubscribe();
    this.action = undefined;
    this.source.forget(this.duration, this);
  }

  private fire(): void {
    this.action = undefined;
    this.firing = true;
    const now = this.source.clock.reached(this.proves);
    try {
      for (let entry = this.head; entry !== undefined && entry.due <= now; entry = this.head) {
        if (now - entry.due > punctual && entry.due > this.letIn) {
          this.letIn = now;
          break;
        }
        this.remove(entry);
        entry.fire((entry.due <= this.letIn ? this.letIn : now) - entry.due);
      }
    } finally {
      this.firing = false;
      if (this.head === undefined) this.disarm();
      else this.rearm(this.head.due);
    }
  }
}

/** The clock and the timer lists of one scheduler. */
export class TimeSource {
  readonly clock: Clock;
  private readonly lists: Map<number, TimerList> = new Map();

  constructor(readonly scheduler: SchedulerLike) {
    this.clock = clockOf(scheduler);
  }

  /** Lets `entry` fire at `start + duration` of the clock; `raw` is the scheduler's own reading at `start`. */
  add(entry: TimerEntry, duration: number, start: number, raw: number): void {
    let list = this.lists.get(duration);
    if (list === undefined || !list.usableAt(raw)) {
      list = new TimerList(this, duration);
      this.lists.set(duration, list);
    }
    entry.due = start + duration;
    list.add(entry, start, raw);
  }

  forget(duration: number, list: TimerList): void {
    if (this.lists.get(duration) === list) this.lists.delete(duration);
  }
}

export const timeSourceOf: (scheduler: SchedulerLike) => TimeSource = /*#__PURE__*/ onePerScheduler(
  (scheduler) => new TimeSource(scheduler),
);
