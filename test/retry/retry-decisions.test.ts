import { concat, defer, NEVER, of, Subject, take, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { constant } from '../../src/core/backoff.js';
import { retryBudget } from '../../src/core/retry-budget.js';
import { tokenBudget } from '../../src/core/token-budget.js';
import { withDeadline } from '../../src/deadline/with-deadline.js';
import { runInContext } from '../../src/operator/context.js';
import { Deadline } from '../../src/operator/deadline.js';
import type { RetryOptions } from '../../src/retry/retry-options.js';
import { retryWithBackoff } from '../../src/retry/retry-with-backoff.js';
import { outcome, virtual } from '../virtual.js';

const failing = (error: unknown) => throwError(() => error);
const down = failing('down');

/** A first try that fails, and others that give `value`. */
function second(value: unknown = 'ok', error: unknown = 'down') {
  let tries = 0;
  return defer(() => (tries++ === 0 ? failing(error) : of(value)));
}

describe('why there is no other try', () => {
  it.each<[string, number, number, number, number, 'retryAfter' | 'deadline']>([
    ['the time that is asked for is what is left', 20, 5, 5, 0, 'retryAfter'],
    ['the time that is asked for is more than is left, and less than the own wait', 20, 10, 5, 0, 'retryAfter'],
    ['what is asked for and a tenth of it is what is left', 2, 38, 40, 0.99, 'retryAfter'],
    ['the own wait is what is left', 5, 0, 5, 0, 'deadline'],
    ['the own wait is more than is left, though less was asked for', 20, 2, 5, 0, 'deadline'],
    ['nothing is left', 0, 0, 0, 0, 'deadline'],
  ])('%s', (_title, own, asked, left, draw, reason) => {
    const { scheduler } = virtual();
    const retry = retryWithBackoff(constant(own), { scheduler, random: () => draw });
    runInContext({ deadline: Deadline.after(left, scheduler) }, () => outcome(second('ok', { retryAfter: asked }).pipe(retry)));
    expect(retry.metrics().exhausted).toMatchObject({ retryAfter: 0, deadline: 0, [reason]: 1 });
  });

  it.each([
    ['asks for as long as the own wait', 100, 100],
    ['asks for less, though with a tenth of it for more', 97, 100],
    ['asks for more', 104, 110],
  ])('is no question where it %s: the wait is %d and %d', (_title, asked, wait) => {
    const { advance, scheduler } = virtual();
    const retry = retryWithBackoff(constant(100), { scheduler, random: () => 0.5 });
    const { log } = outcome(second('ok', { retryAfter: asked }).pipe(retry));
    advance(wait - 1);
    expect(log).toStrictEqual([]);
    advance(1);
    expect(log).toStrictEqual(['ok', '|']);
  });
});

describe('a value that is not good enough', () => {
  const poor = { retryIfValue: (value: unknown) => value === 503 };

  it('is tried again after good ones, unless output is never repeated', () => {
    let tries = 0;
    const source = defer(() => (tries++ === 0 ? of(1, 503) : of(200)));
    expect(outcome(source.pipe(retryWithBackoff(constant(0), poor))).log).toStrictEqual([1, 200, '|']);
    tries = 0;
    expect(outcome(source.pipe(retryWithBackoff(constant(0), { ...poor, afterValue: 'fail' }))).log).toStrictEqual([1, 503, '|']);
  });

  it('does not hold other calls back by the time that it names', () => {
    const { advance, scheduler } = virtual();
    const options: RetryOptions = { scheduler, random: () => 0, retryIfValue: (value) => typeof value === 'object', retryIf: () => 'hold' };
    const retry = retryWithBackoff(constant(2), options);
    let tries = 0;
    outcome(defer(() => of(tries++ === 0 ? { retryAfter: 9 } : 'a')).pipe(retry));
    const { log } = outcome(second('b').pipe(retry));
    advance(2);
    expect(log).toStrictEqual(['b', '|']);
  });

  it('that was given up lets no error behind it be tried again, by no other retry either', () => {
    let tries = 0;
    const source = defer(() => (tries++, concat(of(503), down)));
    const inner = retryWithBackoff(constant(0), { ...poor, maxRetries: 1 });
    expect(outcome(source.pipe(inner, retryWithBackoff(constant(0)))).log).toStrictEqual([503, 'down']);
    expect([tries, inner.metrics().exhausted.attempts]).toStrictEqual([2, 1]);
  });

  it('that would have been tried again in shadow mode leaves the error to other retries', () => {
    let tries = 0;
    const source = defer(() => (tries++, concat(of(503), down)));
    const inner = retryWithBackoff(constant(0), { ...poor, mode: 'shadow' });
    outcome(source.pipe(inner, retryWithBackoff(constant(0), { maxRetries: 2 })));
    expect(tries).toBe(3);
  });
});

describe('what is counted of a call', () => {
  it('whose values are looked at: it has recovered where it is left after one', () => {
    const retry = retryWithBackoff(constant(0), { retryIfValue: () => false });
    let tries = 0;
    outcome(defer(() => (tries++ === 0 ? down : concat(of(1), NEVER))).pipe(retry, take(1)));
    expect(retry.metrics()).toMatchObject({ retries: 1, recovered: 1 });
  });

  it('does not begin anew with a value unless that is asked for', () => {
    let tries = 0;
    const source = defer(() => (tries++, concat(of(1), down)));
    outcome(source.pipe(retryWithBackoff(constant(0), { retryIfValue: () => false, maxRetries: 2 })));
    expect(tries).toBe(3);
  });

  it('that a deadline cuts after a value is no recovery', () => {
    const { advance, scheduler } = virtual();
    const retry = retryWithBackoff(constant(0), { scheduler });
    let tries = 0;
    const source = defer(() => (tries++ === 0 ? down : concat(of(1), NEVER)));
    outcome(source.pipe(retry, withDeadline(5, { scheduler })));
    advance(5);
    expect(retry.metrics()).toMatchObject({ retries: 1, recovered: 0 });
  });

  it('that is left after a value has gone well, for its budget too', () => {
    const retry = retryWithBackoff(constant(0), { budget: tokenBudget({ maxTokens: 4, tokenRatio: 1 }), maxRetries: 1 });
    outcome(down.pipe(retry));
    expect(retry.metrics().budgetLeft).toBe(0);
    for (let i = 0; i < 2; i++) outcome(concat(of(1), NEVER).pipe(retry, take(1)));
    expect(retry.metrics().budgetLeft).toBe(1);
  });

  it.each([[undefined, {}], ['operator', { caller: 'operator' }]])('is forgotten with a reset by %s, and a budget that others share is not', (caller, named) => {
    const { scheduler } = virtual();
    const retry = retryWithBackoff(constant(0), { scheduler, budget: retryBudget({ burst: 1, minPerSecond: 0, ratio: 0 }) });
    outcome(down.pipe(retry));
    const told: object[] = [];
    retry.events$.subscribe((event) => told.push(event));
    retry.reset(caller);
    expect(told).toStrictEqual([{ type: 'reset', policy: 'retry', kind: 'retry', at: 0, ...named }]);
    expect(retry.metrics()).toMatchObject({ calls: 0, tries: 0, retries: 0, budgetLeft: 0 });
  });
});

describe('the health of a retry', () => {
  const statuses = (retry: ReturnType<typeof retryWithBackoff>): readonly string[] => {
    const seen: string[] = [];
    retry.health$.subscribe(({ status }) => seen.push(status));
    return seen;
  };

  it('is up again with the success that gives its budget a retry back', () => {
    const retry = retryWithBackoff(constant(0), { budget: tokenBudget({ maxTokens: 4, tokenRatio: 2 }), maxRetries: 1 });
    const seen = statuses(retry);
    outcome(down.pipe(retry));
    expect(seen).toStrictEqual(['up', 'degraded']);
    outcome(of(1).pipe(retry));
    expect(seen).toStrictEqual(['up', 'degraded', 'up']);
  });

  it('is up again with the first try that earns a retry', () => {
    const retry = retryWithBackoff(constant(0), { budget: retryBudget({ burst: 0, minPerSecond: 0, ratio: 1 }), maxRetries: 1 });
    const seen = statuses(retry);
    expect(seen).toStrictEqual(['degraded']);
    const source = new Subject<unknown>();
    outcome(source.pipe(retry));
    expect(seen).toStrictEqual(['degraded', 'up']);
  });

  it('is that of the budget which an update brings', () => {
    const retry = retryWithBackoff(constant(0));
    const seen = statuses(retry);
    retry.update({ budget: retryBudget({ burst: 0, minPerSecond: 0, ratio: 0 }) });
    expect(seen).toStrictEqual(['up', 'degraded']);
    retry.update({ budget: false });
    expect(seen).toStrictEqual(['up', 'degraded', 'up']);
  });
});
