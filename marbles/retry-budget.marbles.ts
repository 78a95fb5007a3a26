import { constant } from '../src/core/backoff.js';
import { type RetryBudget, type RetryBudgetOptions, retryBudget } from '../src/core/retry-budget.js';
import { tokenBudget } from '../src/core/token-budget.js';
import { retryWithBackoff } from '../src/retry/retry-with-backoff.js';
import { exhausted, failing } from './retry-plan.js';
import { down, scenario, type Scenario } from './scenario.js';

/** A call that is answered or fails at once, and so often is tried again at once. */
type Row = readonly [at: number, result: 'answered' | 'fails', retries: number];

/** `maxRetries` is 3 where nothing else is said. */
function spent(title: string, budget: (() => RetryBudget) | undefined, rows: readonly Row[], metrics?: Readonly<Record<string, unknown>>, maxRetries = 3): Scenario {
  const marbles = rows.flatMap(([, result, retries]) =>
    Array.from({ length: retries + 1 }, (_, i) => (result === 'answered' && i === retries ? '(a|)' : '#')),
  );
  return scenario({
    title,
    policies: () => ({ retry: retryWithBackoff(constant(0), { maxRetries, ...(budget !== undefined && { budget: budget() }) }) }),
    source: marbles,
    pipe: (source, { retry }) => source.pipe(retry),
    calls: rows.map(([at, result]) => ({ call: `${at}ms ^`, sees: `${at}ms ${result === 'answered' ? '(a|)' : '#'}` })),
    subscriptions: rows.flatMap(([at, , retries]) => Array.from({ length: retries + 1 }, () => `${at}ms (^!)`)),
    ...(metrics !== undefined && { metrics: { retry: metrics } }),
  });
}

const bounded = (title: string, options: RetryBudgetOptions, rows: readonly Row[], metrics?: Readonly<Record<string, unknown>>, maxRetries?: number): Scenario =>
  spent(`retryBudget: ${title}`, () => retryBudget({ ratio: 0, minPerSecond: 0, burst: 0, ...options }), rows, metrics, maxRetries);

const proportional: readonly Scenario[] = [
  spent(
    'a retry has a budget of its own: ten retries, and one more for five first tries',
    undefined,
    [[0, 'fails', 3], [1, 'fails', 3], [2, 'fails', 3], [3, 'fails', 1], [4, 'fails', 1], [5, 'fails', 0]],
    { calls: 6, retries: 11, budgetLeft: 0, ...exhausted({ attempts: 3, budget: 3 }) },
  ),
  bounded('with a burst of 0 and nothing to earn nobody tries again', {}, [[0, 'fails', 0], [9_999_999, 'fails', 0]]),
  bounded('burst is there at the start', { burst: 4 }, [[0, 'fails', 3], [1, 'fails', 1], [2, 'fails', 0]], { budgetLeft: 0 }),
  bounded('each first try earns its ratio, whatever becomes of it', { ratio: 0.5 }, [
    [0, 'fails', 0], [1, 'fails', 1], [2, 'answered', 0], [3, 'answered', 0], [4, 'fails', 1], [5, 'fails', 1],
  ]),
  bounded('a retry earns nothing', { ratio: 1, burst: 1 }, [[0, 'fails', 2], [1, 'fails', 1], [2, 'fails', 1]]),
  bounded('what a retry has recovered is paid for all the same', { burst: 2 }, [[0, 'answered', 2], [1, 'fails', 0]], { recovered: 1 }),
  bounded('minPerSecond fills it in time, and not a millisecond earlier', { minPerSecond: 100, burst: 1 }, [
    [0, 'fails', 1], [9, 'fails', 0], [10, 'fails', 1], [19, 'fails', 0], [20, 'fails', 1],
  ]),
  bounded('minPerSecond fills it no further than burst', { minPerSecond: 100, burst: 2 }, [[0, 'fails', 2], [3_600_000, 'fails', 2]]),
  bounded('minPerSecond does not take what was earned beyond burst', { minPerSecond: 1, burst: 1, ratio: 1, window: 1_000 }, [
    [0, 'answered', 0], [1, 'answered', 0], [2, 'answered', 0], [10, 'fails', 5],
  ], undefined, 9),
  bounded('what was earned lapses when the window is over', { ratio: 1, window: 10 }, [
    [0, 'answered', 0], [1, 'answered', 0], [2, 'answered', 0], [3, 'fails', 4], [5, 'answered', 0], [6, 'answered', 0], [40, 'fails', 0],
  ], undefined, 9),
  bounded('what was earned and left over lapses with a window in which nothing was tried again', { ratio: 1, window: 10 }, [
    [0, 'answered', 0], [1, 'answered', 0], [2, 'answered', 0], [3, 'fails', 1], [12, 'fails', 1], [40, 'fails', 0],
  ], undefined, 1),
  bounded('within the window it has not lapsed', { ratio: 1, window: 10 }, [
    [0, 'fails', 1], [1, 'answered', 0], [2, 'answered', 0], [10, 'fails', 3],
  ], undefined, 9),
  failing({
    title: 'budget: false is any number of retries',
    backoff: constant(0),
    options: { budget: false, maxRetries: 30 },
    again: Array.from({ length: 30 }, () => 0),
    metrics: { budgetLeft: Infinity, ...exhausted({ attempts: 1 }) },
  }),
];

const tokens = (maxTokens: number, tokenRatio: number) => (): RetryBudget => tokenBudget({ maxTokens, tokenRatio });

const byToken: readonly Scenario[] = [
  spent('tokenBudget: tries again while more than half of the tokens are left', tokens(10, 0.1), [[0, 'fails', 3], [1, 'fails', 0]], {
    ...exhausted({ attempts: 1, budget: 1 }),
  }),
  spent('tokenBudget: exactly half of them is not enough', tokens(4, 1), [[0, 'fails', 1], [9_999, 'fails', 0]]),
  spent('tokenBudget: what is answered gives tokenRatio back, and never more than there were', tokens(4, 1), [
    [0, 'answered', 0], [1, 'fails', 1], ...Array.from({ length: 7 }, (): Row => [2, 'answered', 0]), [4, 'answered', 1], [5, 'fails', 1],
  ]),
  spent('tokenBudget: a success that gives back more than was taken fills it, and no more', tokens(4, 3), [[0, 'answered', 1], [1, 'fails', 1]]),
  spent('tokenBudget: three decimals of tokenRatio count, and thousandths add up', tokens(4, 0.1), [
    [0, 'fails', 1],
    ...Array.from({ length: 10 }, (): Row => [1, 'answered', 0]),
    [2, 'fails', 0],
    ...Array.from({ length: 11 }, (): Row => [3, 'answered', 0]),
    [4, 'fails', 1],
  ]),
  scenario({
    title: 'tokenBudget: an error that is not for a retry takes no token',
    policies: () => ({ retry: retryWithBackoff(constant(0), { maxRetries: 1, budget: tokenBudget({ maxTokens: 4, tokenRatio: 1 }) }) }),
    source: '        #',
    pipe: (source, { retry }, { index, cold }) => (index < 5 ? cold('#', {}, { status: 404 }) : source).pipe(retry),
    calls: Array.from({ length: 6 }, (_, i) => ({ call: '^', sees: '#', error: i < 5 ? { status: 404 } : down })),
    subscriptions: ['(^!)', '(^!)'],
  }),
];

/** How much all calls together may add to the load, by each kind of budget. */
export const retryBudgetScenarios: readonly Scenario[] = [...proportional, ...byToken];
