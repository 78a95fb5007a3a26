import { describe, expect, it } from 'vitest';
import type { CallRecord, Ending } from '../../docs/demo/load.ts';
import { quantile, recoverySecond, successPer, summarise } from '../../docs/demo/statistics.ts';

const record = (at: number, ending: Ending, latency = 1): CallRecord => ({ backend: 'payments', at, latency, ending });

/** A second of a hundred calls, so many of them answered. */
const second = (from: number, answered: number): CallRecord[] =>
  Array.from({ length: 100 }, (_, i) => record(from + i * 10, i < answered ? 'answer' : 'failed'));

describe('quantile', () => {
  it.each([
    ['the middle of an odd number', [3, 1, 2], 0.5, 2],
    ['the lower middle of an even number', [4, 1, 3, 2], 0.5, 2],
    ['the largest of few values at 99 %', [1, 2, 3], 0.99, 3],
    ['the last but one of a hundred at 99 %', Array.from({ length: 100 }, (_, i) => i + 1), 0.99, 99],
    ['nothing without values', [], 0.5, undefined],
  ])('gives %s', (_, values, share, expected) => {
    expect(quantile(values, share)).toBe(expected);
  });

  it('leaves the values in their order', () => {
    const values = [3, 1, 2];
    quantile(values, 0.5);
    expect(values).toStrictEqual([3, 1, 2]);
  });
});

describe('summarise', () => {
  it('counts a fallback as served and not as success', () => {
    const records = [record(0, 'answer', 10), record(1, 'fallback', 20), record(2, 'failed', 30), record(3, 'left', 40)];
    expect(summarise(records, { from: 0, to: 10 })).toStrictEqual({
      calls: 4, success: 0.25, served: 0.5, p50: 20, p99: 40,
    });
  });

  it('takes the calls that were due in the span, its end excluded', () => {
    const records = [record(9, 'failed'), record(10, 'answer'), record(19, 'answer', 500), record(20, 'failed')];
    expect(summarise(records, { from: 10, to: 20 })).toMatchObject({ calls: 2, success: 1 });
  });

  it('says nothing about no calls', () => {
    expect(summarise([], { from: 0, to: 10 })).toStrictEqual({
      calls: 0, success: undefined, served: undefined, p50: undefined, p99: undefined,
    });
  });
});

describe('successPer', () => {
  it('gives a share for each slice, and nothing for one without calls', () => {
    const records = [record(0, 'answer'), record(5, 'failed'), record(25, 'answer')];
    expect(successPer(records, { from: 0, to: 30 }, 10)).toStrictEqual([0.5, undefined, 1]);
  });
});

describe('recoverySecond', () => {
  it.each([
    ['the first second when everything is answered at once', [100, 100], 1],
    ['the first good second, at exactly 99 %', [0, 98, 99, 100], 3],
    ['nothing when no second is good', [0, 98, 98], undefined],
  ])('is %s', (_, answered, expected) => {
    const records = answered.flatMap((count, i) => second(2_000 + i * 1_000, count));
    expect(recoverySecond(records, { from: 2_000, to: 2_000 + answered.length * 1_000 })).toBe(expected);
  });

  it('does not look at what was before', () => {
    expect(recoverySecond([...second(0, 100), ...second(1_000, 0)], { from: 1_000, to: 2_000 })).toBeUndefined();
  });
});
