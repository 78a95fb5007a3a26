import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConcurrencyLimit, LimitSampler } from '../../src/core/concurrency-limit.js';
import { vegasLimit, type VegasLimitOptions } from '../../src/core/vegas-limit.js';
import { mean, overload, seeded } from './overload.js';

const numRuns = Number(process.env['RESILIENCE_RUNS'] ?? 300);

interface Sampled {
  readonly latency?: number;
  readonly inFlight?: number;
  readonly drops?: number;
  readonly calls?: number;
}

/** A limit, and a way to feed it whole windows; the number after `random` 0 of windows until a probe is 30. */
const limited = (options: VegasLimitOptions = {}) => {
  const limit = vegasLimit({ random: () => 0, ...options });
  const sampler = limit.sampler();
  let now = 0;
  const feed = (to: LimitSampler, { latency = 100, inFlight = limit.limit, drops = 0, calls = 10 }: Sampled): number => {
    const begin = now;
    for (let i = 0; i < calls; i += 1) {
      now = begin + (i / (calls - 1)) * 1_000;
      if (i < drops) to.dropped(inFlight, now);
      else to.record(latency, inFlight, now);
    }
    return limit.limit;
  };
  return { limit, sampler, feed, window: (sampled: Sampled = {}) => feed(sampler, sampled) };
};

