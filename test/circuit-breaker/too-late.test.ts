import { concat, type Observable, of, throwError, timer } from 'rxjs';
import { ignoreElements } from 'rxjs/operators';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { circuitBreaker, type CircuitBreakerOptions, Deadline, resiliencePipeline, runInContext, withDeadline } from '../../src/index.js';

const http = { status: 504 };
const grpc = { code: 4, metadata: {} };
const after = (ms: number, error: unknown): Observable<never> =>
  concat(timer(ms).pipe(ignoreElements()), throwError(() => error)) as Observable<never>;

/** What a breaker counted of a call whose source answers with `error` after `ms`, with so much time received, if any. */
function counted(
  { received, ms, error = http, options = {} }: { received?: number; ms: number; error?: unknown; options?: CircuitBreakerOptions },
  pipe: (source: Observable<never>, breaker: ReturnType<typeof circuitBreaker>) => Observable<unknown> = (source, breaker) => source.pipe(breaker),
): { failures: number; ignored: number } {
  let result = { failures: -1, ignored: -1 };
  new TestScheduler(() => undefined).run(({ flush }) => {
    const breaker = circuitBreaker(options);
    const call = (): unknown => pipe(after(ms, error), breaker).subscribe({ error: () => undefined });
    if (received === undefined) call();
    else runInContext({ deadline: Deadline.after(received) }, call);
    flush();
    const { failures, ignored } = breaker.metrics();
    result = { failures, ignored };
  });
  return result;
}

const failure = { failures: 1, ignored: 0 };
const ignored = { failures: 0, ignored: 1 };

describe('a service that answers that it is too late, shortly before the deadline that it was told', () => {
  it.each([['HTTP 504', http], ['gRPC 4', grpc]])('proves nothing where it had no fair time: %s', (_what, error) => {
    expect(counted({ received: 60, ms: 55, error })).toStrictEqual(ignored);
    expect(counted({ received: 900, ms: 895, error })).toStrictEqual(ignored);
  });

  it('has hung where it had one', () => {
    expect(counted({ received: 2_000, ms: 1_990 })).toStrictEqual(failure);
  });

  it('has failed by itself where much time is left, or nobody limits it', () => {
    expect(counted({ received: 900, ms: 800 })).toStrictEqual(failure);
    expect(counted({ ms: 55 })).toStrictEqual(failure);
  });

  it('counts by the breaker that says when a call hangs', () => {
    expect(counted({ received: 900, ms: 895, options: { hungAfter: 500 } })).toStrictEqual(failure);
    expect(counted({ received: 5_000, ms: 4_990, options: { hungAfter: 6_000 } })).toStrictEqual(ignored);
  });

  it('has hung where the time was our own setting, of each try or of the whole', () => {
    expect(counted({ ms: 795 }, (source, breaker) => source.pipe(withDeadline(800), breaker))).toStrictEqual(failure);
    expect(counted({ ms: 795 }, (source, breaker) => source.pipe(breaker, withDeadline(800)))).toStrictEqual(failure);
    const pipeline = (source: Observable<never>, breaker: ReturnType<typeof circuitBreaker>): Observable<unknown> =>
      source.pipe(resiliencePipeline({ name: 'x', attemptDeadline: 800, breaker, deadline: 3_000 }));
    expect(counted({ ms: 795 }, pipeline)).toStrictEqual(failure);
    expect(counted({ received: 300, ms: 295 }, pipeline)).toStrictEqual(ignored);
  });

  it('says so by nothing else: another error is a failure, however late it is', () => {
    for (const error of [{ status: 503 }, { code: 4 }, new Error('late')]) {
      expect(counted({ received: 60, ms: 55, error })).toStrictEqual(failure);
    }
  });

  it('does not let an error hide whose getters throw', () => {
    const hostile = Object.defineProperty({}, 'metadata', { get: () => { throw new Error('hostile'); } });
    expect(counted({ received: 60, ms: 55, error: hostile })).toStrictEqual(failure);
  });

  it('leaves answers alone', () => {
    expect(counted({ received: 60, ms: 55 }, (_source, breaker) => of(1).pipe(breaker))).toStrictEqual({ failures: 0, ignored: 0 });
  });
});
