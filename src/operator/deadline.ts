import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { hungAfter } from '../core/deadline-exceeded-error.js';
import { checkBoolean, checkKeys, checkNumber, reading } from '../core/options.js';
import { partOf } from '../core/remaining.js';
import { checkScheduler } from './clock.js';
import { TimerEntry, type TimeSource, timeSourceOf } from './timer-list.js';

/** What wants to hear that a deadline is over. */
export interface DeadlineWatch {
  previous: DeadlineWatch | undefined;
  next: DeadlineWatch | undefined;
  /** `late`: milliseconds by which the event loop was behind. */
  expired(late: number): void;
}

export interface ChildDeadline {
  /** Part of what remains, above 0 to 1. Default 1. */
  readonly share?: number | undefined;
  /** The most, in milliseconds. Default none. */
  readonly cap?: number | undefined;
  /** Milliseconds kept back for the caller. Default 0. */
  readonly reserve?: number | undefined;
}

export interface DeadlineOrigin {
  /** Clock and timers. Default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
  /**
   * Whether its expiry may count against a dependency. `false` is for what came from outside the process, such as a
   * header or a message. Default true.
   */
  readonly trusted?: boolean | undefined;
}

/**
 * A moment by which work has to be done. It carries its scheduler and is measured on a clock that never runs
 * backwards: compare remaining times, never instants.
 */
export class Deadline extends TimerEntry {
  private first: DeadlineWatch | undefined = undefined;
  private last: DeadlineWatch | undefined = undefined;
  private over = false;
  private firing = false;

  /** @internal */
  constructor(
    private readonly source: TimeSource,
    /** The clock's time at which it began. @internal */
    readonly start: number,
    /** Milliseconds from `start`. @internal */
    readonly duration: number,
    /** Whatever its maker wants to find again. @internal */
    readonly mark: number = 0,
    /** Milliseconds that a policy's own setting allows, however little of them were left; of none else. */
    private readonly within: number = Infinity,
    /** False where it came from outside the process: its expiry counts against no dependency. */
    readonly trusted: boolean = true,
  ) {
    super();
    this.due = start + duration;
  }

  /**
   * The deadline `ms` milliseconds from now; 0 is over at once.
   *
   * @param origin a scheduler, or `{ scheduler, trusted }`. A time that came from outside the process is `trusted: false`:
   * it cuts the call of that caller, and no breaker counts its expiry.
   */
  static after(ms: number, origin: SchedulerLike | DeadlineOrigin = asyncScheduler): Deadline {
    const { scheduler, trusted } = reading('Deadline.after', () => {
      checkNumber('ms', ms, 0);
      return readOrigin(origin);
    });
    const source = timeSourceOf(scheduler);
    return new Deadline(source, source.clock.now(), ms, 0, Infinity, trusted);
  }

  /**
   * The deadline at an instant in epoch milliseconds, turned into a remaining time at once: later steps of the wall clock
   * do not move it. `origin` is as for `after`.
   */
  static at(epochMs: number, origin: SchedulerLike | DeadlineOrigin = asyncScheduler): Deadline {
    const { scheduler } = reading('Deadline.at', () => {
      checkNumber('epochMs', epochMs, -Number.MAX_VALUE);
      return readOrigin(origin);
    });
    return Deadline.after(Math.max(0, epochMs - scheduler.now()), origin);
  }

  /** Milliseconds left, never negative. */
  remaining(): number {
    return this.over ? 0 : Math.max(0, this.due - this.source.clock.now());
  }

  isExpired(): boolean {
    return this.remaining() === 0;
  }

  /** Contexts are logged: the milliseconds left, and nothing of the calls that it belongs to. */
  toJSON(): { readonly remaining: number } {
    return { remaining: this.remaining() };
  }

  /** A deadline within this one: `min(cap, share * remaining - reserve)`, never later than this one, and trusted as this one is. */
  child(options: ChildDeadline = {}): Deadline {
    const left = reading('Deadline.child', () => {
      const { share = 1, cap = Number.MAX_VALUE, reserve = 0 } = checkKeys('options', options, ['share', 'cap', 'reserve']);
      checkNumber('share', share, Number.MIN_VALUE, 1);
      checkNumber('cap', cap, 0);
      checkNumber('reserve', reserve, 0);
      return Math.min(cap, partOf(this.remaining(), share, reserve));
    });
    return new Deadline(this.source, this.source.clock.now(), left, 0, Infinity, this.trusted);
  }

  /** A call that has run for less than this when it is cut proves nothing about the dependency. @internal */
  get hungAfter(): number {
    return hungAfter(this.within, this.trusted);
  }

  /** Milliseconds left at `now` of the clock of its scheduler. @internal */
  remainingAt(now: number): number {
    return this.over ? 0 : Math.max(0, this.due - now);
  }

  /** @internal */
  get scheduler(): SchedulerLike {
    return this.source.scheduler;
  }

  /**
   * Watches are told in the order in which they came: they come as their calls are admitted, so the outermost is first,
   * whoever arms the timer. @internal
   */
  watch(watch: DeadlineWatch): void {
    const { last } = this;
    this.last = watch;
    watch.previous = last;
    if (last === undefined) this.first = watch;
    else last.next = watch;
  }

  /** Its maker is outside of all others, and comes only once its call has turned out not to end at once. @internal */
  watchFirst(watch: DeadlineWatch): void {
    const { first } = this;
    this.first = watch;
    watch.next = first;
    if (first === undefined) this.last = watch;
    else first.previous = watch;
  }

  /** A call that is watched has turned out not to end at once. @internal */
  arm(): void {
    if (!this.firing) this.source.add(this, this.duration, this.start);
  }

  /** The last one to go takes the timer with it. Does nothing where it was told already. @internal */
  unwatch(watch: DeadlineWatch): void {
    const { previous, next } = watch;
    if (previous === undefined && this.first !== watch) return;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.last = previous;
    else next.previous = previous;
    watch.previous = watch.next = undefined;
    if (this.first === undefined) this.cancel();
  }

  override fire(late: number): void {
    this.over = true;
    this.firing = true;
    try {
      for (let watch = this.first; watch !== undefined; watch = this.first) {
        this.unwatch(watch);
        watch.expired(late);
      }
    } finally {
      this.firing = false;
      // A consumer has thrown: RxJS reports that, and the others are told on the next occasion.
      if (this.first !== undefined) this.source.add(this, 0, this.due);
    }
  }
}

function readOrigin(origin: SchedulerLike | DeadlineOrigin): { readonly scheduler: SchedulerLike; readonly trusted: boolean } {
  if (typeof (origin as Partial<SchedulerLike> | null)?.schedule === 'function') return { scheduler: origin as SchedulerLike, trusted: true };
  const { scheduler = asyncScheduler, trusted = true } = checkKeys('origin', origin as DeadlineOrigin, ['scheduler', 'trusted']);
  checkScheduler(scheduler);
  return { scheduler, trusted: checkBoolean('trusted', trusted) };
}
