import { describe, expect, it } from 'vitest';
import { estimate, estimateOf, leftOut, median, ratios } from './statistics.ts';

describe('the median', () => {
  it.each([
    [[3], 3],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100], 10],
    [[], NaN],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});

describe('its bounds', () => {
  // Ranks as tables of the sign test have them: the first and the last value that is kept.
  it.each([
    [5, 0],
    [6, 0],
    [8, 0],
    [9, 1],
    [11, 1],
    [12, 2],
    [15, 3],
    [20, 5],
    [25, 7],
    [50, 17],
    [100, 39],
  ])('of %d values leave out %d at each end', (size, expected) => {
    expect(leftOut(size, 0.95)).toBe(expected);
  });

  it('are the extremes of a sample that is too small for any others', () => {
    expect(estimate([2, 1, 3])).toStrictEqual({ median: 2, low: 1, high: 3 });
  });

  it('do not hear of a few values that lie far out', () => {
    const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    expect(estimate(values)).toStrictEqual({ median: 6.5, low: 3, high: 10 });
    expect(estimate([...values.slice(0, 10), 1_000, 2_000])).toStrictEqual({ median: 6.5, low: 3, high: 10 });
  });

  it('span the median of each process', () => {
    const [one, other] = [Array<number>(20).fill(1), Array<number>(30).fill(2)];
    expect(estimateOf([other])).toStrictEqual({ median: 2, low: 2, high: 2 });
    expect(estimateOf([one, other])).toStrictEqual({ median: 2, low: 1, high: 2 });
  });
});

describe('ratios', () => {
  it('compare what ran in the same round', () => {
    expect(ratios([2, 3, 40], [1, 2, 10])).toStrictEqual([2, 1.5, 4]);
  });
});