describe('vegasLimit', () => {
  it.each([
    ['grows by six steps while nothing waits', 20, { latency: 100 }, 26],
    ['grows by six steps while one step waits', 20, { latency: 105 }, 26],
    ['grows by a step below three steps', 20, { latency: 111 }, 21],
    ['stays from three steps on', 20, { latency: 117 }, 20],
    ['stays between three and six steps', 20, { latency: 140 }, 20],
    ['shrinks by a step above six steps', 20, { latency: 160 }, 19],
    ['stays between three and six wide steps', 200, { latency: 104 }, 200],
    ['steps wider above a hundred', 200, { latency: 100 }, 212],
    ['steps wider above a hundred, down as well', 200, { latency: 110 }, 198],
    ['grows by one wide step when a little waits', 200, { latency: 102 }, 202],
    ['does not grow while less than half is used', 20, { latency: 100, inFlight: 9 }, 20],
    ['grows as soon as half is used', 20, { latency: 100, inFlight: 10 }, 26],
    ['does not shrink for latency while less than half is used', 20, { latency: 500, inFlight: 9 }, 20],
    ['shrinks by a step when a tenth is dropped', 20, { latency: 100, drops: 1 }, 19],
    ['shrinks when all are dropped, used or not', 20, { drops: 10, inFlight: 1 }, 19],
    ['is not moved by one drop in twenty', 20, { latency: 100, calls: 20, drops: 1 }, 26],
  ])('%s', (_, initial, sampled, expected) => {
    const { window, limit } = limited({ initial });
    window({ latency: 100, inFlight: 1 });
    expect(limit.limit).toBe(initial);
    expect(window(sampled)).toBe(expected);
  });

  it('goes by the most that was in flight in a window, not by the last', () => {
    const { limit, sampler, window } = limited({ initial: 20 });
    window({ inFlight: 1 });
    for (let i = 0; i < 10; i += 1) sampler.record(100, i === 0 ? 20 : 1, 1_000 + i * 200);
    expect(limit.limit).toBe(26);
  });

  it('goes on after a window in which every call was dropped', () => {
    const { window } = limited({ initial: 20 });
    expect([window({ drops: 10 }), window({ drops: 10 }), window()]).toStrictEqual([19, 18, 24]);
  });

  it('does not move while no latency is known', () => {
    const { limit } = limited({ initial: 20 });
    const few = Array.from({ length: 4 }, () => limit.sampler());
    for (let i = 0; i < 12; i += 1) few[i % 4]!.record(100, 20, i * 1_000);
    expect(limit.limit).toBe(20);
  });

  it('decides only after a second and ten samples, whichever is later', () => {
    const { limit, sampler } = limited();
    for (let i = 0; i <= 100; i += 1) sampler.record(100, 20, i * 9.99);
    expect(limit.limit).toBe(20);
    sampler.record(100, 20, 1_000);
    expect(limit.limit).toBe(26);
    for (let i = 0; i < 9; i += 1) sampler.record(100, 26, 2_000 + i * 1_000);
    expect(limit.limit).toBe(26);
    sampler.record(100, 26, 11_000);
    expect(limit.limit).toBe(32);
  });

  it('waits for two latencies where that is longer than a second', () => {
    const { limit, window, sampler } = limited();
    window({ latency: 3_000 });
    expect(limit.limit).toBe(26);
    for (let i = 0; i < 12; i += 1) sampler.record(3_000, 26, 2_000 + i * 500);
    expect(limit.limit).toBe(26);
    sampler.record(3_000, 26, 8_000);
    expect(limit.limit).toBe(32);
  });

  it('never leaves its bounds', () => {
    const low = limited({ initial: 6, min: 5 });
    for (let i = 0; i < 5; i += 1) low.window({ drops: 10 });
    expect(low.limit.limit).toBe(5);
    const high = limited({ initial: 20, max: 30 });
    for (let i = 0; i < 5; i += 1) high.window();
    expect(high.limit.limit).toBe(30);
  });

  describe('drain probe', () => {
    /** Brings a limit of 40 to its 30th window, after which the probe begins. */
    const due = (options: VegasLimitOptions = {}) => {
      const made = limited({ initial: 40, max: 40, ...options });
      for (let i = 0; i < 29; i += 1) expect(made.window()).toBe(40);
      return made;
    };

    it('halves the limit for two windows and restores it', () => {
      const { window } = due();
      expect([window(), window(), window(), window()]).toStrictEqual([20, 20, 40, 40]);
    });

    it('takes the latency of the second window as the baseline', () => {
      const { window } = due();
      window({ latency: 100 });
      window({ latency: 450 });
      window({ latency: 300 });
      expect(window({ latency: 300 })).toBe(40);
      expect(window({ latency: 420 })).toBe(39);
    });

    it('waits while less than half of the limit is used', () => {
      const { window } = due();
      for (let i = 0; i < 10; i += 1) expect(window({ inFlight: 19 })).toBe(40);
      expect(window({ inFlight: 20 })).toBe(20);
    });

    it('does not go below the minimum', () => {
      expect(due({ min: 30 }).window()).toBe(30);
      expect(due({ min: 40 }).window()).toBe(40);
    });

    it('comes again after at least 30 windows', () => {
      const { window } = due();
      const limits = Array.from({ length: 33 }, () => window());
      expect(limits).toStrictEqual([20, 20, ...Array.from({ length: 30 }, () => 40), 20]);
    });

    it.each([
      ['30', 0],
      ['60', 0.999],
    ])('comes after %s windows at the least and the most', (windows, random) => {
      const { window } = limited({ initial: 40, max: 40, random: () => random });
      for (let i = 1; i < Number(windows); i += 1) expect(window()).toBe(40);
      expect(window()).toBe(20);
    });
  });

  describe('shared by a fast and a slow policy', () => {
    it('measures each against itself', () => {
      const { limit, feed } = limited({ initial: 40, max: 40 });
      const [fast, slow] = [limit.sampler(), limit.sampler()];
      feed(fast, { latency: 10 });
      for (let i = 0; i < 10; i += 1) expect(feed(slow, { latency: 1_000 })).toBe(40);
      for (let i = 0; i < 10; i += 1) feed(slow, { latency: 2_000 });
      expect(limit.limit).toBeLessThan(40);
    });

    it('is not held up by one that has too few samples for a latency of its own', () => {
      const { limit } = limited({ initial: 20 });
      const [busy, quiet] = [limit.sampler(), limit.sampler()];
      quiet.record(5_000, 20, 0);
      for (let i = 0; i < 11; i += 1) busy.record(100, 20, i * 110);
      expect(limit.limit).toBe(26);
    });

    it('works where their clocks differ', () => {
      const { limit } = limited();
      const [here, there] = [limit.sampler(), limit.sampler()];
      for (let now = 0; now < 1_000; now += 10) {
        here.record(100, 20, now);
        there.record(100, 20, 1e12 + now);
      }
      expect(limit.limit).toBe(20);
      there.record(100, 20, 1e12 + 1_000);
      expect(limit.limit).toBe(26);
    });
  });

  it('stays a whole number within its bounds, whatever it hears', () => {
    const sample = fc.record({
      to: fc.nat(2),
      gap: fc.nat(400),
      latency: fc.oneof(fc.nat(5), fc.nat(5_000)),
      inFlight: fc.nat(60),
      dropped: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 500 }), fc.integer({ min: 1, max: 30 }), fc.nat(30), (list, min, more) => {
        const limit = vegasLimit({ initial: min, min, max: min + more, random: seeded(list.length) });
        const samplers = [limit.sampler(), limit.sampler(), limit.sampler()];
        let now = 0;
        for (const { to, gap, latency, inFlight, dropped } of list) {
          now += gap;
          if (dropped) samplers[to]!.dropped(inFlight, now);
          else samplers[to]!.record(latency, inFlight, now);
          expect(Number.isInteger(limit.limit)).toBe(true);
          expect(limit.limit).toBeGreaterThanOrEqual(min);
          expect(limit.limit).toBeLessThanOrEqual(min + more);
        }
      }),
      { numRuns: Math.min(numRuns, 2_000) },
    );
  });
});

