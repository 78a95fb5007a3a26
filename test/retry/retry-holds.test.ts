import { defer, NEVER, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { constant } from '../../src/core/backoff.js';
import { retryBudget } from '../../src/core/retry-budget.js';
import { withDeadline } from '../../src/deadline/with-deadline.js';
import type { RetryOptions } from '../../src/retry/retry-options.js';
import { retryWithBackoff } from '../../src/retry/retry-with-backoff.js';
import { outcome, virtual } from '../virtual.js';

/** A policy whose calls wait for 4 ms, and another call of it that asks at 4 ms, just before they go on, to hold all for so long. */
function held(retryAfter: number, options: RetryOptions = {}) {
  const time = virtual();
  const { scheduler } = time;
  const retryIf = (error: unknown) => (error === 'down' ? true : 'hold');
  const retry = retryWithBackoff(constant(4), { scheduler, random: () => 0, budget: false, maxRetryAfter: 20, retryIf, ...options });
  const other = new Subject();
  let tries = 0;
  outcome(defer(() => (tries++ === 0 ? other : NEVER)).pipe(retry));
  scheduler.schedule(() => other.error({ retryAfter }), 4);
  return { ...time, retry };
}

/** Fails, or has a poor value, and then is well. */
function second(first: 'down' | 503 = 'down') {
  let tries = 0;
  return defer(() => (tries++ > 0 ? of('ok') : first === 'down' ? throwError(() => 'down') : of(first)));
}

describe('a wait that another call lengthens', () => {
  it('lasts for as long as may be waited at all', () => {
    const { advance, retry } = held(20);
    const { log } = outcome(second().pipe(retry));
    advance(23);
    expect(log).toStrictEqual([]);
    advance(1);
    expect(log).toStrictEqual(['ok', '|']);
  });

  it.each<[string, number, number | undefined]>([
    ['for longer than may be waited', 21, undefined],
    ['for all the time that is left', 20, 24],
  ])('ends the call where it would last %s, with the tries that were made', (_title, retryAfter, within) => {
    const { advance, retry, scheduler } = held(retryAfter, { exhausted: 'wrap' });
    const pipe = second().pipe(retry);
    const told: unknown[] = [];
    retry.events$.subscribe((event) => event.type === 'exhausted' && told.push(event.attempts));
    const { log } = outcome(within === undefined ? pipe : pipe.pipe(withDeadline(within, { scheduler })));
    advance(4);
    expect(log).toMatchObject([{ name: 'RetryExhaustedError', reason: 'retryAfter', attempts: 1, cause: 'down' }]);
    expect((log[0] as Error).stack ?? '').not.toMatch(/\n\s+at /);
    expect(told.at(-1)).toBe(1);
  });

  it('of a value that was not good enough lasts for as long as it takes: there is no error to end the call with', () => {
    const { advance, retry } = held(50, { retryIfValue: (value) => value === 503 });
    const { log } = outcome(second(503).pipe(retry));
    advance(53);
    expect(log).toStrictEqual([]);
    advance(1);
    expect(log).toStrictEqual(['ok', '|']);
  });
});

it('says of each try of how many it is, also where a value lets it count anew', () => {
  const retry = retryWithBackoff(constant(0), { maxRetries: 3, budget: false });
  const told: unknown[] = [];
  retry.events$.subscribe((event) => event.type === 'scheduled' && told.push([event.attempt, event.of]));
  outcome(throwError(() => 'down').pipe(retry));
  expect(told).toStrictEqual([[1, 4], [2, 4], [3, 4]]);
});

it('tells by time that a budget which came with an update has a retry again', () => {
  const { advance, scheduler } = virtual();
  const retry = retryWithBackoff(constant(0), { scheduler });
  const budget = retryBudget({ burst: 1, minPerSecond: 1, ratio: 0 });
  budget.take(0);
  const seen: string[] = [];
  retry.health$.subscribe(({ status }) => seen.push(status));
  retry.update({ budget });
  advance(1_000);
  expect(seen).toStrictEqual(['up', 'degraded', 'up']);
});
