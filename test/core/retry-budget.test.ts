import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RetryBudget, retryBudget } from '../../src/core/retry-budget.js';
import { tokenBudget } from '../../src/core/token-budget.js';
import { thrownBy } from '../thrown.js';

const tried = (budget: RetryBudget, n: number): void => {
  for (let i = 0; i < n; i++) budget.tried();
};
/** How many retries it lets through at once. */
const drain = (budget: RetryBudget, now: number): number => {
  let n = 0;
  while (n < 10_000 && budget.take(now)) n++;
  return n;
};

describe('retryBudget', () => {
  it('has its burst at the start', () => {
    const budget = retryBudget();
    expect(budget.left(0)).toBe(10);
    expect(drain(budget, 0)).toBe(10);
    expect(budget.left(0)).toBe(0);
  });

  it.each([
    [5, 0.2, 1],
    [4, 0.2, 0],
    [10, 0.1, 1],
    [9, 0.1, 0],
    [100, 0.57, 57],
    [7, 1 / 7, 1],
    [1, 10, 10],
    [50, 0, 0],
  ])('lets %i first tries at a ratio of %f earn %i', (tries, ratio, earned) => {
    const budget = retryBudget({ ratio, burst: 0, minPerSecond: 0 });
    tried(budget, tries);
    expect(budget.left(0)).toBe(earned);
    expect(drain(budget, 0)).toBe(earned);
  });

  it('loses no thousandth by what is earned in small parts', () => {
    const budget = retryBudget({ ratio: 0.1, burst: 0, minPerSecond: 0 });
    for (let i = 0; i < 9; i++) {
      budget.tried();
      expect(budget.take(0)).toBe(false);
    }
    budget.tried();
    expect(budget.take(0)).toBe(true);
  });

  it('fills its burst up again by minPerSecond, and no further', () => {
    const budget = retryBudget({ minPerSecond: 2, burst: 3 });
    drain(budget, 0);
    expect([499, 500, 999, 1_000, 1_500, 9_000].map((now) => budget.left(now))).toStrictEqual([0, 1, 1, 2, 3, 3]);
    expect(budget.refilledIn(0)).toBe(500);
    expect(budget.refilledIn(499)).toBe(1);
    expect(budget.refilledIn(500)).toBe(0);
  });

  it('fills up as well when it is asked often', () => {
    const budget = retryBudget({ minPerSecond: 1, burst: 1 });
    drain(budget, 0);
    for (let now = 0.1; now < 999; now += 0.1) expect(budget.take(now)).toBe(false);
    expect(budget.take(1_000)).toBe(true);
  });

  it('lets what traffic has earned lapse after the window', () => {
    const budget = retryBudget({ burst: 1, minPerSecond: 0, ratio: 1, window: 1_000 });
    tried(budget, 9);
    expect(budget.take(0)).toBe(true);
    expect([0, 999, 1_000].map((now) => budget.left(now))).toStrictEqual([9, 9, 1]);
  });

  it('lets it lapse also where a try fails now and then: as a window ends, what was earned before it', () => {
    const budget = retryBudget({ burst: 1, minPerSecond: 0, ratio: 1, window: 1_000 });
    tried(budget, 9);
    expect([0, 600].map((now) => budget.take(now))).toStrictEqual([true, true]);
    tried(budget, 3);
    expect([1_000, 1_600].map((now) => budget.take(now))).toStrictEqual([true, true]);
    expect([1_600, 1_999, 2_000].map((now) => budget.left(now))).toStrictEqual([9, 9, 4]);
    tried(budget, 2);
    expect([budget.left(2_000), budget.take(2_000), budget.left(2_000)]).toStrictEqual([6, true, 5]);
  });

  it('counts of a longer time only the share of the window', () => {
    const budget = retryBudget({ burst: 0, minPerSecond: 0, ratio: 1, window: 1_000 });
    expect(budget.take(0)).toBe(false);
    tried(budget, 8);
    expect([1_000, 2_000, 4_000].map((now) => budget.left(now))).toStrictEqual([8, 4, 2]);
  });

  it('takes time that runs backwards for no time', () => {
    const budget = retryBudget({ burst: 1 });
    expect(budget.take(5_000)).toBe(true);
    expect(budget.left(0)).toBe(0);
  });

  it('says that only traffic helps where nothing comes by itself', () => {
    expect(retryBudget({ burst: 0 }).refilledIn(0)).toBe(Infinity);
    expect(retryBudget({ burst: 0, minPerSecond: 0 }).refilledIn(0)).toBe(Infinity);
    const budget = retryBudget({ burst: 1, minPerSecond: 0 });
    drain(budget, 0);
    expect(budget.refilledIn(0)).toBe(Infinity);
  });

  it('needs no time where there is a retry, be it the last one', () => {
    expect(retryBudget().refilledIn(0)).toBe(0);
    expect(retryBudget({ burst: 1, minPerSecond: 0 }).refilledIn(0)).toBe(0);
  });

  it('fills a burst of one up again', () => {
    const budget = retryBudget({ burst: 1, minPerSecond: 2 });
    drain(budget, 0);
    expect(budget.refilledIn(0)).toBe(500);
  });

  it('never lets more through than burst, ratio and time allow', () => {
    const step = fc.record({ passed: fc.nat(3_000), tries: fc.nat(20), takes: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 0, max: 100 }), fc.nat(5), (steps, percent, minPerSecond) => {
        const ratio = percent / 100;
        const budget = retryBudget({ ratio, minPerSecond, burst: 5 });
        let now = 0;
        let tries = 0;
        let taken = 0;
        for (const { passed, tries: more, takes } of steps) {
          now += passed;
          tries += more;
          tried(budget, more);
          for (let i = 0; i < takes; i++) {
            const left = budget.left(now);
            const got = budget.take(now);
            expect(got).toBe(left > 0);
            if (got) taken++;
          }
          expect(taken).toBeLessThanOrEqual(5 + ratio * tries + (minPerSecond * now) / 1_000 + 1e-6);
        }
      }),
    );
  });
});

