import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PermitQueue, type QueueOrder, type Waiter } from '../../src/core/permit-queue.js';
import { dequeue, enqueue } from './queue.js';

const numRuns = Number(process.env['RESILIENCE_RUNS'] ?? 300);
const orders: readonly QueueOrder[] = ['fifo', 'lifo', 'adaptive-lifo', 'priority'];

const drained = <T>(queue: PermitQueue<T>): T[] => {
  const values: T[] = [];
  for (let waiter = dequeue(queue); waiter !== undefined; waiter = dequeue(queue)) values.push(waiter.value);
  return values;
};

describe('PermitQueue', () => {
  const arrivals = [['a', 2], ['b', 0], ['c', 2], ['d', 3], ['e', 0]] as const;

  it.each([
    ['the oldest first', 'fifo', 5, 'abcde'],
    ['the newest first', 'lifo', 5, 'edcba'],
    ['the newest first while over half full, then the oldest', 'adaptive-lifo', 6, 'edabc'],
    ['the oldest first where it is never over half full', 'adaptive-lifo', 10, 'abcde'],
    ['the most important first, of equal ones the older', 'priority', 5, 'beacd'],
  ] as const)('serves %s (%s)', (_, order, capacity, expected) => {
    const queue = new PermitQueue<string>(order, capacity);
    for (const [value, rank] of arrivals) enqueue(queue, value, rank);
    expect(queue.peek()?.value).toBe(expected[0]);
    expect(queue.size).toBe(5);
    expect(drained(queue).join('')).toBe(expected);
    expect(queue.size).toBe(0);
    expect(queue.peek()).toBeUndefined();
  });

  it.each([0, 1, 3])('takes no more than its capacity of %i', (capacity) => {
    const queue = new PermitQueue<number>('fifo', capacity);
    for (let i = 0; i < capacity; i += 1) expect(enqueue(queue, i, 0)?.queue).toBe(queue);
    expect(enqueue(queue, 99, 0)).toBeUndefined();
    expect(queue.size).toBe(capacity);
  });

  it('frees a place at once when a waiter leaves, and only the first time', () => {
    const queue = new PermitQueue<string>('fifo', 1);
    const waiter = enqueue(queue, 'a', 1)!;
    expect([waiter.value, waiter.rank, waiter.queue]).toStrictEqual(['a', 1, queue]);
    expect(queue.remove(waiter)).toBe(true);
    expect(waiter.queue).toBe(undefined);
    expect(queue.remove(waiter)).toBe(false);
    expect(enqueue(queue, 'b', 1)).toBeDefined();
    expect(queue.remove(waiter)).toBe(false);
    expect(queue.size).toBe(1);
  });

  it('does not remove one who was served or who waits elsewhere', () => {
    const queue = new PermitQueue<string>('fifo', 1);
    const other = new PermitQueue<string>('fifo', 1);
    const elsewhere = enqueue(other, 'x', 0)!;
    enqueue(queue, 'a', 0);
    const served = dequeue(queue)!;
    expect([queue.remove(served), queue.remove(elsewhere)]).toStrictEqual([false, false]);
    expect([served.queue, elsewhere.queue]).toStrictEqual([undefined, other]);
  });

  it('names as last the newest of the least important, in every order', () => {
    for (const order of orders) {
      const queue = new PermitQueue<string>(order, 9);
      expect(queue.last()).toBeUndefined();
      for (const [value, rank] of arrivals) enqueue(queue, value, rank);
      const names: string[] = [];
      for (let last = queue.last(); last !== undefined; last = queue.last()) {
        names.push(last.value);
        queue.remove(last);
      }
      expect(names.join('')).toBe('dcaeb');
    }
  });

  it('keeps everybody when it shrinks, and takes nobody until it is below its new capacity', () => {
    const queue = new PermitQueue<number>('fifo', 3);
    for (const value of [1, 2, 3]) enqueue(queue, value, 0);
    queue.update('lifo', 2);
    expect([queue.capacity, queue.size]).toStrictEqual([2, 3]);
    expect(dequeue(queue)?.value).toBe(3);
    expect(enqueue(queue, 4, 0)).toBeUndefined();
    expect(dequeue(queue)?.value).toBe(2);
    expect(enqueue(queue, 4, 0)?.value).toBe(4);
  });

  it('lets a caller push over its capacity', () => {
    const queue = new PermitQueue<number>('fifo', 0);
    expect(queue.push(1, 3).queue).toBe(queue);
    expect(queue.size).toBe(1);
  });

  it('iterates oldest first over those present, without those who leave meanwhile and without newcomers', () => {
    const queue = new PermitQueue<string>('priority', 9);
    const waiters = arrivals.map(([value, rank]) => enqueue(queue, value, rank)!);
    const seen: string[] = [];
    for (const waiter of queue) {
      seen.push(waiter.value);
      queue.remove(waiter);
      if (waiter.value === 'b') queue.remove(waiters[2]!);
      if (waiter.value === 'd') enqueue(queue, 'f', 0);
    }
    expect(seen.join('')).toBe('abde');
    expect([...queue].map(({ value }) => value)).toStrictEqual(['f']);
  });
});

