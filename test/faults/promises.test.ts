import { lastValueFrom, throwError } from 'rxjs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fallbackTo, healthBoard, resiliencePipeline, warmup } from 'rxjs-resilience';

/** Node ends a process where a promise rejects and nothing handles it. */
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
let others: NodeJS.UnhandledRejectionListener[];

beforeEach(() => {
  unhandled.length = 0;
  others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', note);
});
afterEach(() => {
  process.off('unhandledRejection', note);
  for (const other of others) process.on('unhandledRejection', other);
});

const settled = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 5));
const error = new Error('defaults not found');
const down = throwError(() => new Error('down'));

it.each<[string, (promise: Promise<never>) => (() => unknown) | undefined]>([
  ['fallbackTo', (promise) => {
    const fallback = fallbackTo(promise);
    return () => lastValueFrom(down.pipe(fallback));
  }],
  ['the fallback of a pipeline', (promise) => {
    const pipeline = resiliencePipeline({ fallback: promise });
    return () => pipeline.run(() => Promise.reject(new Error('down')));
  }],
  ['warmup', (promise) => void healthBoard({ startup: { cache: warmup('cache', promise) } })],
])('a promise given to %s may reject before it is needed', async (_title, give) => {
  const use = give(Promise.reject(error));
  await settled();
  expect(unhandled).toStrictEqual([]);
  if (use !== undefined) await expect(use()).rejects.toBe(error);
});

it('begins no work of what is only like a promise', async () => {
  let begun = 0;
  const query = { then: (resolve: (value: number) => void): void => void (begun++, resolve(1)) } as PromiseLike<number>;
  const fallback = fallbackTo(query);
  expect(begun).toBe(0);
  expect(await lastValueFrom(down.pipe(fallback))).toBe(1);
  expect(begun).toBe(1);
});
