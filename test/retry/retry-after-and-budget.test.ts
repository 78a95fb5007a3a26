import { defer, of, throwError, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { constant } from '../../src/core/backoff.js';
import type { Health } from '../../src/core/health.js';
import { retryBudget } from '../../src/core/retry-budget.js';
import { tokenBudget } from '../../src/core/token-budget.js';
import { withDeadline } from '../../src/deadline/with-deadline.js';
import type { RetryOptions } from '../../src/retry/retry-options.js';
import { type RetryPolicy, retryWithBackoff } from '../../src/retry/retry-with-backoff.js';
import { scenario } from '../operator/in-virtual-time.js';

const make = (ms: number, options: Omit<RetryOptions, 'backoff'> = {}) => (): RetryPolicy =>
  retryWithBackoff(constant(ms), { random: () => 0, ...options });
const down = (): Observable<never> => throwError(() => 'down');
/** Fails once with `error`, then gives `a`. */
const once = (error: unknown): Observable<unknown> => {
  let n = 0;
  return defer(() => (n++ === 0 ? throwError(() => error) : of('a')));
};

describe('Retry-After', () => {
  scenario('is a minimum', make(2), (retry, { expectObservable }) => {
    expectObservable(once({ retryAfter: 5 }).pipe(retry)).toBe('-----(a|)');
    expectObservable(once({ retryAfter: 1 }).pipe(retry)).toBe('--(a|)');
    expectObservable(once({ status: 503, headers: { 'Retry-After': '1' } }).pipe(retry)).toBe('1s (a|)');
    expectObservable(once({ status: 503, headers: { 'Retry-After': 'soon' } }).pipe(retry)).toBe('--(a|)');
  });

  scenario('is lengthened by up to a tenth', make(2, { random: () => 0.5 }), (retry, { expectObservable }) => {
    expectObservable(once({ retryAfter: 100 }).pipe(retry)).toBe('105ms (a|)');
  });

  scenario('is left aside where that is asked for', make(2, { retryAfter: false }), (retry, { expectObservable }) => {
    expectObservable(once({ retryAfter: 100 }).pipe(retry)).toBe('--(a|)');
  });

  scenario('of a value counts as well', make(2, { retryIfValue: (value) => value !== 'a' }), (retry, { expectObservable }) => {
    let n = 0;
    const response = new Response(null, { status: 503, headers: { 'retry-after': '1' } });
    expectObservable(defer(() => of(n++ === 0 ? response : 'a')).pipe(retry)).toBe('1s (a|)');
  });

  scenario('that is too long ends the call at once', make(2, { maxRetryAfter: 50 }), (retry, { expectObservable, flush }) => {
    expectObservable(once({ retryAfter: 51 }).pipe(retry)).toBe('#', undefined, { retryAfter: 51 });
    expectObservable(once({ retryAfter: 50 }).pipe(retry)).toBe('50ms (a|)');
    expectObservable(once({ retryAfter: 40 }).pipe(retry, withDeadline(40))).toBe('#', undefined, { retryAfter: 40 });
    expectObservable(once({ retryAfter: 40 }).pipe(retry, withDeadline(41))).toBe('40ms (a|)');
    flush();
    expect(retry.metrics().exhausted).toMatchObject({ retryAfter: 2, deadline: 0 });
  });

  const hold = { retryIf: (error: unknown): true | 'hold' => (error === 'down' ? true : 'hold') };

  scenario("of a 'hold' keeps later retries of the policy back", make(2, hold), (retry, { cold, expectObservable }) => {
    expectObservable(once({ retryAfter: 9 }).pipe(retry)).toBe('---------(a|)');
    let n = 0;
    expectObservable(defer(() => (n++ === 0 ? cold('---#', undefined, 'down') : of('b'))).pipe(retry)).toBe('---------(b|)');
    expectObservable(cold('----------c|').pipe(retry)).toBe('----------c|');
  });

  scenario("of a 'hold' keeps those back that wait already", make(4, hold), (retry, { cold, expectObservable, flush }) => {
    expectObservable(once('down').pipe(retry)).toBe('---------(a|)');
    let n = 0;
    expectObservable(defer(() => (n++ === 0 ? cold('--#', undefined, { retryAfter: 7 }) : of('b'))).pipe(retry)).toBe('---------(b|)');
    flush();
    expect(retry.metrics()).toMatchObject({ retries: 2, recovered: 2 });
  });

  scenario("of a 'hold' that is too long ends them", make(4, { ...hold, maxRetryAfter: 20 }), (retry, { cold, expectObservable, flush }) => {
    expectObservable(once('down').pipe(retry)).toBe('----#', undefined, 'down');
    expectObservable(cold('--#', undefined, { retryAfter: 99 }).pipe(retry)).toBe('--#', undefined, { retryAfter: 99 });
    flush();
    expect(retry.metrics()).toMatchObject({ calls: 2, tries: 2, retries: 0, exhausted: { retryAfter: 2 } });
  });

  scenario("of a 'hold' beyond their deadline ends them", make(4, { ...hold, exhausted: 'wrap' }), (retry, { cold, expectObservable }) => {
    const outcome = once('down').pipe(retry, withDeadline(10));
    const seen: unknown[] = [];
    outcome.subscribe({ error: (error: { code: unknown; cause: unknown; reason: unknown }) => seen.push(error.code, error.cause, error.reason) });
    expectObservable(cold('--#', undefined, { retryAfter: 9 }).pipe(retry), '^--!').toBe('---');
    cold('--------x').subscribe(() => expect(seen).toStrictEqual(['RETRY_EXHAUSTED', 'down', 'retryAfter']));
  });
});

describe('budget', () => {
  it('bounds what all calls of a policy add to the load', () => {
    const retry = retryWithBackoff(constant(0), { maxRetries: 9, budget: retryBudget({ burst: 2, minPerSecond: 0, ratio: 0 }) });
    let tries = 0;
    const source = defer(() => (tries++, down()));
    for (let i = 0; i < 5; i++) source.pipe(retry).subscribe({ error: () => undefined });
    expect(tries).toBe(7);
    expect(retry.metrics()).toMatchObject({ budgetLeft: 0, exhausted: { budget: 5 } });
  });

  it('is earned by first tries', () => {
    const retry = retryWithBackoff(constant(0), { maxRetries: 9, budget: retryBudget({ burst: 0, minPerSecond: 0, ratio: 0.5 }) });
    for (let i = 0; i < 5; i++) of(1).pipe(retry).subscribe();
    down().pipe(retry).subscribe({ error: () => undefined });
    expect(retry.metrics().retries).toBe(3);
  });

  it('may serve several policies', () => {
    const budget = retryBudget({ burst: 1, minPerSecond: 0, ratio: 0 });
    const [a, b] = [make(0, { budget })(), make(0, { budget })()];
    down().pipe(a).subscribe({ error: () => undefined });
    down().pipe(b).subscribe({ error: () => undefined });
    expect([a.metrics().retries, b.metrics().retries]).toStrictEqual([1, 0]);
  });

  it('pays nothing for what is not tried again for another reason', () => {
    const retry = retryWithBackoff(() => null);
    down().pipe(retry).subscribe({ error: () => undefined });
    expect(retry.metrics().budgetLeft).toBe(10);
  });

  it('of tokens is given back by calls that end well', () => {
    const retry = make(0, { budget: tokenBudget({ maxTokens: 4, tokenRatio: 1 }), maxRetries: 1 })();
    const fail = (): void => void down().pipe(retry).subscribe({ error: () => undefined });
    fail();
    expect(retry.metrics()).toMatchObject({ retries: 1, budgetLeft: 0 });
    fail();
    expect(retry.metrics().exhausted).toMatchObject({ attempts: 1, budget: 1 });
    for (let i = 0; i < 3; i++) of(1).pipe(retry).subscribe();
    fail();
    expect(retry.metrics().retries).toBe(2);
  });

  scenario('that is empty shows in the health until time has filled it', () => make(0, { budget: retryBudget({ burst: 1 }), maxRetries: 5 })(), (retry, { cold, flush, expectObservable }) => {
    const seen: [Health['status'], number][] = [];
    const subscription = retry.health$.subscribe(({ status, since }) => seen.push([status, since]));
    expectObservable(cold('--#').pipe(retry)).toBe('----#');
    flush();
    expect(seen.map(([status]) => status)).toStrictEqual(['up', 'degraded', 'up']);
    expect(seen[1]![1]).toBe(2);
    expect(seen[2]![1]).toBe(802);
    subscription.unsubscribe();
  });
});

it('holds the other calls of the policy also by the last error of a call', () => {
  new TestScheduler((actual, expected) => expect(actual).toStrictEqual(expected)).run(({ cold, expectObservable }) => {
    const down = new Error('down');
    const busy = { status: 429, retryAfter: 8 };
    const retry = retryWithBackoff(constant(1), {
      ...{ budget: false, random: () => 0, maxRetries: 1 },
      retryIf: (error) => (error === down ? true : 'hold'),
    });
    const tries = [cold('#', {}, down), cold('#', {}, busy)];
    expectObservable(defer(() => tries.shift()!).pipe(retry)).toBe('-#', {}, busy);
    const other = [cold('#', {}, down), cold('(a|)')];
    expectObservable(defer(() => other.shift()!).pipe(retry), '--^').toBe('---------(a|)');
  });
});
