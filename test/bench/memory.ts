import { catchError, type Observable, of, retry, timeout } from 'rxjs';
import { awaiting, type Begin, subscribing } from './calls.ts';
import { operators } from './cases/alone.ts';
import { allowed, ourStack } from './contenders/ours.ts';
import { cockatiel, opossum } from './contenders/peers.ts';
import { leanStack, rxjsStack, semaphore } from './contenders/recipes.ts';
import { Held, inFlight } from './sources.ts';
import { median } from './statistics.ts';

/** What begins calls, and bytes that each of them may hold while it is in flight. */
export interface MemoryRow {
  readonly name: string;
  readonly begin: (held: Held) => Begin;
  /** Bytes, at most. */
  readonly atMost?: number;
}

const stack = (name: string, apply: (source: Observable<number>) => Observable<number>, atMost?: number): MemoryRow => ({
  name,
  begin: ({ source }) => subscribing(apply(source)),
  ...(atMost === undefined ? {} : { atMost }),
});

const peer = (name: string, wrap: (call: () => Promise<number>) => () => Promise<number>): MemoryRow => ({
  name,
  begin: ({ promise }) => awaiting(wrap(promise)),
});

/** Each made in a process of its own. */
export const memoryRows: Readonly<Record<string, () => MemoryRow>> = {
  bare: () => stack('bare', (source) => source),
  'bare promise': () => peer('bare promise', (call) => call),
  ...Object.fromEntries(
    operators.map(({ name, ours }) => [
      name,
      () => stack(name, ours(), name === 'withDeadline' ? 1_400 : undefined),
    ]),
  ),
  'five stacked': () => stack('five stacked', ourStack()),
  'rxjs timeout': () => stack('rxjs timeout', (source) => source.pipe(timeout(allowed))),
  'rxjs retry': () => stack('rxjs retry', (source) => source.pipe(retry(3))),
  'rxjs catchError': () => stack('rxjs catchError', (source) => source.pipe(catchError(() => of(0)))),
  'rxjs semaphore recipe': () => stack('rxjs semaphore recipe', semaphore(inFlight)),
  'rxjs five stacked': () => stack('rxjs five stacked', rxjsStack()),
  'rxjs five stacked, the least': () => stack('rxjs five stacked, the least', leanStack()),
  'opossum, deadline': () => peer('opossum, deadline', opossum.deadline()),
  'opossum, stacked': () => peer('opossum, stacked', opossum.stack()),
  'cockatiel, deadline': () => peer('cockatiel, deadline', cockatiel.deadline()),
  'cockatiel, stacked': () => peer('cockatiel, stacked', cockatiel.stack()),
};

async function collected(collect: () => void): Promise<number> {
  // Twice, with a turn between: what a finalizer or a microtask still held is gone by then.
  for (let i = 0; i < 2; i += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  collect();
  return process.memoryUsage().heapUsed;
}

/** The median of some repeats; throws where a call did not end as it should. */
export async function heldPerCall(row: MemoryRow, repeats: number, collect: () => void, calls = inFlight): Promise<number> {
  const held = new Held();
  const begin = row.begin(held);
  const tally = { sum: 0, ended: 0 };
  const sink = {
    next: (value: number) => (tally.sum += value),
    error: () => {},
    complete: () => (tally.ended += 1),
  };
  const found: number[] = [];
  // One more at first: code that runs for the first time leaves something behind.
  for (let repeat = 0; repeat <= repeats; repeat += 1) {
    const before = await collected(collect);
    for (let i = 0; i < calls; i += 1) begin(sink);
    found.push(((await collected(collect)) - before) / calls);
    held.end();
    await new Promise((resolve) => setImmediate(resolve));
    const wanted = calls * (repeat + 1);
    if (tally.sum !== wanted || tally.ended !== wanted) {
      throw new Error(`${row.name}: ${tally.ended} of ${wanted} ended, with a sum of ${tally.sum}`);
    }
  }
  return median(found.slice(1));
}
