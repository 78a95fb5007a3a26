import { describe, expect, it } from 'vitest';
import { anyOf, consecutiveFailures, failureCount, failureRate, slowCallRate } from '../../src/core/trip.js';
import type { TripRule, TripState } from '../../src/core/trip-state.js';
import { thrownBy } from '../thrown.js';

/** `f` failed, `s` well, `F` and `S` the same and slow; a number is the time from there on. */
type Play = readonly (string | number)[];

function play(state: TripState, steps: Play, start = 0): { readonly trips: boolean; readonly rate: number | undefined; readonly now: number } {
  let now = start;
  for (const step of steps) {
    if (typeof step === 'number') now = step;
    else for (const call of step) state.record(call === 'f' || call === 'F', call === 'F' || call === 'S' ? 10 : 0, now);
  }
  return { trips: state.trips(now), rate: state.rate(now), now };
}

const calls = (n: number): { readonly calls: number } => ({ calls: n });
const rate = failureRate({ threshold: 0.5, window: calls(10), minimumCalls: 4 });
const slow = slowCallRate({ threshold: 0.5, slowerThan: 10, window: calls(10), minimumCalls: 4 });

const given: readonly (readonly [string, TripRule, Play, boolean, (number | undefined)?])[] = [
  ['nothing yet', consecutiveFailures(1), [], false],
  ['one short of a row', consecutiveFailures(3), ['ff'], false],
  ['a row', consecutiveFailures(3), ['fff'], true],
  ['a longer row', consecutiveFailures(3), ['ffff'], true],
  ['a row with a success in it', consecutiveFailures(3), ['ffsff'], false],
  ['a success after a row', consecutiveFailures(3), ['fffs'], false],
  ['a row in no time', consecutiveFailures(3, { over: 10 }), [5, 'ffff'], false],
  ['a row a millisecond too short', consecutiveFailures(3, { over: 10 }), [5, 'ff', 14, 'f'], false],
  ['a row just long enough', consecutiveFailures(3, { over: 10 }), [5, 'ff', 15, 'f'], true],
  ['a row long enough with too few', consecutiveFailures(3, { over: 10 }), [5, 'f', 99, 'f'], false],
  ['a row that began anew', consecutiveFailures(2, { over: 10 }), [5, 'fs', 10, 'f', 16, 'f'], false],

  ['two of five', failureCount({ failures: 3, window: calls(5) }), ['fsfss'], false],
  ['three of five', failureCount({ failures: 3, window: calls(5) }), ['fsfsf'], true],
  ['three of six', failureCount({ failures: 3, window: calls(5) }), ['fsfssf'], false],
  ['three with no minimum', failureCount({ failures: 3, window: calls(5) }), ['fff'], true],
  ['three within the time', failureCount({ failures: 3, window: { time: 20 } }), [0, 'ff', 18, 'f'], true],
  ['three over a longer time', failureCount({ failures: 3, window: { time: 20 } }), [0, 'ff', 20, 'f'], false],

  ['too few for a rate', rate, ['fff'], false, undefined],
  ['just enough for a rate', rate, ['ffff'], true, 1],
  ['a rate below', rate, ['fsssf'], false, 0.4],
  ['a rate that is reached', rate, ['fsfs'], true, 0.5],
  ['a rate of nothing failed', rate, ['ssss'], false, 0],
  ['a rate that is slow does not matter', rate, ['SSSS'], false, 0],
  ['a window of calls moves on', rate, ['ffffssssssssss'], false, 0],

  ['too few to be slow', slow, ['SSS'], false, undefined],
  ['half of them slow', slow, ['SSss'], true, 0.5],
  ['fewer slow', slow, ['SSsss'], false, 0.4],
  ['slow and failed', slow, ['FSff'], true, 0.5],
  ['failed and not slow', slow, ['ffff'], false, 0],

  ['none of several', anyOf(consecutiveFailures(3), rate), ['ff'], false, undefined],
  ['the first of several', anyOf(consecutiveFailures(3), rate), ['fff'], true, undefined],
  ['the second of several', anyOf(consecutiveFailures(3), rate), ['fsfs'], true, 0.5],
  ['several of which none has a rate', anyOf(consecutiveFailures(3), failureCount({ failures: 3, window: calls(5) })), ['ff'], false, undefined],
  ['the rate of the first that has one', anyOf(consecutiveFailures(9), slow, rate), ['SSff'], true, 0.5],
];

