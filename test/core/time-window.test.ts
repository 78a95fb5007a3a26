import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutcomeWindow } from '../../src/core/outcome-window.js';
import { TimeWindow } from '../../src/core/time-window.js';

const numRuns = Number(process.env['RESILIENCE_RUNS'] ?? 300);

interface Outcome {
  readonly failed: boolean;
  readonly slow: boolean;
  readonly at: number;
}
const totals = (window: OutcomeWindow, now: number) => ({
  calls: window.calls(now),
  failures: window.failures(now),
  slow: window.slow(now),
});
const counted = (list: readonly Outcome[]) => ({
  calls: list.length,
  failures: list.filter(({ failed }) => failed).length,
  slow: list.filter(({ slow }) => slow).length,
});

/** Outcomes with rising times, gaps of 0 and gaps far longer than the window among them. */
const history = (longest: number) =>
  fc
    .array(
      fc.record({
        failed: fc.boolean(),
        slow: fc.boolean(),
        gap: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: longest })),
      }),
      { maxLength: 80 },
    )
    .map((steps) => {
      let at = 0;
      return steps.map(({ failed, slow, gap }): Outcome => ({ failed, slow, at: (at += gap) }));
    });

describe('TimeWindow', () => {
  // 100 ms in 10 buckets of 10 ms.
  it.each([
    ['at once', 0, 0, 1],
    ['for its whole time if it came as a bucket began', 0, 99, 1],
    ['no longer at that instant', 0, 100, 0],
    ['for little more than its time less one bucket if it came as a bucket ended', 9, 99, 1],
    ['and then leaves with the bucket', 9, 100, 0],
    ['in its own bucket and not the one before', 10, 109, 1],
    ['until that is over', 10, 110, 0],
    ['not after a gap far longer than the window', 5, 1e12, 0],
    ['likewise at a time before its own, which a clock ought not to show', 50, 20, 1],
  ])('counts an outcome %s', (_, at, now, expected) => {
    const window = new TimeWindow(100, 10);
    window.record(true, true, at);
    expect(totals(window, now)).toStrictEqual({ calls: expected, failures: expected, slow: expected });
  });

  it('is timed and empty at first', () => {
    const window = new TimeWindow(100, 10);
    expect(window.timed).toBe(true);
    expect(totals(window, 0)).toStrictEqual({ calls: 0, failures: 0, slow: 0 });
  });

  it('counts on at the newest time when the clock stands still or goes back', () => {
    const window = new TimeWindow(100, 10);
    window.record(true, false, 95);
    window.record(true, false, 95);
    window.record(false, true, 0);
    expect(totals(window, 95)).toStrictEqual({ calls: 3, failures: 2, slow: 1 });
    expect(totals(window, 190)).toStrictEqual({ calls: 0, failures: 0, slow: 0 });
  });

  it('ages while idle without being changed by reading', () => {
    const window = new TimeWindow(100, 10);
    window.record(true, false, 0);
    window.record(false, false, 50);
    expect(window.calls(1_000)).toBe(0);
    expect(window.calls(120)).toBe(1);
    expect(window.calls(60)).toBe(2);
  });

  it('works at the times of a wall clock, with a width that is not whole', () => {
    const now = 1_800_000_000_000;
    const window = new TimeWindow(1_000, 7);
    for (let at = 0; at < 5_000; at += 1) window.record(false, false, now + at);
    expect(window.calls(now + 4_999)).toBeGreaterThan(1_000 - 1_000 / 7 - 1);
    expect(window.calls(now + 4_999)).toBeLessThanOrEqual(1_000);
  });

  it('is empty after clear and counts earlier times from there', () => {
    const window = new TimeWindow(100, 10);
    window.record(true, true, 1_000);
    window.clear();
    expect(totals(window, 1_000)).toStrictEqual({ calls: 0, failures: 0, slow: 0 });
    window.record(true, false, 5);
    expect(totals(window, 99)).toStrictEqual({ calls: 1, failures: 1, slow: 0 });
    expect(window.calls(100)).toBe(0);
  });

  it('counts what a list of all outcomes counts, at every time from the newest on', () => {
    const shape = fc.record({ width: fc.integer({ min: 1, max: 40 }), buckets: fc.integer({ min: 1, max: 12 }) });
    fc.assert(
      fc.property(shape, history(2_000), fc.nat(600), ({ width, buckets }, list, idle) => {
        const window = new TimeWindow(width * buckets, buckets);
        const seen: Outcome[] = [];
        const check = (now: number) => {
          const bucket = Math.floor(now / width);
          const inside = seen.filter(({ at }) => Math.floor(at / width) > bucket - buckets);
          expect(totals(window, now)).toStrictEqual(counted(inside));
          const young = seen.filter(({ at }) => now - at <= (buckets - 1) * width);
          expect(young.every((outcome) => inside.includes(outcome))).toBe(true);
          expect(inside.every(({ at }) => now - at < buckets * width)).toBe(true);
        };
        for (const outcome of list) {
          check(outcome.at);
          window.record(outcome.failed, outcome.slow, outcome.at);
          seen.push(outcome);
          check(outcome.at);
        }
        check((list.at(-1)?.at ?? 0) + idle);
      }),
      { numRuns },
    );
  });
});

