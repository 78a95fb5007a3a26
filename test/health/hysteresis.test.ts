import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HealthStatus } from '../../src/core/health.js';
import { judge, type Steadiness, type Verdict } from '../../src/health/hysteresis.js';

const numRuns = Number(process.env['RESILIENCE_RUNS'] ?? 500);
const fromBest: readonly HealthStatus[] = ['up', 'degraded', 'unknown', 'down'];
const rank = (status: HealthStatus): number => fromBest.indexOf(status);
const word: Readonly<Record<string, HealthStatus>> = { u: 'up', g: 'degraded', '?': 'unknown', d: 'down' };
const letterOf = (status: HealthStatus): string => Object.keys(word).find((letter) => word[letter] === status)!;

const verdicts = (results: readonly HealthStatus[], steadiness: Steadiness): readonly HealthStatus[] => {
  let verdict: Verdict | undefined;
  return results.map((result) => (verdict = judge(verdict, result, steadiness)).status);
};

describe('a verdict over results in a row', () => {
  it.each([
    // failAfter, recoverAfter, results, verdicts
    [2, 2, 'u', 'u', 'the first decides at once'],
    [2, 2, 'd', 'd', 'the first decides at once, also when it is bad'],
    [5, 5, 'g', 'g', 'the first decides at once, whatever it is'],
    [2, 2, 'udud', 'uuuu', 'one alone is not believed'],
    [2, 2, 'udd', 'uud', 'two in a row are'],
    [2, 2, 'dudu', 'dddd', 'one good one alone is not believed'],
    [2, 2, 'duu', 'ddu', 'two good ones in a row are'],
    [3, 2, 'uddudddu', 'uuuuuudd', 'what is not in a row does not add up'],
    [1, 1, 'udgu', 'udgu', 'with 1 each result decides'],
    [2, 1, 'uddu', 'uudu', 'the two directions are counted apart'],
    [1, 3, 'uduuu', 'udddu', 'the two directions are counted apart, the other way'],
    [2, 2, 'ugg', 'uug', 'up to degraded'],
    [2, 2, 'ugd', 'uug', 'degraded and down both say at least degraded'],
    [2, 2, 'udg', 'uug', 'in either order'],
    [2, 2, 'ugdd', 'uugd', 'the down of the first move counts for the second'],
    [2, 2, 'dgu', 'ddg', 'both are better than down, one of them is up'],
    [2, 2, 'dguu', 'ddgu', 'and then it is up'],
    [2, 2, 'dgg', 'ddg', 'down to degraded'],
    [2, 2, 'u?d', 'uu?', 'unknown is better than down and worse than degraded'],
    [2, 2, 'g?g?', 'gggg', 'unknown alone is not believed either'],
  ])('failAfter %i, recoverAfter %i: %s gives %s (%s)', (failAfter, recoverAfter, results, expected) => {
    const all = [...results].map((letter) => word[letter]!);
    expect(verdicts(all, { failAfter, recoverAfter }).map(letterOf).join('')).toBe(expected);
  });

  const settings = fc.record({ failAfter: fc.integer({ min: 1, max: 4 }), recoverAfter: fc.integer({ min: 1, max: 4 }) });
  const series = fc.array(fc.constantFrom(...fromBest), { minLength: 1, maxLength: 40 });

  it('moves only where so many results in a row are all beyond what was held', () => {
    fc.assert(
      fc.property(series, settings, (results, steadiness) => {
        const shown = verdicts(results, steadiness);
        for (let i = 1; i < shown.length; i++) {
          const [before, after] = [rank(shown[i - 1]!), rank(shown[i]!)];
          if (after === before) continue;
          const needed = after > before ? steadiness.failAfter : steadiness.recoverAfter;
          const row = results.slice(Math.max(0, i + 1 - needed), i + 1).map(rank);
          expect(row).toHaveLength(needed);
          // At least as bad as it became; or, for the better, none worse.
          if (after > before) expect(Math.min(...row)).toBeGreaterThanOrEqual(after);
          else expect(Math.max(...row)).toBeLessThanOrEqual(after);
        }
      }),
      { numRuns },
    );
  });

  it('does not hold on to what so many results in a row contradict', () => {
    fc.assert(
      fc.property(series, settings, fc.constantFrom(...fromBest), (results, steadiness, last) => {
        const most = Math.max(steadiness.failAfter, steadiness.recoverAfter);
        const shown = verdicts([...results, ...Array.from({ length: most }, () => last)], steadiness);
        expect(shown[shown.length - 1]).toBe(last);
      }),
      { numRuns },
    );
  });

  it('is between the best and the worst of what it was told', () => {
    fc.assert(
      fc.property(series, settings, (results, steadiness) => {
        const ranks = results.map(rank);
        for (const status of verdicts(results, steadiness)) {
          expect(rank(status)).toBeGreaterThanOrEqual(Math.min(...ranks));
          expect(rank(status)).toBeLessThanOrEqual(Math.max(...ranks));
        }
      }),
      { numRuns },
    );
  });
});
