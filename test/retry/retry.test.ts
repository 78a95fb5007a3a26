import { concat, defer, finalize, from, NEVER, Observable, of, Subject, take, throwError, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { constant, exponential } from '../../src/core/backoff.js';
import { withDeadline } from '../../src/deadline/with-deadline.js';
import { fallbackToValue } from '../../src/fallback/fallback-to.js';
import { currentContext } from '../../src/operator/context.js';
import { isRetryExhaustedError, RetryExhaustedError } from '../../src/retry/retry-exhausted-error.js';
import type { RetryOptions } from '../../src/retry/retry-options.js';
import { retryWithBackoff } from '../../src/retry/retry-with-backoff.js';
import { scenario } from '../operator/in-virtual-time.js';
import { thrownBy } from '../thrown.js';

const after = (ms: number, options: Omit<RetryOptions, 'backoff'> = {}) => (): ReturnType<typeof retryWithBackoff> =>
  retryWithBackoff(constant(ms), options);

/** What a consumer sees of a source that is over at once. */
function seen(source: Observable<unknown>): readonly unknown[] {
  const log: unknown[] = [];
  source.subscribe({ next: (value) => log.push(value), error: (error) => log.push({ error }), complete: () => log.push('|') });
  return log;
}

/** Fails with each of `errors` in turn, then gives `value`. */
function failing(errors: readonly unknown[], value: unknown = 'ok'): Observable<unknown> & { tries: () => number } {
  let n = 0;
  const source = defer(() => (n < errors.length ? throwError(() => errors[n++]) : (n++, of(value))));
  return Object.assign(source, { tries: () => n });
}

describe('retryWithBackoff', () => {
  scenario('waits as the strategy says before each try', () => retryWithBackoff(exponential({ initial: 2, jitter: 'none' })), (retry, { cold, expectObservable, expectSubscriptions }) => {
    const source = cold('  -a-#');
    const expected = '     -a----a------a----------a-#';
    expectObservable(source.pipe(retry)).toBe(expected);
    expectSubscriptions(source.subscriptions).toBe([
      '                    ^--!',
      '                    -----^--!',
      '                    ------------^--!',
      '                    -----------------------^--!',
    ]);
  });

  scenario('ends the wait where the consumer leaves', after(5), (retry, { cold, expectObservable, expectSubscriptions }) => {
    const source = cold('  -#');
    expectObservable(source.pipe(retry), '^--!').toBe('----');
    expectSubscriptions(source.subscriptions).toBe('^!');
  });

  scenario('begins no wait that the deadline would cut', after(5), (retry, { cold, expectObservable, expectSubscriptions }) => {
    const source = cold('  --#');
    expectObservable(source.pipe(retry, withDeadline(14))).toBe('---------#');
    expectSubscriptions(source.subscriptions).toBe(['^-!', '-------^-!']);
    const tight = cold('   --#');
    expectObservable(tight.pipe(retry, withDeadline(7))).toBe('--#');
    expectSubscriptions(tight.subscriptions).toBe('^-!');
    const enough = cold('  --#');
    expectObservable(enough.pipe(retry, withDeadline(8), fallbackToValue('x'))).toBe('--------(x|)');
    expectSubscriptions(enough.subscriptions).toBe(['^-!', '-------^!']);
  });

  it('lets what is not transient through, unchanged', () => {
    for (const error of [{ status: 404 }, new TypeError('x'), new DOMException('x', 'AbortError')]) {
      const source = failing([error]);
      expect(seen(source.pipe(retryWithBackoff(constant(0))))).toStrictEqual([{ error }]);
      expect(source.tries()).toBe(1);
    }
  });

  it.each([0, 1, 3])('makes %i tries after the first', (maxRetries) => {
    const source = failing(Array(9).fill('down'));
    const retry = retryWithBackoff(constant(0), { maxRetries });
    expect(seen(source.pipe(retry))).toStrictEqual([{ error: 'down' }]);
    expect(source.tries()).toBe(maxRetries + 1);
    expect(retry.metrics()).toStrictEqual({
      ...{ calls: 1, tries: maxRetries + 1, retries: maxRetries, recovered: 0 },
      exhausted: { attempts: 1, budget: 0, deadline: 0, strategy: 0, retryAfter: 0 },
      budgetLeft: 10 - maxRetries,
    });
  });

  it('does not grow the stack with 100,000 synchronous failures', () => {
    const source = failing(Array(100_000).fill('down'));
    const retry = retryWithBackoff(constant(0), { maxRetries: Infinity, budget: false });
    expect(seen(source.pipe(retry))).toStrictEqual(['ok', '|']);
    expect(source.tries()).toBe(100_001);
  });

  it('says further in which try it is, and outside that it is none', () => {
    const attempts: number[] = [];
    const source = defer(() => {
      attempts.push(currentContext().attempt);
      return throwError(() => 'down');
    });
    source.pipe(retryWithBackoff(constant(0), { maxRetries: 2 })).subscribe({ error: () => attempts.push(currentContext().attempt) });
    expect(attempts).toStrictEqual([1, 2, 3, 1]);
  });

  it('keeps the count of each call for itself', () => {
    const retry = retryWithBackoff(constant(0), { maxRetries: 2 });
    for (let i = 0; i < 2; i++) expect(seen(failing(['a', 'b']).pipe(retry))).toStrictEqual(['ok', '|']);
  });

  it('tells the strategy what it needs to know', () => {
    const told: unknown[] = [];
    const strategy = ({ attempt, previousDelay, error }: { attempt: number; previousDelay: number; error: unknown }): number => {
      told.push([attempt, previousDelay, error]);
      return attempt < 3 ? 0 : -1;
    };
    seen(failing(['a', 'b', 'c']).pipe(retryWithBackoff(strategy)));
    expect(told).toStrictEqual([[1, 0, 'a'], [2, 0, 'b'], [3, 0, 'c']]);
  });

  it('stops where the strategy says so', () => {
    const retry = retryWithBackoff(({ attempt }) => (attempt === 2 ? null : 0));
    expect(seen(failing(['a', 'b', 'c']).pipe(retry))).toStrictEqual([{ error: 'b' }]);
    expect(retry.metrics().exhausted.strategy).toBe(1);
  });

  it('wraps the last error where that is asked for, and no retry tries that again', () => {
    const inner = retryWithBackoff(constant(0), { maxRetries: 1, exhausted: 'wrap', name: 'inner' });
    const source = failing(Array(9).fill('down'));
    const [only] = seen(source.pipe(inner, retryWithBackoff(constant(0), { retryIf: () => true }))) as [{ error: RetryExhaustedError }];
    expect(isRetryExhaustedError(only.error)).toBe(true);
    expect(only.error).toMatchObject({ attempts: 2, reason: 'attempts', cause: 'down', policy: 'inner', code: 'RETRY_EXHAUSTED' });
    expect(only.error.message).toBe('inner: gave up after 2 tries (attempts)');
    expect(source.tries()).toBe(2);
  });

  it.each(['one subscriber', 'two'])('does not multiply with another retry, as %s', (how) => {
    const source = failing(Array(99).fill({ status: 503 }));
    const between = <T>(s: Observable<T>): Observable<T> => (how === 'two' ? s.pipe(finalize(() => undefined)) : s);
    const outer = retryWithBackoff(constant(0));
    expect(seen(source.pipe(retryWithBackoff(constant(0)), between, outer))).toStrictEqual([{ error: { status: 503 } }]);
    expect(source.tries()).toBe(4);
    expect(outer.metrics().exhausted.attempts).toBe(0);
  });

  it('tries again what an inner retry lets through without having given up on it', () => {
    const source = failing(['a', 'b']);
    const inner = retryWithBackoff(constant(0), { retryIf: () => false });
    expect(seen(source.pipe(inner, retryWithBackoff(constant(0))))).toStrictEqual(['ok', '|']);
  });

  it("repeats output by default, and never with afterValue: 'fail'", () => {
    const make = (): Observable<unknown> => concat(of('v'), failing(['down']));
    expect(seen(make().pipe(retryWithBackoff(constant(0))))).toStrictEqual(['v', 'v', 'ok', '|']);
    expect(seen(make().pipe(retryWithBackoff(constant(0), { afterValue: 'fail' })))).toStrictEqual(['v', { error: 'down' }]);
    const isValue = (value: unknown): boolean => value !== 'v';
    expect(seen(make().pipe(retryWithBackoff(constant(0), { afterValue: 'fail', isValue })))).toStrictEqual(['v', 'v', 'ok', '|']);
  });

  it('counts anew after a value where that is asked for', () => {
    let n = 0;
    const source = defer(() => concat(n % 2 === 1 ? of(n) : [], n++ < 9 ? throwError(() => 'down') : []));
    expect(seen(source.pipe(retryWithBackoff(constant(0), { maxRetries: 2 }))).at(-1)).toStrictEqual({ error: 'down' });
    n = 0;
    const forever = retryWithBackoff(constant(0), { maxRetries: 2, resetOnValue: true });
    expect(seen(source.pipe(forever))).toStrictEqual([1, 3, 5, 7, 9, '|']);
  });

  describe('with retryIfValue', () => {
    const poor = { retryIfValue: (value: unknown): boolean => value === 503 };
    const answers = (...values: unknown[]): Observable<unknown> => {
      let n = 0;
      return defer(() => of(values[Math.min(n++, values.length - 1)]));
    };

    it('does not deliver a value that is not good enough', () => {
      const retry = retryWithBackoff(constant(0), poor);
      expect(seen(answers(503, 503, 200).pipe(retry))).toStrictEqual([200, '|']);
      expect(retry.metrics()).toMatchObject({ calls: 1, retries: 2, recovered: 1 });
    });

    it('delivers the last one, which is no recovery', () => {
      const retry = retryWithBackoff(constant(0), poor);
      expect(seen(answers(503).pipe(retry))).toStrictEqual([503, '|']);
      expect(retry.metrics()).toMatchObject({ retries: 3, recovered: 0, exhausted: { attempts: 1 } });
    });

    it('gives up once on a call, though more such values come', () => {
      const retry = retryWithBackoff(constant(0), { ...poor, maxRetries: 0 });
      expect(seen(of(503, 503, 1).pipe(retry))).toStrictEqual([503, 503, 1, '|']);
      expect(retry.metrics().exhausted.attempts).toBe(1);
    });

    it('asks nothing of what is not a value', () => {
      const retry = retryWithBackoff(constant(0), { retryIfValue: () => true, isValue: (value) => value !== 'sent', maxRetries: 0 });
      expect(seen(of('sent').pipe(retry))).toStrictEqual(['sent', '|']);
      expect(retry.metrics().exhausted.attempts).toBe(0);
    });

    scenario('tears the source down and waits', after(3, poor), (retry, { cold, expectObservable, expectSubscriptions }) => {
      const bad = cold('     -a---|', { a: 503 });
      const good = cold('    -b-|');
      let n = 0;
      expectObservable(defer(() => (n++ === 0 ? bad : good)).pipe(retry)).toBe('-----b-|');
      expectSubscriptions(bad.subscriptions).toBe('^!');
      expectSubscriptions(good.subscriptions).toBe('----^--!');
    });

    scenario('shows the value that counts to what is further out', after(3, poor), (retry, { cold, expectObservable }) => {
      const bad = cold('     -a', { a: 503 });
      const good = cold('    --b------|');
      let n = 0;
      const pipe = defer(() => (n++ === 0 ? bad : good)).pipe(retry, withDeadline({ within: 7, until: 'firstValue' }));
      expectObservable(pipe).toBe('------b------|');
    });
  });

  describe('whose callback throws', () => {
    const boom = (): never => {
      throw 'boom';
    };
    it.each<[string, RetryOptions]>([
      ['backoff', { backoff: boom }],
      ['retryIf', { retryIf: boom }],
      ['classify', { classify: boom }],
      ['random', { random: boom }],
    ])('ends the call with what %s has thrown', (_name, options) => {
      const retry = retryWithBackoff(options);
      expect(seen(failing(['down']).pipe(retry))).toStrictEqual([{ error: 'boom' }]);
    });

    it.each<[string, RetryOptions]>([
      ['retryIfValue', { retryIfValue: boom }],
      ['isValue', { isValue: boom }],
    ])('ends the call with what %s has thrown, and leaves the source', (_name, options) => {
      const source = new Subject<unknown>();
      const log: unknown[] = [];
      source.pipe(retryWithBackoff(options)).subscribe({ error: (error) => log.push(error) });
      source.next(1);
      expect(log).toStrictEqual(['boom']);
      expect(source.observed).toBe(false);
    });
  });

  it('counts and publishes in shadow, and tries nothing again', () => {
    const retry = retryWithBackoff(constant(0), { mode: 'shadow', retryIfValue: (value) => value === 503 });
    const events: string[] = [];
    retry.events$.subscribe(({ type }) => events.push(type));
    const source = failing(['down']);
    expect(seen(source.pipe(retry))).toStrictEqual([{ error: 'down' }]);
    expect(seen(of(503, 503).pipe(retry))).toStrictEqual([503, 503, '|']);
    expect(source.tries()).toBe(1);
    expect(events).toStrictEqual(['scheduled', 'scheduled']);
    expect(retry.metrics()).toMatchObject({ calls: 2, retries: 2, recovered: 0 });
  });

  it('neither decides nor counts where it is disabled', () => {
    const retry = retryWithBackoff(constant(0), { mode: 'disabled', retryIfValue: () => true });
    expect(seen(failing(['down']).pipe(retry))).toStrictEqual([{ error: 'down' }]);
    expect(seen(of(1).pipe(retry))).toStrictEqual([1, '|']);
    expect(retry.metrics()).toMatchObject({ calls: 0, tries: 0, retries: 0 });
  });

  it('lets a fallback have what it has given up on', () => {
    expect(seen(failing(Array(9).fill('down')).pipe(retryWithBackoff(constant(0)), fallbackToValue('instead')))).toStrictEqual(['instead', '|']);
  });

  it('takes no value of before a wait for the success of a call that is left in it', () => {
    const retry = retryWithBackoff(constant(1e6));
    concat(of(1), throwError(() => 'down')).pipe(retry).subscribe().unsubscribe();
    expect(retry.metrics()).toMatchObject({ retries: 1, recovered: 0 });
    let n = 0;
    const again = retryWithBackoff(constant(0));
    defer(() => (n++ === 0 ? throwError(() => 'down') : concat(of(1), NEVER))).pipe(again, take(1)).subscribe();
    expect(again.metrics().recovered).toBe(1);
  });

  it('says what happens', () => {
    const retry = retryWithBackoff(constant(0), { maxRetries: 1, name: 'catalog' });
    const events: object[] = [];
    retry.events$.subscribe((event) => events.push({ ...event, at: 0 }));
    seen(failing(['a']).pipe(retry));
    seen(failing(['b', 'c']).pipe(retry));
    retry.reset();
    const common = (attempt?: number): object => ({ policy: 'catalog', kind: 'retry', at: 0, ...(attempt !== undefined && { context: { attempt } }) });
    expect(events).toStrictEqual([
      { type: 'scheduled', attempt: 1, of: 2, delay: 0, error: 'a', ...common(1) },
      { type: 'recovered', attempts: 2, ...common(2) },
      { type: 'scheduled', attempt: 1, of: 2, delay: 0, error: 'b', ...common(1) },
      { type: 'exhausted', reason: 'attempts', attempts: 2, error: 'c', ...common(2) },
      { type: 'reset', ...common() },
    ]);
    expect(retry.metrics()).toMatchObject({ calls: 0, tries: 0, retries: 0, recovered: 0, budgetLeft: 10 });
  });

  scenario('counts nothing of a call that began before a reset', after(3), (retry, { cold, expectObservable, flush }) => {
    expectObservable(cold('-#').pipe(retry)).toBe('-------------#');
    timer(2).subscribe(() => retry.reset());
    flush();
    expect(retry.metrics()).toMatchObject({ calls: 0, retries: 0, tries: 0, exhausted: { attempts: 0 } });
  });

  it('takes a predicate of values later than it was made', () => {
    const retry = retryWithBackoff(constant(0), { maxRetries: 1 });
    const source = from([1, 2]).pipe(retry);
    expect(seen(source)).toStrictEqual([1, 2, '|']);
    retry.update({ retryIfValue: (value) => value === 2 });
    expect(seen(source)).toStrictEqual([1, 1, 2, '|']);
    expect(retry.metrics().exhausted.attempts).toBe(1);
  });

  it('takes new settings, and refuses wrong ones without changing anything', () => {
    const retry = retryWithBackoff(constant(0), { maxRetries: 1 });
    retry.update({ maxRetries: 2 });
    expect(() => retry.update({ maxRetries: 0, budget: 5 as never })).toThrow(TypeError);
    expect(() => retry.update({ maxTries: 1 } as never)).toThrow(/'maxTries'/);
    retry.update({ resetOnValue: false });
    const source = failing(Array(9).fill('down'));
    seen(source.pipe(retry));
    expect(source.tries()).toBe(3);
    retry.update({ backoff: () => null });
    seen(source.pipe(retry));
    expect(source.tries()).toBe(4);
  });

  it.each<[string, () => unknown, RegExp]>([
    ['a number', () => retryWithBackoff(3 as never), /^TypeError: .*maxRetries: 3.*constant\(3\)/],
    ['negative maxRetries', () => retryWithBackoff({ maxRetries: -1 }), /^RangeError: retryWithBackoff: maxRetries/],
    ['half a retry', () => retryWithBackoff({ maxRetries: 1.5 }), /^RangeError: retryWithBackoff: maxRetries/],
    ['NaN for maxRetryAfter', () => retryWithBackoff({ maxRetryAfter: NaN }), /^RangeError: retryWithBackoff: maxRetryAfter/],
    ['an unknown option', () => retryWithBackoff({ count: 3 } as never), /^TypeError: .*'count'/],
    ['a backoff that is no function', () => retryWithBackoff({ backoff: 5 as never }), /^TypeError: retryWithBackoff: backoff/],
    ['a strategy twice', () => retryWithBackoff(constant(0), { backoff: constant(1) } as never), /^TypeError: .*'backoff'/],
    ['options twice', () => (retryWithBackoff as (a: object, b: object) => unknown)({}, { maxRetries: 1 }), /^TypeError/],
    ['a budget of true', () => retryWithBackoff({ budget: true as never }), /^TypeError: retryWithBackoff: budget/],
    ['another word for afterValue', () => retryWithBackoff({ afterValue: 'stop' as never }), /^RangeError: retryWithBackoff: afterValue/],
    ['another word for exhausted', () => retryWithBackoff({ exhausted: 'throw' as never }), /^RangeError: retryWithBackoff: exhausted/],
    ['a text for retryAfter', () => retryWithBackoff({ retryAfter: 'no' as never }), /^TypeError: retryWithBackoff: retryAfter/],
  ])('refuses %s', (_title, make, message) => {
    expect(String(thrownBy(make))).toMatch(message);
  });

  it('takes options behind no strategy', () => {
    const source = failing(Array(9).fill('down'));
    seen(source.pipe(retryWithBackoff(undefined, { maxRetries: 0 })));
    expect(source.tries()).toBe(1);
  });
});
