import { defer, EMPTY, from, ignoreElements, Observable, of, Subject, throwError, timer } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { circuitBreaker } from '../../src/circuit-breaker/circuit-breaker.js';
import { withDeadline } from '../../src/deadline/with-deadline.js';
import { attempt } from '../../src/operator/attempt.js';
import { currentContext, runInContext } from '../../src/operator/context.js';
import { isRetryExhaustedError } from '../../src/retry/retry-exhausted-error.js';
import type { BackoffStrategy, RetryOptions } from '../../src/retry/retry-options.js';
import type { RetryEvent } from '../../src/retry/retry-events.js';
import { type RetryPolicy, retryWithBackoff } from '../../src/retry/retry-with-backoff.js';
import { scenario } from '../operator/in-virtual-time.js';

const retryOn = (strategy: BackoffStrategy, options: Omit<RetryOptions, 'backoff'> = {}) => (): RetryPolicy =>
  retryWithBackoff(strategy, { budget: false, random: () => 0, ...options });

describe('a strategy that answers with an observable', () => {
  scenario('begins the next try with its first value', retryOn(() => timer(3, 1)), (retry, { cold, expectObservable, expectSubscriptions }) => {
    const source = cold('  -#');
    expectObservable(source.pipe(retry)).toBe('-------------#');
    expectSubscriptions(source.subscriptions).toBe(['^!', '----^!', '--------^!', '------------^!']);
  });

  scenario('is left with the call', retryOn(() => timer(9)), (retry, { cold, expectObservable, expectSubscriptions }) => {
    const source = cold('  -#');
    expectObservable(source.pipe(retry), '^--!').toBe('----');
    expectSubscriptions(source.subscriptions).toBe('^!');
  });

  scenario('is cut by the deadline of the call', retryOn(() => timer(9)), (retry, { cold, expectObservable, expectSubscriptions }) => {
    const source = cold('  -#');
    expectObservable(source.pipe(retry, withDeadline(5))).toBe('-----#', {}, expect.objectContaining({ code: 'DEADLINE_EXCEEDED' }));
    expectSubscriptions(source.subscriptions).toBe('^!');
  });

  scenario(
    'waits for at least as long as the error asks for',
    retryOn(({ attempt }) => timer(attempt === 1 ? 2 : 9), { maxRetries: 2 }),
    (retry, { cold, expectObservable, expectSubscriptions }) => {
      const error = { status: 503, retryAfter: 5 };
      const source = cold('  #', {}, error);
      expectObservable(source.pipe(retry)).toBe('--------------#', {}, error);
      expectSubscriptions(source.subscriptions).toBe(['(^!)', '-----(^!)', '--------------(^!)']);
    },
  );

  scenario(
    'waits for as long as another call holds the policy',
    retryOn(() => timer(2), { maxRetries: 1, retryIf: (error) => (error === 'error' ? true : 'hold') }),
    (retry, { cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  #');
      expectObservable(source.pipe(retry)).toBe('------#');
      expectObservable(cold('-#', {}, { retryAfter: 5 }).pipe(retry)).toBe('-------#', {}, { retryAfter: 5 });
      expectSubscriptions(source.subscriptions).toBe(['(^!)', '------(^!)']);
    },
  );

  scenario('gives up where it completes without a value', retryOn(() => EMPTY), (retry, { cold, expectObservable, expectSubscriptions }) => {
    const source = cold('  -#');
    expectObservable(source.pipe(retry)).toBe('-#');
    expectSubscriptions(source.subscriptions).toBe('^!');
  });

  scenario('gives up where it completes later', retryOn(() => timer(2).pipe(ignoreElements())), (retry, { cold, expectObservable }) => {
    expectObservable(cold('-#').pipe(retry)).toBe('---#');
  });

  scenario('ends the call with its own error', retryOn(() => throwError(() => 'no more')), (retry, { cold, expectObservable }) => {
    expectObservable(cold('-#').pipe(retry)).toBe('-#', {}, 'no more');
  });

  scenario('delivers the value that was not good enough, where it gives up on one', retryOn(() => EMPTY, { retryIfValue: (value) => value === 'p' }), (retry, { cold, expectObservable, expectSubscriptions }) => {
    const source = cold('  -(p|)');
    expectObservable(source.pipe(retry)).toBe('-(p|)');
    expectSubscriptions(source.subscriptions).toBe('^!');
  });

  it('goes on in a loop where its value is there at once', () => {
    let tries = 0;
    const source = defer(() => (++tries < 100_000 ? throwError(() => 'down') : of('up')));
    const seen: unknown[] = [];
    source.pipe(retryWithBackoff(() => of(1), { budget: false, maxRetries: Infinity })).subscribe((value) => seen.push(value));
    expect({ seen, tries }).toStrictEqual({ seen: ['up'], tries: 100_000 });
  });

  it('takes one value of one that never ends to give them', () => {
    const endless = new Observable<number>((subscriber) => {
      for (let i = 0; !subscriber.closed; i++) subscriber.next(i);
    });
    let tries = 0;
    defer(() => (tries++, throwError(() => 'down'))).pipe(retryWithBackoff(() => endless, { budget: false })).subscribe({ error: () => undefined });
    expect(tries).toBe(4);
  });

  it('counts and tells as every strategy does, and says that it knows no delay', () => {
    const go = new Subject<void>();
    const retry = retryWithBackoff(() => go, { budget: false, maxRetries: 5 });
    const events: RetryEvent[] = [];
    retry.events$.subscribe((event) => events.push(event));
    throwError(() => 'down').pipe(retry).subscribe({ error: () => undefined });
    go.next();
    go.complete();
    expect(retry.metrics()).toMatchObject({ tries: 2, retries: 1, exhausted: { strategy: 1 } });
    expect(events.map(({ type }) => type)).toStrictEqual(['scheduled', 'scheduled', 'exhausted']);
    expect(events[0]).toMatchObject({ delay: NaN, attempt: 1, of: 6 });
  });

  it('tells an outer retry that it has given up', () => {
    let tries = 0;
    const source = defer(() => (tries++, throwError(() => 'down')));
    source.pipe(retryWithBackoff(() => EMPTY), retryWithBackoff(() => 0)).subscribe({ error: () => undefined });
    expect(tries).toBe(1);
  });

  it('wraps the last error where that is asked for', () => {
    let seen: unknown;
    throwError(() => 'down').pipe(retryWithBackoff(() => EMPTY, { exhausted: 'wrap' })).subscribe({ error: (error) => (seen = error) });
    expect(isRetryExhaustedError(seen)).toBe(true);
    expect(seen).toMatchObject({ reason: 'strategy', attempts: 1, cause: 'down' });
  });

  it('runs in the context of the call, and what it does counts for no policy of the call', () => {
    const contexts: unknown[] = [];
    const breaker = circuitBreaker({ failureThreshold: 9 });
    const until = defer(() => (contexts.push(currentContext().tags), of(1)));
    const call = throwError(() => 'down').pipe(breaker, retryWithBackoff(() => until, { budget: false, maxRetries: 1 }));
    runInContext({ tags: { tenant: 'a' } }, () => call.subscribe({ error: () => undefined }));
    expect(contexts).toStrictEqual([{ tenant: 'a' }]);
    expect(breaker.metrics()).toMatchObject({ calls: 2, failures: 2 });
  });

  it('leaves the context of the one who gives the value alone', () => {
    const go = new Subject<void>();
    const contexts: unknown[] = [];
    const source = defer(() => (contexts.push(currentContext().tags), throwError(() => 'down')));
    const call = source.pipe(retryWithBackoff(() => go, { budget: false, maxRetries: 1 }));
    runInContext({ tags: { tenant: 'a' } }, () => call.subscribe({ error: () => undefined }));
    runInContext({ tags: { tenant: 'b' } }, () => go.next());
    expect(contexts).toStrictEqual([{ tenant: 'a' }, { tenant: 'a' }]);
  });
});

describe('a strategy that answers with a promise', () => {
  it('begins the next try when it is fulfilled, and ends the call with its rejection', async () => {
    let tries = 0;
    const promises = [Promise.resolve(), Promise.reject(new Error('no more'))];
    const source = attempt(() => (tries++, Promise.reject(new Error('down'))));
    const error = await new Promise((resolve) => {
      source.pipe(retryWithBackoff(() => promises.shift()!, { budget: false })).subscribe({ error: resolve });
    });
    expect(error).toMatchObject({ message: 'no more' });
    expect(tries).toBe(2);
  });
});

describe('what a strategy must not answer with', () => {
  it('ends the call with an error where nothing can be waited for', () => {
    const error = vi.fn();
    throwError(() => 'down').pipe(retryWithBackoff(() => ({}) as never)).subscribe({ error });
    expect(error.mock.calls[0]![0]).toBeInstanceOf(TypeError);
  });

  it('is refused by a circuit, which has to know when its break is over', () => {
    const error = vi.fn();
    const breaker = circuitBreaker({ failureThreshold: 1, breakDuration: () => from([1]) as never });
    throwError(() => 'down').pipe(breaker).subscribe({ error });
    expect(error.mock.calls[0]![0]).toMatchObject({ name: 'TypeError', message: expect.stringContaining('breakDuration') });
    expect(breaker.metrics().failures).toBe(1);
  });
});

describe('a promise of a strategy that nobody waits for', () => {
  const rejecting = (): Promise<never> => Promise.reject(new Error('own'));

  it.each<[string, () => void]>([
    ['in shadow mode', () => void throwError(() => 'down').pipe(retryWithBackoff(rejecting, { mode: 'shadow' })).subscribe({ error: () => undefined })],
    ['where the dependency asks for too much time', () => void throwError(() => ({ status: 503, retryAfter: 60_000 })).pipe(retryWithBackoff(rejecting)).subscribe({ error: () => undefined })],
    ['of a circuit', () => void throwError(() => 'down').pipe(circuitBreaker({ failureThreshold: 1, breakDuration: rejecting as never })).subscribe({ error: () => undefined })],
  ])('is no unhandled rejection %s', async (_title, run) => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    run();
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
