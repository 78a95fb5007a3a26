import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  constant,
  decorrelatedJitter,
  type DelayStrategy,
  delayOf,
  exponential,
  fibonacci,
  linear,
} from '../../src/core/backoff.js';
import type { Jitter } from '../../src/core/jitter.js';
import { thrownBy } from '../thrown.js';

const at = (strategy: DelayStrategy, attempt: number, draw = 0.5, previousDelay = 0): number | null =>
  strategy({ attempt, previousDelay, error: undefined, random: () => draw });
const first = (strategy: DelayStrategy, n: number): readonly (number | null)[] =>
  Array.from({ length: n }, (_, i) => at(strategy, i + 1));

describe('backoff without jitter', () => {
  it.each<[string, DelayStrategy, number[]]>([
    ['constant', constant(7), [7, 7, 7]],
    ['exponential by default', exponential({ jitter: 'none' }), [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]],
    ['exponential', exponential({ initial: 10, factor: 3, cap: 100, jitter: 'none' }), [10, 30, 90, 100]],
    ['exponential whose first delay is above the cap', exponential({ initial: 50, cap: 20, jitter: 'none' }), [20, 20]],
    ['exponential of 0', exponential({ initial: 0, jitter: 'none' }), [0, 0, 0]],
    ['linear by default', linear({ jitter: 'none' }), [200, 400, 600]],
    ['linear', linear({ initial: 10, step: 5, cap: 18, jitter: 'none' }), [10, 15, 18, 18]],
    ['linear with a step of 0', linear({ initial: 10, step: 0, jitter: 'none' }), [10, 10]],
    ['fibonacci', fibonacci({ initial: 10, cap: 100, jitter: 'none' }), [10, 20, 30, 50, 80, 100, 100]],
  ])('%s', (_title, strategy, delays) => {
    expect(first(strategy, delays.length)).toStrictEqual(delays);
  });

  it.each([
    ['exponential', exponential({ jitter: 'none' })],
    ['fibonacci', fibonacci({ jitter: 'none' })],
    ['linear', linear({ jitter: 'none' })],
  ])('%s is at its cap however many tries there were', (_title, strategy) => {
    expect([1e4, 1e9].map((attempt) => at(strategy, attempt))).toStrictEqual([10_000, 10_000]);
  });

  it.each([
    ['exponential', exponential({ initial: 0, cap: Infinity })],
    ['fibonacci', fibonacci({ initial: 0, cap: Infinity })],
  ])('%s of 0 is 0 for whoever calls it, however many tries there were', (_title, strategy) => {
    expect(strategy({ attempt: 5_000, previousDelay: 0, error: undefined, random: () => 0.5 })).toBe(0);
  });

  it('stays finite where there is no cap', () => {
    expect(at(exponential({ cap: Infinity, jitter: 'full' }), 1e6, 0)).toBe(0);
    expect(at(exponential({ cap: Infinity, jitter: 'none' }), 1e6)).toBe(Number.MAX_VALUE);
    expect(at(decorrelatedJitter({ cap: Infinity }), 9, 0, Number.MAX_VALUE)).toBe(200);
  });
});

describe('jitter', () => {
  it.each<[Jitter, number[]]>([
    ['none', [100, 100, 100]],
    ['full', [0, 50, 75]],
    ['equal', [50, 75, 87.5]],
    ['proportional', [75, 100, 112.5]],
    [{ proportional: 0.1 }, [90, 100, 105]],
    [{ proportional: 0 }, [100, 100, 100]],
    [{ proportional: 1 }, [0, 100, 150]],
  ])('%o spreads a delay of 100 by what chance says', (jitter, delays) => {
    const strategy = exponential({ initial: 100, jitter });
    expect([0, 0.5, 0.75].map((draw) => at(strategy, 1, draw))).toStrictEqual(delays);
  });

  it('is full by default', () => {
    expect([exponential(), linear(), fibonacci()].map((strategy) => at(strategy, 1, 0.25))).toStrictEqual([50, 50, 50]);
  });

  it('never exceeds the cap', () => {
    const jitters = fc.constantFrom<Jitter>('none', 'full', 'equal', 'proportional', { proportional: 1 });
    const draws = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const ms = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(ms, ms, jitters, draws, fc.integer({ min: 1, max: 5_000 }), (initial, cap, jitter, draw, attempt) => {
        for (const make of [exponential, linear, fibonacci]) {
          const delay = at(make({ initial, cap, jitter }), attempt, draw);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(cap);
        }
      }),
    );
  });
});

