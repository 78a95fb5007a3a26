import { outcomeWindow, type WindowSpec } from '../../../src/core/outcome-window.js';
import { PermitQueue, type QueueOrder } from '../../../src/core/permit-queue.js';
import { retryBudget, type RetryBudget } from '../../../src/core/retry-budget.js';
import { tokenBudget } from '../../../src/core/token-budget.js';
import type { Case, Contender } from '../case.ts';

const sizes = [1_000, 10_000, 100_000];
const title = (size: number): string => size.toLocaleString('en');

function machine(name: string, contender: (size: number) => Contender): Case {
  return {
    group: 'pure machines',
    name,
    base: title(sizes[0]!),
    contenders: () => Object.fromEntries(sizes.map((size) => [title(size), contender(size)])),
    targets: sizes.slice(1).map((size) => ({ of: title(size), against: title(sizes[0]!), atMost: 1.5 })),
    cleanOnly: true,
  };
}

const expectEqual = (found: number, wanted: number): void => {
  if (found !== wanted) throw new Error(`${found} instead of ${wanted}`);
};

/** As many wait as `size` says; one comes, and the next one is served. */
const queue = (order: QueueOrder) => machine(`queue, ${order}: one comes, one is served`, (size) => {
  const waiting = new PermitQueue<number>(order, size + 1);
  for (let i = 0; i < size; i += 1) waiting.push(i, i % 4);
  return {
    run(times) {
      let served = 0;
      for (let i = 0; i < times; i += 1) {
        waiting.push(i, i % 4);
        if (waiting.remove(waiting.peek()!)) served += 1;
      }
      expectEqual(served, times);
      expectEqual(waiting.size, size);
    },
  };
});

/** One leaves from the middle of those who wait, another comes. */
const leaving = machine('queue: one leaves from the middle, one comes', (size) => {
  const waiting = new PermitQueue<number>('fifo', size + 1);
  const waiters = Array.from({ length: size }, (_, i) => waiting.push(i, 0));
  let at = 0;
  return {
    run(times) {
      for (let i = 0; i < times; i += 1) {
        // A step that has no factor in common with the sizes meets each waiter once before it comes round.
        at = (at + 617) % size;
        waiting.remove(waiters[at]!);
        waiters[at] = waiting.push(i, 0);
      }
      expectEqual(waiting.size, size);
    },
  };
});

/** The window is full of outcomes; one more is counted, and the rate is read. `now` runs on so that it ages. */
const outcomes = (name: string, spec: (size: number) => WindowSpec, pace: number) => machine(name, (size) => {
  const window = outcomeWindow(spec(size));
  // Never a whole number, for any size: the engine keeps those in another way.
  let now = 0.123;
  const count = (times: number): number => {
    let rates = 0;
    for (let i = 0; i < times; i += 1) {
      now += pace / size;
      window.record(i % 2 === 0, false, now);
      rates += window.failures(now) / window.calls(now);
    }
    return rates;
  };
  count(2 * size);
  return {
    run(times) {
      const rate = count(times) / times;
      if (!(rate > 0.3 && rate < 0.7)) throw new Error(`a rate of ${rate}`);
    },
  };
});

/** So many first tries lie between two failures; each operation is a try that ends well, and one in `size` fails. */
const budget = (name: string, make: () => RetryBudget) => machine(name, (size) => {
  const budget = make();
  let now = 0;
  let tries = 0;
  return {
    run(times) {
      let taken = 0;
      for (let i = 0; i < times; i += 1) {
        budget.tried();
        tries += 1;
        if (tries % size === 0) {
          now += 5;
          budget.failed();
          if (budget.take(now)) taken += 1;
        } else {
          budget.succeeded();
        }
      }
      if (taken < Math.floor(times / size)) throw new Error(`${taken} retries in ${times} tries`);
    },
  };
});

const tenSeconds = 10_000;

export const machineCases: readonly Case[] = [
  queue('fifo'),
  queue('lifo'),
  queue('adaptive-lifo'),
  queue('priority'),
  leaving,
  outcomes('window of calls: count, read', (calls) => ({ calls }), 1),
  outcomes('window of 10 s that holds so many: count, read', () => ({ time: tenSeconds }), tenSeconds),
  budget('retryBudget: a try, now and then a retry', () => retryBudget()),
  budget('tokenBudget: a try, now and then a retry', () => tokenBudget({ maxTokens: 100, tokenRatio: 0.1 })),
];