/** What the queue means, written with a plain array. */
class Model {
  readonly waiting: { value: number; rank: number }[] = [];

  constructor(
    public order: QueueOrder,
    public capacity: number,
  ) {}

  next(): { value: number; rank: number } | undefined {
    const { waiting, order } = this;
    if (order === 'priority') return waiting.find(({ rank }) => rank === Math.min(...waiting.map((w) => w.rank)));
    const newest = order === 'lifo' || (order === 'adaptive-lifo' && waiting.length > this.capacity / 2);
    return waiting.at(newest ? -1 : 0);
  }

  last(): { value: number; rank: number } | undefined {
    return this.waiting.findLast(({ rank }) => rank === Math.max(...this.waiting.map((w) => w.rank)));
  }

  take(value: number | undefined): void {
    const at = this.waiting.findIndex((waiter) => waiter.value === value);
    if (at >= 0) this.waiting.splice(at, 1);
  }
}

describe('PermitQueue, against a plain array', () => {
  const order = fc.constantFrom(...orders);
  const capacity = fc.nat(8);
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('enqueue' as const), rank: fc.nat(3) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('dequeue' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), which: fc.nat(40) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('update' as const), order, capacity }) },
  );

  it('serves, refuses and keeps the same', () => {
    fc.assert(
      fc.property(order, capacity, fc.array(step, { maxLength: 100 }), (firstOrder, firstCapacity, steps) => {
        const queue = new PermitQueue<number>(firstOrder, firstCapacity);
        const model = new Model(firstOrder, firstCapacity);
        const all: Waiter<number>[] = [];
        steps.forEach((action, value) => {
          if (action.do === 'enqueue') {
            const waiter = enqueue(queue, value, action.rank);
            expect(waiter !== undefined).toBe(model.waiting.length < model.capacity);
            if (waiter === undefined) return;
            all.push(waiter);
            model.waiting.push({ value, rank: action.rank });
          } else if (action.do === 'dequeue') {
            const expected = model.next()?.value;
            expect(dequeue(queue)?.value).toBe(expected);
            model.take(expected);
          } else if (action.do === 'remove') {
            const waiter = all[action.which];
            if (waiter === undefined) return;
            expect(queue.remove(waiter)).toBe(model.waiting.some((one) => one.value === waiter.value));
            model.take(waiter.value);
          } else {
            queue.update(action.order, action.capacity);
            model.order = action.order;
            model.capacity = action.capacity;
          }
          expect(queue.size).toBe(model.waiting.length);
          expect(queue.peek()?.value).toBe(model.next()?.value);
          expect(queue.last()?.value).toBe(model.last()?.value);
          expect([...queue].map((waiter) => waiter.value)).toStrictEqual(model.waiting.map((one) => one.value));
          expect(all.filter((waiter) => waiter.queue === queue).length).toBe(model.waiting.length);
        });
      }),
      { numRuns },
    );
  });
});
