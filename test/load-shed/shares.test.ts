import { describe, expect, it } from 'vitest';
import { allowed, readCeilings, readShares } from '../../src/load-shed/shares.js';

describe('shares', () => {
  it.each([
    [1, 10, 10], [0.8, 10, 8], [0.5, 10, 5], [0.5, 5, 2], [0.29, 100, 29], [0.7, 10, 7], [0.01, 10, 1], [1, 1, 1], [0.999, 1000, 999],
  ])('of %d allow of a limit of %i so many calls: %i', (share, limit, calls) => {
    expect(allowed(share, limit)).toBe(calls);
  });

  it.each([
    [{}, [1, 1, 0.8, 0.5]],
    [{ sheddable: 0.1 }, [1, 1, 0.8, 0.1]],
    [{ criticalPlus: 0.4 }, [0.4, 0.4, 0.4, 0.4]],
    [{ critical: 0.7, sheddable: undefined }, [1, 0.7, 0.7, 0.5]],
  ])('%j are by rank %j', (given, ranks) => {
    expect(readShares(given as never)).toStrictEqual(ranks);
  });
});

describe('ceilings', () => {
  it.each([
    [{}, [Infinity, 0.95, 0.85, 0.7]],
    [{ critical: 0.8 }, [Infinity, 0.8, 0.8, 0.7]],
    [{ critical: Infinity, sheddable: 0 }, [Infinity, Infinity, 0.85, 0]],
  ])('%j are by rank %j', (given, ranks) => {
    expect(readCeilings(given)).toStrictEqual(ranks);
  });
});
