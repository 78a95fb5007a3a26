import { describe, expect, it } from 'vitest';
import { circuitBreaker } from '../../src/circuit-breaker/circuit-breaker.js';
import { anyOf, consecutiveFailures, failureCount, failureRate, slowCallRate } from '../../src/core/trip.js';
import type { TripRule, TripState } from '../../src/core/trip-state.js';
import { virtual } from '../virtual.js';
import { throwError } from 'rxjs';

const calls = (count: number) => ({ calls: count });
const half = failureRate({ threshold: 0.5, window: calls(10), minimumCalls: 4 });
const slow = slowCallRate({ threshold: 0.5, slowerThan: 10, window: calls(10), minimumCalls: 4 });
const three = failureCount({ failures: 3, window: calls(10) });
const row = (failures: number): TripRule => consecutiveFailures(failures);

/** `f` a failure, `s` a success, `L` a slow success; all at one time. */
function count(state: TripState, outcomes: string): boolean {
  for (const outcome of outcomes) state.record(outcome === 'f', outcome === 'L' ? 10 : 1, 0);
  return state.trips(0);
}

/** What was counted by the first rule, and the outcome with which the second opens: the one before it must not be enough. */
const rows: readonly (readonly [title: string, from: TripRule, to: TripRule, before: string, after: string])[] = [
  ['the row of several rules, by one alone', anyOf(half, row(5)), row(3), 'ff', 'f'],
  ['the row of one alone, by several rules', row(5), anyOf(half, row(3)), 'ff', 'f'],
  ['a window of several rules, by one alone', anyOf(row(9), half), half, 'fff', 's'],
  ['a window of one alone, by several rules', three, anyOf(row(9), three), 'ff', 'f'],
  ['rules in another order', anyOf(half, row(5)), anyOf(row(3), half), 'ff', 'f'],
  ['rules in another order, their windows', anyOf(slow, half), anyOf(half, slow), 'LL', 'ss'],
  ['of windows that of a rule alike', anyOf(three, slow), slow, 'LL', 'ss'],
  ['a rule more in front', anyOf(three, row(5)), anyOf(slow, three, row(9)), 'ff', 'f'],
  ['rules within rules', anyOf(half, anyOf(row(5), three)), anyOf(anyOf(three), row(9)), 'ff', 'f'],
  ['the row of rules within rules', anyOf(half, anyOf(three, row(5))), row(3), 'ff', 'f'],
];

describe('a rule that replaces another one', () => {
  it.each(rows)('goes on with what was counted: %s', (_title, from, to, before, after) => {
    const old = from.start(undefined);
    count(old, before);
    const state = to.start(old);
    expect(count(state, after.slice(0, -1))).toBe(false);
    expect(count(state, after.slice(-1))).toBe(true);
  });

  it.each([
    ['two rules', anyOf(three, failureCount({ failures: 6, window: calls(10) })), 'fff'],
    ['rules within rules', anyOf(anyOf(three), failureCount({ failures: 6, window: calls(10) })), 'fff'],
  ])('does not count twice what only one of %s had counted', (_title, to, outcomes) => {
    const old = failureCount({ failures: 9, window: calls(10) }).start(undefined);
    const state = to.start(old);
    expect(count(state, outcomes.slice(1))).toBe(false);
    expect(count(state, outcomes.slice(0, 1))).toBe(true);
  });

  it('begins with nothing where nothing of its kind was counted', () => {
    const old = row(9).start(undefined);
    count(old, 'fffff');
    const state = three.start(old);
    expect([count(state, 'ff'), count(state, 'f')]).toStrictEqual([false, true]);
  });
});

describe('a breaker by default', () => {
  it('keeps the row of failures where it is updated to a failureThreshold', () => {
    const { scheduler } = virtual();
    const breaker = circuitBreaker({ scheduler });
    const fail = (): void => void throwError(() => new Error('down')).pipe(breaker).subscribe({ error: () => undefined });
    fail();
    fail();
    breaker.update({ failureThreshold: 3 });
    expect(breaker.state).toBe('closed');
    fail();
    expect(breaker.state).toBe('open');
  });
});
