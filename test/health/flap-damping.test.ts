import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HealthStatus } from '../../src/core/health.js';
import { calmAt, type Damping, flapped, type Flaps, heldAt, noFlaps } from '../../src/health/flap-damping.js';

const numRuns = Number(process.env['RESILIENCE_RUNS'] ?? 500);
const damping: Damping = { changes: 4, within: 100, calm: 50 };
const fromBest: readonly HealthStatus[] = ['up', 'degraded', 'unknown', 'down'];
const rank = (status: HealthStatus): number => fromBest.indexOf(status);

/** Changes to and fro between two statuses. */
function changesAt(times: readonly number[], [a, b]: readonly [HealthStatus, HealthStatus] = ['up', 'down']): Flaps {
  return times.reduce((flaps, at, i) => (i % 2 === 0 ? flapped(flaps, a, b, at, damping) : flapped(flaps, b, a, at, damping)), noFlaps);
}

describe('flap damping', () => {
  it('holds nothing as long as nothing has changed', () => {
    expect(heldAt(noFlaps, 0, damping)).toBeUndefined();
    expect(calmAt(noFlaps, damping)).toBeUndefined();
  });

  it.each([
    ['four changes', [0, 10, 20, 30], undefined],
    ['five changes', [0, 10, 20, 30, 40], 'down'],
    ['five changes, the first just within the time', [0, 70, 80, 90, 100], 'down'],
    ['five changes, the first just too long ago', [0, 70, 80, 90, 101], undefined],
    ['changes far apart', [0, 60, 120, 180, 240, 300], undefined],
  ] as const)('%s at %j: holds %s', (_title, times, held) => {
    expect(heldAt(changesAt(times), times[times.length - 1]!, damping)).toBe(held);
  });

  it.each([
    [89, 'down'],
    [90, undefined],
    [91, undefined],
  ])('at %i ms, the last change being at 40 ms, it holds %s', (now, held) => {
    const flaps = changesAt([0, 10, 20, 30, 40]);
    expect(calmAt(flaps, damping)).toBe(90);
    expect(heldAt(flaps, now, damping)).toBe(held);
  });

  it('holds for longer with every further change, also for the better', () => {
    const flaps = changesAt([0, 10, 20, 30, 40, 85]);
    expect(calmAt(flaps, damping)).toBe(135);
    expect(heldAt(flaps, 134, damping)).toBe('down');
  });

  it('holds the worse of the two', () => {
    expect(heldAt(changesAt([0, 10, 20, 30, 40], ['down', 'degraded']), 40, damping)).toBe('down');
    expect(heldAt(changesAt([0, 10, 20, 30, 40], ['up', 'degraded']), 40, damping)).toBe('degraded');
  });

  it('holds the worse still where it gets worse meanwhile', () => {
    const flaps = flapped(changesAt([0, 10, 20, 30, 40], ['up', 'degraded']), 'degraded', 'down', 60, damping);
    expect(heldAt(flaps, 60, damping)).toBe('down');
    expect(heldAt(flapped(flaps, 'down', 'up', 70, damping), 70, damping)).toBe('down');
  });

  it('holds again at once where it changes again before the changes are forgotten', () => {
    const flaps = changesAt([0, 10, 20, 30, 40]);
    expect(heldAt(flaps, 95, damping)).toBeUndefined();
    expect(heldAt(flapped(flaps, 'down', 'up', 95, damping), 95, damping)).toBe('down');
  });

  it('keeps no change that is too old to count', () => {
    expect(changesAt([0, 10, 20, 200]).changes).toStrictEqual([200]);
  });

  it('holds exactly while more than so many changes were within the time and it is not calm', () => {
    const steps = fc.array(fc.record({ after: fc.integer({ min: 1, max: 60 }), to: fc.constantFrom(...fromBest) }), { maxLength: 40 });
    fc.assert(
      fc.property(steps, (all) => {
        let [flaps, now, status]: [Flaps, number, HealthStatus] = [noFlaps, 0, 'up'];
        // The same, said slowly.
        const times: number[] = [];
        let held: HealthStatus | undefined;
        for (const { after, to } of all) {
          if (held !== undefined && now + after - times[times.length - 1]! >= damping.calm) held = undefined;
          now += after;
          if (to === status) continue;
          flaps = flapped(flaps, status, to, now, damping);
          times.push(now);
          const worst = rank(status) > rank(to) ? status : to;
          if (held !== undefined) held = rank(to) > rank(held) ? to : held;
          else if (times.filter((at) => now - at <= damping.within).length > damping.changes) held = worst;
          status = to;
          expect(heldAt(flaps, now, damping)).toBe(held);
          // Never better than what it is.
          if (held !== undefined) expect(rank(held)).toBeGreaterThanOrEqual(rank(status));
        }
      }),
      { numRuns },
    );
  });
});
