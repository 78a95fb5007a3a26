import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';

/** A scheduler whose clock and timers are moved by hand, so that a timer can fire late. */
export class Hand implements SchedulerLike {
  raw = 1_000_000;
  private timers: { at: number; work: () => void; closed: boolean }[] = [];

  now(): number {
    return this.raw;
  }

  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0): Subscription {
    const timer = { at: this.raw + delay, work: work as () => void, closed: false };
    this.timers.push(timer);
    return new Subscription(() => (timer.closed = true));
  }

  /** From now on, in the order in which they were armed. */
  get armed(): readonly number[] {
    return this.timers.filter(({ closed }) => !closed).map(({ at }) => at - this.raw);
  }

  /** The event loop comes to its timers after `by` ms: those that are due fire, once. */
  turn(by: number): void {
    this.raw += by;
    const due = this.timers.filter(({ at, closed }) => !closed && at <= this.raw);
    this.timers = this.timers.filter(({ closed }) => !closed);
    for (const timer of due) {
      if (timer.closed) continue;
      timer.closed = true;
      timer.work();
    }
  }

  /** An event loop that is never late. */
  run(ms: number): void {
    for (const end = this.raw + ms; this.raw < end; ) {
      const next = Math.min(end, ...this.armed.map((in_) => this.raw + in_));
      this.turn(next - this.raw);
    }
  }
}