describe('TimeWindow.resize', () => {
  const filled = (list: readonly Outcome[]): TimeWindow => {
    const window = new TimeWindow(100, 10);
    for (const { failed, slow, at } of list) window.record(failed, slow, at);
    return window;
  };

  it('is the window itself for its own shape, the default number of buckets included', () => {
    const window = filled([]);
    expect(window.resize({ time: 100, buckets: 10 })).toBe(window);
    expect(window.resize({ time: 100 })).toBe(window);
    expect(window.resize({ time: 100, buckets: 5 })).not.toBe(window);
  });

  it('keeps in a shorter window what is young enough, as of the beginning of its old bucket', () => {
    const list = [0, 48, 59, 71].map((at): Outcome => ({ failed: true, slow: false, at }));
    const window = filled(list).resize({ time: 30, buckets: 3 });
    expect(window.failures(71)).toBe(2);
    expect(window.failures(79)).toBe(2);
    expect(window.failures(80)).toBe(1);
    expect(window.failures(100)).toBe(0);
  });

  it('keeps in a longer window what was still known', () => {
    const window = filled([{ failed: true, slow: true, at: 15 }]).resize({ time: 1_000, buckets: 2 });
    expect(totals(window, 999)).toStrictEqual({ calls: 1, failures: 1, slow: 1 });
    expect(window.calls(1_000)).toBe(0);
  });

  it('fills a window of calls with the newest, the failed and slow ones of a bucket being its older ones', () => {
    const window = filled([
      { failed: true, slow: false, at: 0 },
      { failed: false, slow: false, at: 50 },
      { failed: false, slow: true, at: 51 },
      { failed: true, slow: true, at: 52 },
    ]);
    expect(totals(window.resize({ calls: 10 }), 0)).toStrictEqual({ calls: 4, failures: 2, slow: 2 });
    expect(totals(window.resize({ calls: 2 }), 0)).toStrictEqual({ calls: 2, failures: 0, slow: 1 });
  });

  // 5 ms apart, every third failed and every fourth slow, until the ring has gone round more than twice.
  const long = Array.from({ length: 50 }, (_, i): Outcome => ({ failed: i % 3 === 0, slow: i % 4 === 0, at: i * 5 }));

  it.each([
    ['with every bucket in use', long],
    ['with buckets in use again after a gap', [...long, { failed: true, slow: false, at: 320 }]],
  ])('keeps each outcome once, %s', (_, list) => {
    const { at: now } = list.at(-1)!;
    const inside = counted(list.filter(({ at }) => Math.floor(at / 10) > Math.floor(now / 10) - 10));
    const window = filled(list);
    expect(totals(window, now)).toStrictEqual(inside);
    expect(totals(window.resize({ time: 1_000, buckets: 20 }), now)).toStrictEqual(inside);
    expect(totals(window.resize({ calls: 1_000 }), now)).toStrictEqual(inside);
  });

  it('ages as a whole where several old buckets make a new one', () => {
    const list = Array.from({ length: 10 }, (_, i): Outcome => ({ failed: i % 2 === 0, slow: true, at: i * 10 }));
    const window = filled(list).resize({ time: 100, buckets: 5 });
    const all = [99, 100, 120, 180].map((now) => totals(window, now));
    expect(all).toStrictEqual([10, 8, 6, 0].map((calls) => ({ calls, failures: calls / 2, slow: calls })));
  });

  it('takes the slow ones of a bucket for its older ones', () => {
    const window = filled([false, false, true].map((slow): Outcome => ({ failed: false, slow, at: 3 })));
    expect([window.resize({ calls: 1 }).slow(3), window.resize({ calls: 2 }).slow(3), window.resize({ calls: 3 }).slow(3)]).toStrictEqual([0, 0, 1]);
  });

  it('never lets an outcome stay for longer than the new window', () => {
    const shape = fc.record({ width: fc.integer({ min: 1, max: 40 }), buckets: fc.integer({ min: 1, max: 12 }) });
    fc.assert(
      fc.property(shape, history(60), fc.nat(300), ({ width, buckets }, list, idle) => {
        const now = (list.at(-1)?.at ?? 0) + idle;
        const time = width * buckets;
        const window = filled(list).resize({ time, buckets });
        const young = list.filter(({ at }) => now - at < time);
        expect(window.calls(now)).toBeLessThanOrEqual(young.length);
        expect(window.failures(now)).toBeLessThanOrEqual(counted(young).failures);
        const certain = list.filter(({ at }) => at > (list.at(-1)?.at ?? 0) - 90 && now - at <= time - width - 9);
        expect(window.calls(now)).toBeGreaterThanOrEqual(certain.length);
      }),
      { numRuns },
    );
  });
});
