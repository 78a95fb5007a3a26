import type { PermitQueue, Waiter } from '../../src/core/permit-queue.js';

/** As every user of a queue does it: nobody beyond its capacity. */
export function enqueue<T>(queue: PermitQueue<T>, value: T, rank: number): Waiter<T> | undefined {
  return queue.size < queue.capacity ? queue.push(value, rank) : undefined;
}

/** Takes out the one that is served next. */
export function dequeue<T>(queue: PermitQueue<T>): Waiter<T> | undefined {
  const waiter = queue.peek();
  if (waiter !== undefined) queue.remove(waiter);
  return waiter;
}
