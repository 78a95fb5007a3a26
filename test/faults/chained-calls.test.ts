import {
  concatMap, EMPTY, exhaustMap, expand, firstValueFrom, from, lastValueFrom, map, mergeMap, type MonoTypeOperatorFunction, Observable,
  type OperatorFunction, switchMap, take, throwError, toArray,
} from 'rxjs';
import { describe, expect, it } from 'vitest';
import { attempt, bulkhead, circuitBreaker, constant, fallbackToValue, fixedLimit, loadShed, loadShedder, resiliencePipeline, retryWithBackoff, vegasLimit, withDeadline } from '../../src/index.js';
import { fetch$ } from '../../src/fetch/index.js';
import { fusion } from '../../src/operator/fuse.js';
import { limited } from '../../src/operator/limited.js';
import { web } from '../fetch/servers.js';
import { collectReported } from '../reported.js';

type Same = MonoTypeOperatorFunction<number>;
type Flatten = (next: (value: number) => Observable<number>) => OperatorFunction<number, number>;

const flattening: readonly (readonly [string, Flatten])[] = [
  ['switchMap', (next) => switchMap(next)], ['concatMap', (next) => concatMap(next)],
  ['mergeMap', (next) => mergeMap(next)], ['exhaustMap', (next) => exhaustMap(next)],
];

/** Of a name of its own: so many of one name are reported. */
let made = 0;
const again = (): Same => retryWithBackoff(constant(1), { name: `retry ${made++}` }) as Same;
const reported = collectReported();

const call = (value: number): Observable<number> => attempt(() => Promise.resolve(value));

/** Each stands around one pool that has one permit. */
const pipes: readonly (readonly [string, (pool: Same) => Same])[] = [
  ['alone', (pool) => pool],
  ['within a deadline and around another', (pool) => (source) => source.pipe(withDeadline(500), pool, withDeadline(900))],
  ['within a retry', (pool) => (source) => source.pipe(pool, again())],
  ['around a retry', (pool) => (source) => source.pipe(again(), pool)],
  ['within a fallback', (pool) => (source) => source.pipe(pool, fallbackToValue(0))],
  ['around a fallback', (pool) => (source) => source.pipe(fallbackToValue(0), pool)],
  ['around a deadline that detaches', (pool) => (source) => source.pipe(withDeadline({ within: 500, onExpire: 'detach' }), pool)],
  ['within a deadline that detaches', (pool) => (source) => source.pipe(pool, withDeadline({ within: 500, onExpire: 'detach' }))],
  ['with limits', (pool) => limited(pool as never, { maxRetries: 0 }) as Same],
  ['around an attempt of an attempt', (pool) => (source) => attempt(() => source).pipe(pool)],
];