describe('tokenBudget', () => {
  it('lets retries through while more than half of the tokens are there', () => {
    const budget = tokenBudget({ maxTokens: 10, tokenRatio: 0.1 });
    const answers = Array.from({ length: 6 }, () => (budget.failed(), budget.take(0)));
    expect(answers).toStrictEqual([true, true, true, true, false, false]);
  });

  it('is given back by successes, to its maximum', () => {
    const budget = tokenBudget({ maxTokens: 4, tokenRatio: 0.5 });
    budget.failed();
    budget.failed();
    expect(budget.take(0)).toBe(false);
    budget.succeeded();
    expect(budget.take(0)).toBe(true);
    for (let i = 0; i < 50; i++) budget.succeeded();
    expect(budget.left(0)).toBe(1);
  });

  it('never has less than nothing', () => {
    const budget = tokenBudget({ maxTokens: 2, tokenRatio: 1 });
    for (let i = 0; i < 50; i++) budget.failed();
    budget.succeeded();
    expect(budget.take(0)).toBe(false);
    budget.succeeded();
    expect(budget.take(0)).toBe(true);
  });

  it('counts three decimals of the ratio exactly', () => {
    const budget = tokenBudget({ maxTokens: 2, tokenRatio: 0.29 });
    budget.failed();
    for (let i = 0; i < 3; i++) budget.succeeded();
    budget.failed();
    budget.succeeded();
    expect(budget.take(0)).toBe(true);
  });

  it.each([
    [0.001, 1],
    [0.57, 570],
  ])('loses no thousandth of a ratio of %f by how it is written', (tokenRatio, thousandths) => {
    // What one success gives back is just more than half.
    const budget = tokenBudget({ maxTokens: (2 * thousandths - 1) / 1_000, tokenRatio });
    for (let i = 0; i < 2; i++) budget.failed();
    expect(budget.take(0)).toBe(false);
    budget.succeeded();
    expect(budget.take(0)).toBe(true);
  });

  it.each([0, 1, 4, 5, 9, 10])('tells beforehand how many of %i failures in a row are tried again', (failures) => {
    const budget = tokenBudget({ maxTokens: 20, tokenRatio: 0.1 });
    for (let i = 0; i < failures; i++) budget.failed();
    const left = budget.left(0);
    expect(budget.refilledIn(0)).toBe(left > 0 ? 0 : Infinity);
    let n = 0;
    for (budget.failed(); budget.take(0); budget.failed()) n++;
    expect(n).toBe(left);
  });
});

describe('budgets refuse', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['a negative ratio', () => retryBudget({ ratio: -0.1 }), /^RangeError: \w+: ratio/],
    ['a negative minPerSecond', () => retryBudget({ minPerSecond: -1 }), /^RangeError: \w+: minPerSecond/],
    ['an infinite burst', () => retryBudget({ burst: Infinity }), /^RangeError: \w+: burst/],
    ['a window of 0', () => retryBudget({ window: 0 }), /^RangeError: \w+: window/],
    ['an unknown option', () => retryBudget({ percent: 5 } as never), /^TypeError: retryBudget has no option 'percent'/],
    ['an unknown option of the other', () => tokenBudget({ tokens: 5 } as never), /^TypeError: tokenBudget has no option 'tokens'/],
    ['no tokens', () => tokenBudget({ maxTokens: 0, tokenRatio: 1 }), /^RangeError: \w+: maxTokens/],
    ['more than 1,000 tokens', () => tokenBudget({ maxTokens: 1_001, tokenRatio: 1 }), /^RangeError: \w+: maxTokens/],
    ['a ratio of 0', () => tokenBudget({ maxTokens: 5, tokenRatio: 0 }), /^RangeError: \w+: tokenRatio/],
    ['no options', () => tokenBudget({} as never), /^TypeError: \w+: maxTokens/],
  ])('%s', (_title, make, message) => {
    expect(String(thrownBy(make))).toMatch(message);
  });
});