const rows = given.map(([title, rule, steps, trips, expected]) => [title, rule, steps, trips, expected] as const);

describe('a rule of trip', () => {
  it.each(rows)('%s', (_title, rule, steps, trips, expected) => {
    const result = play(rule.start(undefined), steps);
    expect({ trips: result.trips, rate: result.rate }).toStrictEqual({ trips, rate: expected });
  });

  it.each(rows)('forgets: %s', (_title, rule, steps) => {
    const state = rule.start(undefined);
    const { now } = play(state, steps);
    state.clear();
    expect({ trips: state.trips(now), rate: state.rate(now) }).toStrictEqual({ trips: false, rate: undefined });
  });

  it.each<[string, TripRule, boolean, boolean, number]>([
    ['in a row', consecutiveFailures(3), false, false, Infinity],
    ['in a row over 0', consecutiveFailures(3, { over: 0 }), false, false, Infinity],
    ['in a row over a time', consecutiveFailures(3, { over: 1 }), true, false, Infinity],
    ['a number in a window of calls', failureCount({ failures: 1, window: calls(3) }), false, false, Infinity],
    ['a number in a window of time', failureCount({ failures: 1, window: { time: 10 } }), true, false, Infinity],
    ['a rate in a window of calls', rate, false, true, Infinity],
    ['a rate in a window of time', failureRate({ threshold: 1, window: { time: 10 } }), true, true, Infinity],
    ['slow calls', slow, false, true, 10],
    ['several', anyOf(consecutiveFailures(3), slow, slowCallRate({ threshold: 1, slowerThan: 7, window: calls(1) })), false, true, 7],
    ['several with a time', anyOf(consecutiveFailures(3), consecutiveFailures(3, { over: 1 })), true, false, Infinity],
  ])('says what it needs: %s', (_title, rule, timed, rated, slowerThan) => {
    const state = rule.start(undefined);
    expect({ timed: state.timed, rated: state.rated, slowerThan: state.slowerThan }).toStrictEqual({ timed, rated, slowerThan });
  });

  it('has a state of its own for each breaker', () => {
    const one = rate.start(undefined);
    const other = rate.start(undefined);
    play(one, ['ffff']);
    expect([one.trips(0), other.trips(0)]).toStrictEqual([true, false]);
  });

  it.each<[string, TripRule, TripRule, Play, Play, boolean]>([
    ['a shorter row', consecutiveFailures(5), consecutiveFailures(3), ['ff'], ['f'], true],
    ['a row over a time goes on', consecutiveFailures(5, { over: 9 }), consecutiveFailures(3, { over: 9 }), [0, 'ff'], [9, 'f'], true],
    ['a row whose time was not taken begins now', consecutiveFailures(5), consecutiveFailures(3, { over: 9 }), [0, 'ff'], [9, 'f', 17, 'f'], false],
    ['a row whose time was not taken, and a while later', consecutiveFailures(5), consecutiveFailures(3, { over: 9 }), [0, 'ff'], [9, 'f', 18, 'f'], true],
    ['from a count to a rate', failureCount({ failures: 4, window: calls(9) }), rate, ['ff'], ['ss'], true],
    ['from calls to time nothing', failureCount({ failures: 3, window: calls(9) }), failureCount({ failures: 3, window: { time: 9 } }), ['ff'], ['f'], false],
    ['of several, by their place', anyOf(consecutiveFailures(9), rate), anyOf(consecutiveFailures(3), rate), ['ff'], ['f'], true],
  ])('keeps what is counted in an update: %s', (_title, rule, next, before, after, trips) => {
    const state = rule.start(undefined);
    const { now } = play(state, before);
    expect(play(next.start(state), after, now).trips).toBe(trips);
  });

  it('may need every call of its window to have failed', () => {
    const state = failureCount({ failures: 2, window: calls(2) }).start(undefined);
    expect([play(state, ['f']).trips, play(state, ['f']).trips]).toStrictEqual([false, true]);
  });

  it.each<[string, () => unknown]>([
    ["TypeError: consecutiveFailures has no option 'within'; known are over", () => consecutiveFailures(1, { within: 1 } as object)],
    ['TypeError: failureCount: options must be an object, got 3', () => failureCount(3 as never)],
    ['TypeError: failureRate: options must be an object, got 0.5', () => failureRate(0.5 as never)],
    ['TypeError: slowCallRate: options must be an object, got 0.5', () => slowCallRate(0.5 as never)],
    ['RangeError: failureCount: failures must be at most window.calls (5), got 6', () => failureCount({ failures: 6, window: calls(5) })],
    ['TypeError: failureCount: window must have either calls or time, got neither', () => failureCount({ failures: 1, window: {} as never })],
    ['TypeError: failureRate: window must have either calls or time, got neither', () => failureRate({ threshold: 1, window: {} as never })],
    ['TypeError: anyOf must have at least one rule, got none', () => anyOf()],
    [
      'TypeError: anyOf: rules[0] must be consecutiveFailures(), failureCount(), failureRate(), slowCallRate() or anyOf(), got null',
      () => anyOf(null as never),
    ],
  ])('says what is wrong: %s', (message, make) => {
    expect(String(thrownBy(make))).toBe(message);
  });

  it.each<[string, () => unknown, typeof TypeError | typeof RangeError]>([
    ['failures', () => consecutiveFailures(0), RangeError],
    ['failures', () => consecutiveFailures(1.5), RangeError],
    ['over', () => consecutiveFailures(1, { over: -1 }), RangeError],
    ['over', () => consecutiveFailures(1, { over: Infinity }), RangeError],
    ['within', () => consecutiveFailures(1, { within: 1 } as object), TypeError],
    ['failures', () => failureCount({ failures: 0, window: calls(5) }), RangeError],
    ['failures', () => failureCount({ failures: 6, window: calls(5) }), RangeError],
    ['window', () => failureCount({ failures: 1, window: {} as { calls: number } }), TypeError],
    ['threshold', () => failureRate({ threshold: 0, window: calls(5) }), RangeError],
    ['threshold', () => failureRate({ threshold: 50, window: calls(5) }), RangeError],
    ['minimumCalls', () => failureRate({ threshold: 1, window: calls(5), minimumCalls: 0 }), RangeError],
    ['minimumCalls', () => failureRate({ threshold: 1, window: calls(5), minimumCalls: 6 }), RangeError],
    ['slowerThan', () => slowCallRate({ threshold: 1, slowerThan: 0, window: calls(5) }), RangeError],
    ['slowerThan', () => slowCallRate({ threshold: 1, slowerThan: NaN, window: calls(5) }), RangeError],
    ['anyOf', () => anyOf(), TypeError],
    ['rules[1]', () => anyOf(rate, 5 as unknown as TripRule), TypeError],
  ])('refuses %s: %s', (name, make, error) => {
    expect(make).toThrow(error);
    expect(make).toThrow(name);
  });

  it.each([
    [calls(100), 20],
    [calls(5), 5],
    [{ time: 10 }, 20],
  ])('without a minimum needs 20 calls, or the length of a shorter window: %o', (window, minimum) => {
    const state = failureRate({ threshold: 1, window }).start(undefined);
    expect(play(state, ['f'.repeat(minimum - 1)]).trips).toBe(false);
    expect(play(state, ['f']).trips).toBe(true);
  });
});