describe.each([true, false])('a call that is made for the value of another (fused: %s)', (fused) => {
  const run = async <R>(body: () => Promise<R>): Promise<R> => {
    fusion.enabled = fused;
    try {
      return await body();
    } finally {
      fusion.enabled = true;
    }
  };

  describe.each(pipes)('meets a free permit of a pool %s', (_title, around) => {
    it.each(flattening)('in %s', async (_name, flatten) => {
      const pool = bulkhead(1, 0, { name: `pool ${made++}` });
      const protect = around(pool as Same);
      const chained = (): Promise<number> => lastValueFrom(call(1).pipe(protect, flatten((value) => call(value + 1).pipe(protect))));
      expect(await run(async () => [await chained(), await chained()])).toStrictEqual([2, 2]);
      expect(pool.metrics()).toMatchObject({ accepted: 4, active: 0, queued: 0 });
    });

    it('in expand', async () => {
      const protect = around(bulkhead(1, 0, { name: `pool ${made++}` }) as Same);
      const pages = call(1).pipe(protect, expand((page) => (page < 4 ? call(page + 1).pipe(protect) : EMPTY)), toArray());
      expect(await run(() => lastValueFrom(pages))).toStrictEqual([1, 2, 3, 4]);
    });
  });

  it.each(flattening)('is the next probe in %s', async (_name, flatten) => {
    const breaker = circuitBreaker({ initialState: { state: 'half-open' }, successThreshold: 4, name: `probed ${made++}` });
    const chained = (): Promise<number> => lastValueFrom(call(1).pipe(breaker, flatten((value) => call(value + 1).pipe(breaker))));
    expect(await run(async () => [await chained(), await chained()])).toStrictEqual([2, 2]);
    expect(breaker.state).toBe('closed');
    expect(breaker.metrics()).toMatchObject({ successes: 4, late: 0 });
  });

  it('finds every policy settled', async () => {
    const pool = bulkhead(1);
    const breaker = circuitBreaker();
    const retry = retryWithBackoff(constant(0));
    const shedder = loadShedder({ limit: fixedLimit(1) });
    const shed = loadShed('critical', { shedder });
    let tries = 0;
    const source = attempt(() => (tries++ === 0 ? Promise.reject(new Error('down')) : Promise.resolve(1)));
    const seen = await run(() =>
      lastValueFrom(
        source.pipe(
          pool, breaker, retry, shed,
          map(() => [pool.active, breaker.metrics().successes, retry.metrics().recovered, shedder.inFlight]),
        ),
      ),
    );
    expect(seen).toStrictEqual([0, 1, 1, 0]);
  });

  it('finds the latency of the first one measured', async () => {
    const limit = vegasLimit({ initial: 1, min: 1 });
    const shed = loadShed('critical', { shedder: loadShedder({ limit }) });
    expect(await run(() => lastValueFrom(call(1).pipe(shed, switchMap(() => call(2).pipe(shed)))))).toBe(2);
  });

  it('gives nothing back twice where the consumer leaves with the value', async () => {
    const pool = bulkhead(2);
    const breaker = circuitBreaker();
    await run(async () => {
      for (let i = 0; i < 3; i++) await firstValueFrom(call(i).pipe(pool, breaker, take(1)));
    });
    expect(pool.metrics()).toMatchObject({ active: 0, accepted: 3 });
    expect(breaker.metrics()).toMatchObject({ calls: 3, successes: 3, abandoned: 0 });
  });

  it('nor where the consumer throws', async () => {
    const pool = bulkhead(1);
    const breaker = circuitBreaker();
    await run(async () => {
      call(1).pipe(pool, breaker).subscribe(() => {
        throw new Error('thrown by the consumer');
      });
      await new Promise((resolve) => setTimeout(resolve, 5));
    });
    expect(reported).toHaveLength(1);
    expect(pool.active).toBe(0);
    expect(breaker.metrics()).toMatchObject({ calls: 1, successes: 1 });
  });

  it('does not overtake one who waits', async () => {
    const pool = bulkhead(1, 2);
    const log: string[] = [];
    const logged = (name: string): Observable<number> =>
      attempt(() => {
        log.push(name);
        return Promise.resolve(1);
      }).pipe(pool);
    await run(() => Promise.all([lastValueFrom(logged('a').pipe(switchMap(() => logged('a again')))), lastValueFrom(logged('b'))]));
    expect(log).toStrictEqual(['a', 'b', 'a again']);
  });

  it('has the place in the queue of one who has a permit as good as in his hand', async () => {
    const pool = bulkhead(1, 1);
    const chained = lastValueFrom(call(1).pipe(pool, switchMap(() => call(2).pipe(pool))));
    const waiting = lastValueFrom(call(3).pipe(pool));
    expect(await run(() => Promise.all([chained, waiting]))).toStrictEqual([2, 3]);
  });

  it('is judged by what a predicate says of the first value', async () => {
    const breaker = circuitBreaker({ failureThreshold: 1, isFailureValue: (value) => value === 1 });
    const refused = await run(() => lastValueFrom(call(1).pipe(breaker, switchMap(() => call(2).pipe(breaker)))).catch((error: unknown) => error));
    expect(refused).toMatchObject({ code: 'CIRCUIT_OPEN' });
    const retry = retryWithBackoff(constant(1), { maxRetries: 1, retryIfValue: (value) => value === 1 });
    const pool = bulkhead(1);
    expect(await run(() => lastValueFrom(call(1).pipe(pool, retry, toArray())))).toStrictEqual([1]);
    expect(pool.metrics()).toMatchObject({ accepted: 2, active: 0 });
  });
});

it('streams of several values keep their permit to the end', () => {
  const pool = bulkhead(1);
  const source = attempt(() => from([1, 2]));
  const log: unknown[] = [];
  source.pipe(pool).subscribe((value) => log.push(value, pool.active));
  expect(log).toStrictEqual([1, 1, 2, 1]);
  expect(pool.active).toBe(0);
});

it('chained calls of a pipeline and of fetch$ meet a free place', async () => {
  const { origin } = await web((_, response) => response.end('x'));
  const pipeline = resiliencePipeline({ bulkhead: 1, retry: {}, breaker: {}, deadline: 5_000, attemptDeadline: 1_000 });
  expect(await lastValueFrom(call(1).pipe(pipeline, switchMap((value) => call(value + 1).pipe(pipeline))))).toBe(2);
  expect(await pipeline.run(() => Promise.resolve(1))).toBe(1);
  const get = (): Observable<Response> => fetch$(origin, { resilience: pipeline as never });
  const pool = bulkhead(1);
  expect((await lastValueFrom(get().pipe(switchMap(() => get())))).status).toBe(200);
  expect((await lastValueFrom(get().pipe(pool, switchMap(() => get().pipe(pool))))).status).toBe(200);
});

it('a policy settles with the error of a promise before anything is called for that', async () => {
  const pool = bulkhead(1);
  const failing = attempt(() => Promise.reject(new Error('down'))).pipe(pool);
  const answered = failing.pipe((source) => new Observable((subscriber) => source.subscribe({ error: () => call(2).pipe(pool).subscribe(subscriber) })));
  expect(await lastValueFrom(answered)).toBe(2);
  expect(await lastValueFrom(throwError(() => 'x').pipe(pool, fallbackToValue(1)))).toBe(1);
});
