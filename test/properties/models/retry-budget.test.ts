import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryBudget } from '../../../src/core/retry-budget.js';
import { tokenBudget } from '../../../src/core/token-budget.js';
import { type BudgetSettings, ModelBudget, ModelTokens } from './budget-model.js';
import { runs } from './runs.js';

const budgetSettings: fc.Arbitrary<BudgetSettings> = fc.record({
  ratio: fc.constantFrom(0, 0.1, 0.2, 0.5, 1, 3),
  minPerSecond: fc.constantFrom(0, 0, 0.5, 1, 10),
  burst: fc.constantFrom(0, 0.5, 1, 3, 10),
  window: fc.constantFrom(100, 1_000, 10_000),
});

describe('retryBudget', () => {
  const step = fc.record({
    tries: fc.nat(12),
    passes: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 4, arbitrary: fc.integer({ min: 1, max: 300 }) }, { weight: 1, arbitrary: fc.integer({ min: 300, max: 30_000 }) }),
    asks: fc.nat(8),
  });

  it('grants what its formula grants, has never less than nothing, and over no interval more than it had and earned', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), budgetSettings, fc.nat(2_000_000_000), (steps, settings, start) => {
        const { burst, minPerSecond, ratio, window } = settings;
        const budget = retryBudget(settings);
        const model = new ModelBudget(settings);
        const marks: { readonly at: number; readonly had: number; granted: number; tries: number }[] = [];
        let now = start;
        let excess = 0;
        let deposits: readonly { readonly at: number; readonly tokens: number }[] = [];
        // First tries since the last failure are credited at the next one.
        let waiting = 0;
        for (const { asks, passes, tries } of steps) {
          now += passes;
          for (let i = 0; i < tries; i++) {
            budget.tried();
            model.tried();
          }
          waiting += tries;
          for (const mark of marks) mark.tries += tries;
          for (let i = 0; i < asks; i++) {
            const left = budget.left(now);
            expect(left).toBe(model.left(now));
            expect(left).toBeGreaterThanOrEqual(0);
            expect(budget.refilledIn(now)).toBeCloseTo(model.refilledIn(now), 3);
            const dt = model.timeUntil(now);
            deposits = dt >= window ? [] : deposits.filter(({ at }) => at > now - 2 * window);
            deposits = [...deposits, { at: now, tokens: model.earnedIn(dt) }];
            // However often something fails: what is older than two windows has lapsed.
            expect(left).toBeLessThanOrEqual(burst + deposits.reduce((sum, { tokens }) => sum + tokens, 0) + 1e-6);
            const granted = budget.take(now);
            expect([granted, left > 0]).toStrictEqual([model.take(now), granted]);
            marks.push({ at: now, had: Math.max(burst, model.tokensAt(now)) + (granted ? 1 : 0), granted: 0, tries: 0 });
            waiting = 0;
            if (!granted) continue;
            for (const mark of marks) {
              mark.granted++;
              excess = Math.max(excess, mark.granted - mark.had - ratio * mark.tries - (minPerSecond * (now - mark.at)) / 1_000);
            }
          }
        }
        expect(excess).toBeLessThan(1e-6);
        expect(budget.left(now)).toBe(model.left(now));
        // Left alone for its window, it has its burst at most, and what came since the last failure.
        expect(budget.left(now + 30_000)).toBeLessThanOrEqual(burst + ratio * waiting + 1e-6);
      }),
      runs(500),
    );
  });

  it('lets what first tries have earned lapse also where now and then one fails', () => {
    const budget = retryBudget({ burst: 1, minPerSecond: 0, ratio: 1, window: 1_000 });
    for (let now = 0; now < 100_000; now += 500) {
      for (let i = 0; i < 10; i++) budget.tried();
      expect(budget.take(now)).toBe(true);
    }
    // Ten for each half of a second, of two windows at most.
    expect(budget.left(99_500)).toBeLessThanOrEqual(41);
  });

  it('takes a clock that stands behind the last one for one that stands still', () => {
    const ask = fc.record({ tries: fc.nat(3), now: fc.nat(5_000) });
    fc.assert(
      fc.property(fc.array(ask, { maxLength: 40 }), budgetSettings, (asks, settings) => {
        const budget = retryBudget(settings);
        const model = new ModelBudget(settings);
        for (const { now, tries } of asks) {
          for (let i = 0; i < tries; i++) {
            budget.tried();
            model.tried();
          }
          expect([budget.left(now), budget.take(now)]).toStrictEqual([model.left(now), model.take(now)]);
        }
      }),
      runs(500),
    );
  });
});

describe('tokenBudget', () => {
  const thousandths = fc.integer({ min: 1, max: 3_000 });
  const step = fc.constantFrom('succeeded' as const, 'failed' as const, 'failed' as const);

  it('grants what the rule of gRPC grants, to the thousandth', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), fc.integer({ min: 1, max: 20 }), thousandths, (steps, most, back) => {
        const budget = tokenBudget({ maxTokens: most, tokenRatio: back / 1_000 });
        const model = new ModelTokens(most * 1_000, back);
        for (const taken of steps) {
          budget[taken]();
          model[taken]();
          const { left, mayRetry } = model;
          expect([budget.take(0), budget.left(0), budget.refilledIn(0)]).toStrictEqual([mayRetry, left, left > 0 ? 0 : Infinity]);
        }
      }),
      runs(500),
    );
  });
});
