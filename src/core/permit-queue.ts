/** `adaptive-lifo`: the newest first while over half full, else the oldest. `priority`: by rank, then the oldest. */
export type QueueOrder = 'fifo' | 'lifo' | 'adaptive-lifo' | 'priority';

/** A place in a `PermitQueue`. */
export class Waiter<T> {
  previous: Waiter<T> | undefined = undefined;
  next: Waiter<T> | undefined = undefined;

  constructor(
    readonly value: T,
    /** 0 (most important) to 3. */
    readonly rank: number,
    /** Which came before which. */
    readonly arrival: number,
    /** Undefined once it was served or has left. */
    public queue: PermitQueue<T> | undefined,
  ) {}
}

interface Line<T> {
  oldest: Waiter<T> | undefined;
  newest: Waiter<T> | undefined;
}

const line = <T>(): Line<T> => ({ oldest: undefined, newest: undefined });

/**
 * A bounded waiting line. Every operation is O(1): there is one linked list for each rank, and an order that ignores
 * ranks looks at the ends of all four. So a change of order moves nobody.
 */
export class PermitQueue<T> {
  private readonly lines: readonly Line<T>[] = [line(), line(), line(), line()];
  private arrivals = 0;
  /** Who wait now. */
  size = 0;

  constructor(
    private order: QueueOrder,
    /** Who may wait; the caller keeps to it. */
    public capacity: number,
  ) {}

  /** Disturbs nobody who waits: a queue that is now over its capacity takes no more until it has shrunk below. */
  update(order: QueueOrder, capacity: number): void {
    this.order = order;
    this.capacity = capacity;
  }

  /**
   * Takes a place, also where none is free: the caller has looked, or has just made room in a queue over its capacity.
   *
   * @param rank 0 (most important) to 3, used by `priority` and `last`
   */
  push(value: T, rank: number): Waiter<T> {
    const waiter = new Waiter(value, rank, this.arrivals, this);
    const at = this.lines[rank]!;
    waiter.previous = at.newest;
    if (at.newest === undefined) at.oldest = waiter;
    else at.newest.next = waiter;
    at.newest = waiter;
    this.arrivals += 1;
    this.size += 1;
    return waiter;
  }

  /** The one that is served next. */
  peek(): Waiter<T> | undefined {
    if (this.order === 'priority') {
      const { lines } = this;
      return lines[0]!.oldest ?? lines[1]!.oldest ?? lines[2]!.oldest ?? lines[3]!.oldest;
    }
    return this.order === 'lifo' || (this.order === 'adaptive-lifo' && this.size > this.capacity / 2)
      ? this.end('newest', -1)
      : this.end('oldest', 1);
  }

  /** The one that `priority` serves last: of the least important rank, the newest. */
  last(): Waiter<T> | undefined {
    const { lines } = this;
    return lines[3]!.newest ?? lines[2]!.newest ?? lines[1]!.newest ?? lines[0]!.newest;
  }

  /** False, and nothing happens, where it is not in this queue or no longer. */
  remove(waiter: Waiter<T>): boolean {
    if (waiter.queue !== this) return false;
    const { previous, next } = waiter;
    const at = this.lines[waiter.rank]!;
    if (previous === undefined) at.oldest = next;
    else previous.next = next;
    if (next === undefined) at.newest = previous;
    else next.previous = previous;
    waiter.previous = waiter.next = waiter.queue = undefined;
    this.size -= 1;
    return true;
  }

  /** Those who wait now, the oldest first, without those who leave before their turn comes. */
  *[Symbol.iterator](): Generator<Waiter<T>, void, undefined> {
    const present: Waiter<T>[] = [];
    for (const { oldest } of this.lines) {
      for (let waiter = oldest; waiter !== undefined; waiter = waiter.next) present.push(waiter);
    }
    present.sort((a, b) => a.arrival - b.arrival);
    for (const waiter of present) if (waiter.queue === this) yield waiter;
  }

  /** The oldest (`sign` 1) or the newest (-1) of the ends of all lines. */
  private end(which: 'oldest' | 'newest', sign: number): Waiter<T> | undefined {
    let found: Waiter<T> | undefined;
    for (const line of this.lines) {
      const waiter = line[which];
      if (waiter !== undefined && (found === undefined || sign * (waiter.arrival - found.arrival) < 0)) found = waiter;
    }
    return found;
  }
}