describe('vegasLimit options', () => {
  it.each([
    [undefined, 20],
    [{ initial: undefined, min: undefined, max: undefined, random: undefined }, 20],
    [{ initial: 3 }, 3],
    [{ min: 50 }, 50],
    [{ max: 10 }, 10],
    [{ min: 2_000 }, 2_000],
  ])('of %j begin at %i', (options, expected) => {
    expect(vegasLimit(options).limit).toBe(expected);
    expect(vegasLimit(options).sampled).toBe(true);
  });

  it.each([
    [{ initial: 0 }, RangeError, 'initial must be from 1 to 1000, got 0'],
    [{ initial: 1_001 }, RangeError, 'initial must be from 1 to 1000'],
    [{ initial: 5, min: 6 }, RangeError, 'initial must be from 6 to 1000, got 5'],
    [{ initial: 2.5 }, RangeError, 'initial must be a whole number'],
    [{ min: 0 }, RangeError, 'min must be'],
    [{ min: 5, max: 4 }, RangeError, 'max must be of at least 5 and finite, got 4'],
    [{ max: Infinity }, RangeError, 'max must be'],
    [{ max: '9' }, TypeError, 'max must be a number'],
    [{ random: 0.5 }, TypeError, 'random must be a function'],
    [{ start: 5 }, TypeError, "vegasLimit has no option 'start'"],
    [5, TypeError, 'vegasLimit: options must be an object, got 5'],
  ])('refuses %j', (options, type, message) => {
    expect(() => vegasLimit(options as VegasLimitOptions)).toThrow(type);
    expect(() => vegasLimit(options as VegasLimitOptions)).toThrow(message);
  });
});

describe('vegasLimit before a server of 100 calls a second', () => {
  const limit = (seed: number): ConcurrencyLimit => vegasLimit({ random: seeded(seed) });

  it.each([1, 2, 3])('lets a load of 0.7 through (%i)', (seed) => {
    const { good, limits } = overload(limit(seed), { rate: 70, seconds: 600, seed });
    expect(mean(good)).toBeGreaterThanOrEqual(0.95 * 70);
    expect(Math.max(...limits)).toBeLessThan(100);
  });

  it.each([1, 2, 3])('keeps nine tenths of the capacity at a load of 2, from the first minutes on (%i)', (seed) => {
    const { good, limits } = overload(limit(seed), { rate: 200, seconds: 1_200, seed });
    expect(mean(good.slice(0, 120))).toBeGreaterThanOrEqual(90);
    expect(mean(good.slice(-120))).toBeGreaterThanOrEqual(90);
    expect(Math.max(...limits)).toBeLessThan(100);
  });

  it('keeps it at a load of 10', () => {
    const { good } = overload(limit(4), { rate: 1_000, seconds: 240, seed: 4 });
    expect(mean(good.slice(-120))).toBeGreaterThanOrEqual(90);
  });

  it.each([1, 2, 3])('finds nine tenths of the new capacity when every call takes three times as long (%i)', (seed) => {
    const slower = { from: 120, factor: 3 };
    const { good, limits } = overload(limit(seed), { rate: 200, seconds: 600, seed, slower });
    expect(mean(good.slice(240))).toBeGreaterThanOrEqual(0.9 * (100 / 3));
    expect(mean(limits.slice(-120))).toBeLessThan(60);
  });
});