describe('decorrelatedJitter', () => {
  it('draws between base and three times the delay before, base at first', () => {
    const strategy = decorrelatedJitter({ base: 100, cap: 1_000 });
    expect([0, 0.5].map((draw) => at(strategy, 1, draw))).toStrictEqual([100, 200]);
    expect([0, 0.5].map((draw) => at(strategy, 2, draw, 200))).toStrictEqual([100, 350]);
  });

  it('bounds the end of the draw, so that no delay gathers at the cap', () => {
    const strategy = decorrelatedJitter({ base: 100, cap: 1_000 });
    expect([0, 0.5, 0.9].map((draw) => at(strategy, 9, draw, 1_000))).toStrictEqual([100, 550, 910]);
  });

  it('stays between base and cap', () => {
    const draws = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 500, max: 9_000 }), fc.array(draws), (base, cap, all) => {
        let previous = 0;
        for (const [i, draw] of all.entries()) {
          previous = at(decorrelatedJitter({ base, cap }), i + 1, draw, previous)!;
          expect(previous).toBeGreaterThanOrEqual(base);
          expect(previous).toBeLessThanOrEqual(cap);
        }
      }),
    );
  });

  it('has a cap of at least its base where none is given', () => {
    expect(at(decorrelatedJitter({ base: 20_000 }), 1, 0.9)).toBe(20_000);
  });
});

describe('delayOf', () => {
  it.each([
    [NaN, 0],
    [-5, 0],
    [-Infinity, 0],
    [0, 0],
    [0.5, 0.5],
  ])('takes %s of a strategy for %s', (result, delay) => {
    expect(delayOf(result)).toBe(delay);
  });
});

describe('strategies refuse', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['a negative delay', () => constant(-1), /^RangeError: \w+: ms must be .*-1/],
    ['a delay of NaN', () => constant(NaN), /^RangeError: \w+: ms .*NaN/],
    ['an infinite delay', () => constant(Infinity), /^RangeError: \w+: ms .*Infinity/],
    ['a text', () => constant('5' as never), /^TypeError: \w+: ms .*'5'/],
    ['a factor below 1', () => exponential({ factor: 0.9 }), /^RangeError: \w+: factor .*0\.9/],
    ['an initial of NaN', () => exponential({ initial: NaN }), /^RangeError: \w+: initial/],
    ['a negative cap', () => fibonacci({ cap: -1 }), /^RangeError: \w+: cap/],
    ['a negative step', () => linear({ step: -1 }), /^RangeError: \w+: step/],
    ['an unknown option', () => exponential({ max: 5 } as never), /^TypeError: exponential has no option 'max'/],
    ['an unknown jitter', () => exponential({ jitter: 'some' as never }), /^RangeError: \w+: jitter .*'some'/],
    ['a jitter of true', () => exponential({ jitter: true as never }), /^TypeError: \w+: jitter .*true/],
    ['a share above 1', () => exponential({ jitter: { proportional: 1.1 } }), /^RangeError: \w+: jitter\.proportional/],
    ['a cap below the base', () => decorrelatedJitter({ base: 5, cap: 4 }), /^RangeError: \w+: cap/],
    ['a number for options', () => exponential(5 as never), /^TypeError: exponential: options must be an object, got 5$/],
    ['a number for linear options', () => linear(5 as never), /^TypeError: linear: options must be an object, got 5$/],
    ['a number for fibonacci options', () => fibonacci(5 as never), /^TypeError: fibonacci: options must be an object, got 5$/],
    ['a number for jitter options', () => decorrelatedJitter(5 as never), /^TypeError: decorrelatedJitter: options must be an object, got 5$/],
    ['a negative base', () => decorrelatedJitter({ base: -1 }), /^RangeError: \w+: base must be .*-1$/],
    ['a jitter of null', () => exponential({ jitter: null as never }), /^TypeError: \w+: jitter must be one of 'none', 'full', 'equal', 'proportional' or \{ proportional \}, got null$/],
    ['a jitter with another share', () => exponential({ jitter: { share: 1 } as never }), /^TypeError: \w+: jitter has no option 'share'; known are proportional$/],
  ])('%s', (_title, make, message) => {
    expect(String(thrownBy(make))).toMatch(message);
  });
});
