import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PermitQueue, type QueueOrder, type Waiter } from '../../../src/core/permit-queue.js';
import { runs } from './runs.js';
import { dequeue, enqueue } from '../../core/queue.js';

interface Entry {
  readonly value: number;
  readonly rank: number;
}

/** Those who wait, the oldest first. */
class ModelQueue {
  entries: readonly Entry[] = [];

  constructor(
    public order: QueueOrder,
    public capacity: number,
  ) {}

  /** All of them in the order in which they would be served if nobody came any more. */
  get served(): readonly Entry[] {
    const rest = new ModelQueue(this.order, this.capacity);
    rest.entries = this.entries;
    const served: Entry[] = [];
    for (let next = rest.next; next !== undefined; next = rest.next) {
      served.push(next);
      rest.remove(next.value);
    }
    return served;
  }

  get next(): Entry | undefined {
    const { capacity, entries, order } = this;
    if (order === 'priority') return this.byImportance[0];
    return order === 'lifo' || (order === 'adaptive-lifo' && entries.length > capacity / 2) ? entries.at(-1) : entries[0];
  }

  get last(): Entry | undefined {
    return this.byImportance.at(-1);
  }

  has(value: number): boolean {
    return this.entries.some((entry) => entry.value === value);
  }

  remove(value: number): void {
    this.entries = this.entries.filter((entry) => entry.value !== value);
  }

  private get byImportance(): readonly Entry[] {
    return [...this.entries].sort((a, b) => a.rank - b.rank);
  }
}

const order = fc.constantFrom<QueueOrder>('fifo', 'lifo', 'adaptive-lifo', 'priority');
const capacity = fc.nat(6);
const rank = fc.nat(3);
const which = fc.nat(30);
const at = fc.nat(1);

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('enqueue' as const), at, rank }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('push' as const), at, rank }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('dequeue' as const), at }) },
  // A newcomer takes the place of the last one.
  { weight: 2, arbitrary: fc.record({ do: fc.constant('displace' as const), at, rank }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), at, which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('update' as const), at, order, capacity }) },
  // Some leave, and somebody comes, while those who wait are gone through.
  { weight: 1, arbitrary: fc.record({ do: fc.constant('go through' as const), at, leave: fc.array(fc.tuple(fc.nat(6), which), { maxLength: 4 }), rank }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function play(steps: readonly Step[], first: readonly [readonly [QueueOrder, number], readonly [QueueOrder, number]]): void {
  const queues = first.map(([order, capacity]) => new PermitQueue<number>(order, capacity));
  const models = first.map(([order, capacity]) => new ModelQueue(order, capacity));
  const waiters: Waiter<number>[] = [];
  const homes: number[] = [];

  const add = (home: number, rank: number, make: (value: number) => Waiter<number> | undefined): void => {
    const waiter = make(waiters.length);
    if (waiter === undefined) return;
    models[home]!.entries = [...models[home]!.entries, { value: waiters.length, rank }];
    waiters.push(waiter);
    homes.push(home);
  };

  const remove = (home: number, value: number): void => {
    const waiter = waiters[value];
    if (waiter === undefined) return;
    expect(queues[home]!.remove(waiter)).toBe(models[home]!.has(value));
    models[home]!.remove(value);
  };

  const goThrough = (home: number, leave: readonly (readonly [number, number])[], rank: number): void => {
    const queue = queues[home]!;
    let expected = models[home]!.entries.map(({ value }) => value);
    const seen: number[] = [];
    for (const { value } of queue) {
      seen.push(value);
      for (const [turn, other] of leave) if (turn === seen.length) remove(home, other);
      if (seen.length === 1) add(home, rank, () => queue.push(waiters.length, rank));
      expected = expected.filter((one) => seen.includes(one) || models[home]!.has(one));
    }
    expect(seen).toStrictEqual(expected);
  };

  const act = (taken: Step): void => {
    const queue = queues[taken.at]!;
    const model = models[taken.at]!;
    switch (taken.do) {
      case 'enqueue': {
        const fits = model.entries.length < model.capacity;
        const before = waiters.length;
        add(taken.at, taken.rank, (value) => enqueue(queue, value, taken.rank));
        return expect(waiters.length > before).toBe(fits);
      }
      case 'push':
        return add(taken.at, taken.rank, (value) => queue.push(value, taken.rank));
      case 'displace': {
        const last = queue.last();
        if (last === undefined || last.rank <= taken.rank) return undefined;
        remove(taken.at, last.value);
        return add(taken.at, taken.rank, (value) => queue.push(value, taken.rank));
      }
      case 'dequeue': {
        const { next } = model;
        if (next !== undefined) model.remove(next.value);
        return expect(dequeue(queue)?.value).toBe(next?.value);
      }
      case 'remove':
        return remove(taken.at, taken.which % Math.max(1, waiters.length));
      case 'update':
        queue.update(taken.order, taken.capacity);
        return void Object.assign(model, { order: taken.order, capacity: taken.capacity });
      case 'go through':
        return goThrough(taken.at, taken.leave, taken.rank);
    }
  };

  for (const taken of steps) {
    act(taken);
    const seen = queues.map((queue) => ({
      facts: [queue.size, queue.capacity, queue.peek()?.value, queue.last()?.value],
      values: Array.from(queue, ({ value }) => value),
    }));
    const expected = models.map(({ capacity, entries, last, next }) => ({
      facts: [entries.length, capacity, next?.value, last?.value],
      values: entries.map(({ value }) => value),
    }));
    expect(seen).toStrictEqual(expected);
    expect(waiters.map((waiter) => waiter.queue !== undefined)).toStrictEqual(homes.map((home, value) => models[home]!.has(value)));
  }
  queues.forEach((queue, home) => {
    const expected = models[home]!.served.map(({ value }) => value);
    expect(expected.map(() => dequeue(queue)?.value)).toStrictEqual(expected);
    expect([queue.size, dequeue(queue)]).toStrictEqual([0, undefined]);
  });
}

describe('two queues', () => {
  it('serve, displace, refuse and keep what sorted arrays do, whatever is done to them', () => {
    const first = fc.tuple(order, capacity);
    fc.assert(fc.property(fc.array(step, { maxLength: 60, size: 'max' }), fc.tuple(first, first), play), runs(500));
  });
});
