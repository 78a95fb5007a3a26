import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CountWindow } from '../../src/core/count-window.js';
import { TimeWindow } from '../../src/core/time-window.js';

const numRuns = Number(process.env['RESILIENCE_RUNS'] ?? 300);

type Outcome = readonly [failed: boolean, slow: boolean];
const outcomes = fc.array(fc.tuple(fc.boolean(), fc.boolean()), { maxLength: 60 });

const filled = (size: number, list: readonly Outcome[]): CountWindow => {
  const window = new CountWindow(size);
  for (const [failed, slow] of list) window.record(failed, slow);
  return window;
};
const totals = (window: CountWindow) => ({ calls: window.calls(), failures: window.failures(), slow: window.slow() });
const counted = (list: readonly Outcome[]) => ({
  calls: list.length,
  failures: list.filter(([failed]) => failed).length,
  slow: list.filter(([, slow]) => slow).length,
});
const ok: Outcome = [false, false];
const failed: Outcome = [true, false];
const slow: Outcome = [false, true];
const both: Outcome = [true, true];

describe('CountWindow', () => {
  it.each([
    ['is empty at first', 3, [], { calls: 0, failures: 0, slow: 0 }],
    ['counts what it has', 3, [ok, failed], { calls: 2, failures: 1, slow: 0 }],
    ['counts an outcome that is failed and slow as both', 3, [both], { calls: 1, failures: 1, slow: 1 }],
    ['forgets the oldest when it is full', 3, [failed, slow, ok, ok], { calls: 3, failures: 0, slow: 1 }],
    ['goes round more than once', 2, [failed, failed, failed, failed, slow], { calls: 2, failures: 1, slow: 1 }],
    ['may hold a single outcome', 1, [failed, slow], { calls: 1, failures: 0, slow: 1 }],
  ])('%s', (_, size, list, expected) => {
    expect(totals(filled(size, list))).toStrictEqual(expected);
  });

  it('is not timed', () => {
    expect(new CountWindow(1).timed).toBe(false);
  });

  it('is empty after clear and counts on from there', () => {
    const window = filled(2, [failed, both, failed]);
    window.clear();
    expect(totals(window)).toStrictEqual({ calls: 0, failures: 0, slow: 0 });
    window.record(false, true);
    window.record(false, false);
    window.record(false, false);
    expect(totals(window)).toStrictEqual({ calls: 2, failures: 0, slow: 0 });
  });

  it('is itself when resized to its own size', () => {
    const window = filled(2, [failed]);
    expect(window.resize({ calls: 2 })).toBe(window);
  });

  it('carries nothing over to a window of time, for nobody knows when the outcomes were', () => {
    const window = filled(2, [failed]).resize({ time: 1_000 });
    expect(window).toBeInstanceOf(TimeWindow);
    expect(window.calls(0)).toBe(0);
  });

  it('counts exactly the last outcomes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), outcomes, (size, list) => {
        expect(totals(filled(size, list))).toStrictEqual(counted(list.slice(-size)));
      }),
      { numRuns },
    );
  });

  it('keeps the newest outcomes when resized, and goes on counting', () => {
    const size = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(size, size, outcomes, outcomes, (before, after, list, more) => {
        const window = filled(before, list).resize({ calls: after }) as CountWindow;
        for (const [failed, slow] of more) window.record(failed, slow);
        expect(totals(window)).toStrictEqual(counted([...list.slice(-before), ...more].slice(-after)));
      }),
      { numRuns },
    );
  });
});
