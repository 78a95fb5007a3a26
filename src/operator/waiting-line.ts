import type { SchedulerLike } from 'rxjs';
import { type Due, DueHeap } from '../core/due-heap.js';
import { checkInteger, checkKeys, checkNumber } from '../core/options.js';
import { PermitQueue, type QueueOrder } from '../core/permit-queue.js';
import { limitsOf } from './frame.js';
import { type TimeSource, timeSourceOf } from './timer-list.js';
import { isExpired, type Waiting } from './waiting.js';

/** Every setting of a queue. */
export interface QueueSetup {
  /** Calls that may wait. */
  readonly size: number;
  /** Milliseconds for those who come from now on; `Infinity`: no limit. */
  readonly timeout: number;
  readonly order: QueueOrder;
}

/** The part of a queue's settings that every queue has, refused where it is not what it may be; `own`: what this kind has besides. */
export function readQueue<Q extends { readonly size: number; readonly timeout?: number | undefined }>(
  queue: number | Q,
  own: readonly string[] = [],
): Omit<QueueSetup, 'order'> {
  const short = typeof queue === 'number';
  const { size, timeout = 30_000 } = short ? { size: queue } : checkKeys('queue', queue, ['size', 'timeout'], own);
  return {
    size: checkInteger(short ? 'queue' : 'queue.size', size, 0),
    timeout: checkNumber('queue.timeout', timeout, 0, Infinity),
  };
}

/** Who gives out the permits. */
export interface Gate<W extends Waiting> {
  /** Whether the next one may go. */
  isFreeFor(waiting: W): boolean;
  take(): void;
}

/** By when a call that waits would have to start. */
interface Expiry<W> extends Due {
  due: number;
  readonly waiting: W;
}

/** A bounded queue of calls, each with the time it may wait for. */
export class WaitingLine<W extends Waiting> extends PermitQueue<W> {
  readonly time: TimeSource;
  private timeout: number;
  private serving = false;
  /** Those who wait under a deadline, by the time of the clock at which that is over. */
  private readonly expiries: DueHeap<Expiry<W>> = new DueHeap();

  constructor(
    private readonly gate: Gate<W>,
    scheduler: SchedulerLike,
    { order, size, timeout }: QueueSetup,
  ) {
    super(order, size);
    this.time = timeSourceOf(scheduler);
    this.timeout = timeout;
  }

  get hasRoom(): boolean {
    return this.size < this.capacity;
  }

  /** Whether one more may wait, where so many permits are free for those who wait: they are let in before anybody else. */
  hasRoomBeside(free: number): boolean {
    return this.size < this.capacity + Math.max(0, free);
  }

  /** Disturbs nobody who waits. */
  setUp({ order, size, timeout }: QueueSetup): void {
    this.update(order, size);
    this.timeout = timeout;
  }

  /** Puts it in, whether or not there is room. */
  join(waiting: W): void {
    const place = (waiting.place = this.push(waiting, waiting.rank));
    const { deadline } = waiting;
    if (deadline === undefined) return;
    const due = this.time.clock.now() + deadline.remaining();
    const expiry = { waiting, due, order: place.arrival, slot: -1 };
    waiting.expiry = expiry;
    this.expiries.add(expiry);
  }

  /** Where it is full, takes out those whose deadline has passed: they would keep a place from a newcomer, and never start. */
  makeRoom(): W[] {
    const { expiries } = this;
    const expired: Expiry<W>[] = [];
    if (this.hasRoom || expiries.first === undefined) return [];
    const now = this.time.clock.now();
    for (let next = expiries.first; next !== undefined && next.due <= now; next = expiries.first) {
      const { waiting } = next;
      const left = waiting.deadline?.remaining() ?? 0;
      if (left > 0) {
        // It has a clock of its own.
        expiries.remove(next);
        next.due = now + Math.max(1, left);
        expiries.add(next);
      } else if (this.leave(waiting)) {
        expired.push(next);
      }
    }
    return expired.sort((a, b) => a.order - b.order).map(({ waiting }) => waiting);
  }

  /** Starts the timer of one who has just joined. */
  arm(waiting: W): void {
    if (waiting.place === undefined) return;
    const timeout = Math.min(this.timeout, limitsOf(waiting.call.outer).maxQueueWait ?? Infinity);
    if (timeout !== Infinity) this.time.add(waiting, timeout, waiting.since);
  }

  /** Takes it out, with its timer; false where it does not wait (any more). */
  leave(waiting: W): boolean {
    const { place } = waiting;
    if (place === undefined) return false;
    waiting.place = undefined;
    waiting.cancel();
    const { expiry } = waiting;
    if (expiry !== undefined) this.expiries.remove(expiry as Expiry<W>);
    return this.remove(place);
  }

  /** Those who wait now, the oldest first. */
  all(): W[] {
    return Array.from(this, (waiter) => waiter.value);
  }

  /** A loop, not a recursion: a waiter that ends at once asks for the next one while we are still here. */
  serve(): void {
    if (this.serving || this.size === 0) return;
    this.serving = true;
    try {
      for (let first = this.peek(); first !== undefined && this.gate.isFreeFor(first.value); first = this.peek()) {
        const waiting = first.value;
        if (isExpired(waiting.deadline)) {
          this.leave(waiting);
          waiting.owner.expire(waiting);
        } else {
          this.grant(waiting);
          waiting.owner.letGo(waiting);
        }
      }
    } finally {
      this.serving = false;
    }
  }

  /** What waited by the rules of one mode must not wait by those of another; all have their permits before one goes on. */
  letIn(waiters: readonly W[]): void {
    for (const waiting of waiters) this.grant(waiting);
    for (const waiting of waiters) if (waiting.isCurrent) waiting.owner.letGo(waiting);
  }

  private grant(waiting: W): void {
    this.leave(waiting);
    waiting.holds = true;
    this.gate.take();
  }
}
