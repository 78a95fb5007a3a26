import { EMPTY, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bulkhead, circuitBreaker, currentContext, fallbackToValue, retryWithBackoff } from '../../src/index.js';
import { protect } from '../../src/pipeline/protect.js';
import { resiliencePipeline } from '../../src/pipeline/resilience-pipeline.js';

describe('a function that is protected', () => {
  it.each<[title: string, fn: (a: number, b: number) => unknown, result: unknown]>([
    ['gives a promise', (a, b) => Promise.resolve(a + b), 3],
    ['gives a value', (a, b) => a + b, 3],
    ['gives an array', (a, b) => [a, b], [1, 2]],
    ['gives an observable', (a, b) => of(a, b), 2],
    ['gives an empty one', () => EMPTY, undefined],
  ])('resolves with what it %s', async (_title, fn, result) => {
    await expect(protect(fn, circuitBreaker())(1, 2)).resolves.toStrictEqual(result);
    await expect(protect(fn, resiliencePipeline({ breaker: {} }))(1, 2)).resolves.toStrictEqual(result);
  });

  it('never throws: what it throws it rejects with', async () => {
    const error = new TypeError('a bug');
    const broken = protect(() => {
      throw error;
    }, circuitBreaker());
    const result = broken();
    await expect(result).rejects.toBe(error);
  });

  it('keeps its arguments and its this for every try', async () => {
    const seen: unknown[] = [];
    const client = {
      base: '/items',
      get: protect(
        function (this: { base: string }, ...path: string[]) {
          seen.push([this.base, path, currentContext().attempt]);
          return seen.length < 2 ? Promise.reject(new Error('down')) : Promise.resolve(path.length);
        },
        retryWithBackoff(() => 0),
      ),
    };
    await expect(client.get('a', 'b')).resolves.toBe(2);
    expect(seen).toStrictEqual([['/items', ['a', 'b'], 1], ['/items', ['a', 'b'], 2]]);
  });

  it('is refused as its policy says, without being called', async () => {
    const breaker = circuitBreaker({ initialState: 'open', name: 'catalog' });
    let called = 0;
    await expect(protect(() => called++, breaker)()).rejects.toMatchObject({ code: 'CIRCUIT_OPEN', policy: 'catalog' });
    expect(called).toBe(0);
  });

  it('is answered by a fallback', async () => {
    await expect(protect(() => Promise.reject(new Error('down')), fallbackToValue('instead'))()).resolves.toBe('instead');
  });

  it('gives its permit back, however it ends', async () => {
    const pool = bulkhead(1);
    const call = protect((fails: boolean) => (fails ? Promise.reject(new Error('down')) : Promise.resolve(1)), pool);
    await call(false);
    await expect(call(true)).rejects.toThrow('down');
    expect(pool.active).toBe(0);
  });
});
