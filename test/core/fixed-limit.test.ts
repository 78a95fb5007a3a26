import { describe, expect, it } from 'vitest';
import { fixedLimit } from '../../src/core/fixed-limit.js';

describe('fixedLimit', () => {
  it('stays as it is and asks for no samples', () => {
    const limit = fixedLimit(7);
    const sampler = limit.sampler();
    for (let now = 0; now < 100_000; now += 100) {
      sampler.record(now, 7, now);
      sampler.dropped(7, now);
    }
    expect([limit.limit, limit.sampled]).toStrictEqual([7, false]);
  });

  it.each([
    ['0', 0, RangeError],
    ['part of a call', 1.5, RangeError],
    ['NaN', NaN, RangeError],
    ['no limit at all', Infinity, RangeError],
    ['no number', '7', TypeError],
    ['nothing', undefined, TypeError],
  ])('refuses %s', (_, limit, type) => {
    expect(() => fixedLimit(limit as number)).toThrow(type);
    expect(() => fixedLimit(limit as number)).toThrow('limit must be');
  });
});
