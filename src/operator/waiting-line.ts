import type { SchedulerLike } from 'rxjs';
import { PermitQueue, type QueueOrder, type Waiter } from '../core/permit-queue.js';
import type { Clock } from './clock.js';
import { type TimeSource, timeSourceOf } from './timer-list.js';
import type { Waiting } from './waiting.js';

/** Decides whether the next waiter may go, and lets it. */
export interface Gate<W extends Waiting> {
  isFreeFor(waiter: Waiter<W>): boolean;
  /** The waiter is out of the queue. Has to take the permit before any foreign code runs. */
  turnOf(waiting: W): void;
}

/** A bounded queue of calls, each with the time it may wait for. */
export class WaitingLine<W extends Waiting> {
  private readonly queue: PermitQueue<W>;
  private readonly time: TimeSource;
  private serving = false;
  /** No deadline of one who waits is over before this time of the clock. */
  private soonest = Infinity;

  constructor(
    scheduler: SchedulerLike,
    order: QueueOrder,
    capacity: number,
    /** Milliseconds for those who come from now on; `Infinity`: no limit. */
    private timeout: number,
  ) {
    this.time = timeSourceOf(scheduler);
    this.queue = new PermitQueue(order, capacity);
  }

  get size(): number {
    return this.queue.size;
  }

  get capacity(): number {
    return this.queue.capacity;
  }

  get clock(): Clock {
    return this.time.clock;
  }

  /** Disturbs nobody who waits. */
  update(order: QueueOrder, capacity: number, timeout: number): void {
    this.queue.update(order, capacity);
    this.timeout = timeout;
  }

  get hasRoom(): boolean {
    return this.queue.size < this.queue.capacity;
  }

  /** Puts it in, whether or not there is room. */
  join(waiting: W, rank: number): void {
    waiting.place = this.queue.push(waiting, rank);
    this.noteDeadline(waiting);
  }

  /** Takes out those whose deadline has passed: they would keep a place from a newcomer, and never start. */
  takeExpired(): W[] {
    if (this.soonest === Infinity || this.clock.now() < this.soonest) return [];
    this.soonest = Infinity;
    return this.all().filter((waiting) => {
      if (waiting.isExpired()) return this.leave(waiting);
      this.noteDeadline(waiting);
      return false;
    });
  }

  /** Starts the timer of one who has just joined. */
  arm(waiting: W): void {
    if (!waiting.isQueued || this.timeout === Infinity) return;
    const { call, since } = waiting;
    this.time.add(waiting, this.timeout, since, call.rawNow(this.time.clock));
  }

  /** Takes it out, with its timer; false where it does not wait (any more). */
  leave(waiting: W): boolean {
    const { place } = waiting;
    if (place === undefined) return false;
    waiting.place = undefined;
    waiting.cancel();
    return this.queue.remove(place);
  }

  /** Of the least important rank, the newest. */
  last(): Waiter<W> | undefined {
    return this.queue.last();
  }

  peek(): Waiter<W> | undefined {
    return this.queue.peek();
  }

  /** Those who wait now, the oldest first. */
  all(): W[] {
    return Array.from(this.queue, (waiter) => waiter.value);
  }

  /** A loop, not a recursion: a waiter that ends at once asks for the next one while we are still here. */
  serve(gate: Gate<W>): void {
    if (this.serving) return;
    this.serving = true;
    try {
      for (let first = this.queue.peek(); first !== undefined && gate.isFreeFor(first); first = this.queue.peek()) {
        this.leave(first.value);
        gate.turnOf(first.value);
      }
    } finally {
      this.serving = false;
    }
  }

  private noteDeadline({ call }: W): void {
    const { deadline } = call.frame;
    if (deadline !== undefined) this.soonest = Math.min(this.soonest, this.clock.now() + deadline.remaining());
  }
}
