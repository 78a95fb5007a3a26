import { EMPTY } from 'rxjs';
import { constant } from '../src/core/backoff.js';
import { type RetryBudget, retryBudget } from '../src/core/retry-budget.js';
import { withDeadline } from '../src/deadline/with-deadline.js';
import { retryWithBackoff } from '../src/retry/retry-with-backoff.js';
import { from } from './circuit-plan.js';
import { exhausted, failing } from './retry-plan.js';
import { down, errorWith, scenario, type Scenario } from './scenario.js';

const shares: readonly Scenario[] = [
  scenario({
    title: 'one budget serves two policies: first tries of both earn, retries of both take',
    policies: () => {
      const budget = retryBudget({ burst: 0, ratio: 0.5, minPerSecond: 0 });
      return { one: retryWithBackoff(constant(0), { budget }), other: retryWithBackoff(constant(0), { budget }) };
    },
    source: '        #',
    pipe: (source, { one, other }, { index }) => source.pipe(index % 2 === 0 ? one : other),
    calls: Array.from({ length: 4 }, (_, i) => ({ call: `${i}ms ^`, sees: `${i}ms #` })),
    subscriptions: ['(^!)', '-(^!)', '-(^!)', '--(^!)', '---(^!)', '---(^!)'],
    metrics: { one: { retries: 0, budgetLeft: 0 }, other: { retries: 2, budgetLeft: 0 } },
  }),
  scenario({
    title: 'two policies that share nothing leave each other their budgets',
    policies: () => {
      const budget = (): RetryBudget => retryBudget({ burst: 1, ratio: 0, minPerSecond: 0 });
      return { one: retryWithBackoff(constant(0), { budget: budget() }), other: retryWithBackoff(constant(0), { budget: budget() }) };
    },
    source: '        #',
    pipe: (source, { one, other }, { index }) => source.pipe(index === 0 ? one : other),
    calls: [
      { call: '^', sees: '#' },
      { call: '-^', sees: '-#' },
    ],
    subscriptions: ['(^!)', '(^!)', '-(^!)', '-(^!)'],
    metrics: { one: { retries: 1 }, other: { retries: 1 } },
  }),
  failing({
    title: 'what is not tried again for another reason costs the budget nothing: no tries left',
    options: { maxRetries: 0 },
    budget: () => retryBudget({ burst: 1, ratio: 0, minPerSecond: 0 }),
    again: [],
    metrics: { budgetLeft: 1, ...exhausted({ attempts: 1 }) },
  }),
  failing({
    title: 'what is not tried again for another reason costs the budget nothing: a strategy that says no',
    backoff: () => null,
    budget: () => retryBudget({ burst: 1, ratio: 0, minPerSecond: 0 }),
    again: [],
    metrics: { budgetLeft: 1, ...exhausted({ strategy: 1 }) },
  }),
  failing({
    title: 'what is not tried again for another reason costs the budget nothing: too long a Retry-After',
    fails: { status: 503, retryAfter: 99_999 },
    budget: () => retryBudget({ burst: 1, ratio: 0, minPerSecond: 0 }),
    again: [],
    metrics: { budgetLeft: 1, ...exhausted({ retryAfter: 1 }) },
  }),
  scenario({
    title: 'what is not tried again for another reason costs the budget nothing: a deadline that is too near',
    policies: () => ({
      retry: retryWithBackoff(constant(9), { budget: retryBudget({ burst: 1, ratio: 0, minPerSecond: 0 }) }),
      deadline: withDeadline(5),
    }),
    source: '        -#',
    pipe: (source, { retry, deadline }) => source.pipe(retry, deadline),
    calls: [{ call: '^', sees: '-#' }],
    subscriptions: ['^!'],
    metrics: { retry: { budgetLeft: 1, ...exhausted({ deadline: 1 }) } },
  }),
  scenario({
    title: 'an empty budget delivers the value that is not good enough',
    policies: () => ({
      retry: retryWithBackoff(constant(1), { budget: retryBudget({ burst: 1, ratio: 0, minPerSecond: 0 }), retryIfValue: (value) => value === 'p' }),
    }),
    source: '        -(p|)',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^', sees: '---(p|)' }],
    subscriptions: ['^!', '--^!'],
    metrics: { retry: { retries: 1, recovered: 0, ...exhausted({ budget: 1 }) } },
  }),
  failing({
    title: "an empty budget says so where 'wrap' asks for it",
    options: { exhausted: 'wrap' },
    budget: () => retryBudget({ burst: 0, ratio: 0, minPerSecond: 0 }),
    error: errorWith({ code: 'RETRY_EXHAUSTED', attempts: 1, reason: 'budget', cause: down }),
    again: [],
  }),
];

const health: readonly Scenario[] = [
  scenario({
    title: 'health: degraded while the budget is empty, until time has filled it',
    policies: () => ({ retry: retryWithBackoff(constant(0), { budget: retryBudget({ burst: 2, ratio: 0, minPerSecond: 100 }) }) }),
    source: '        #',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '-----^', sees: '-----#' }],
    subscriptions: ['-----(^!)', '-----(^!)', '-----(^!)'],
    health: { retry: from([0, 'u'], [5, 'g'], [15, 'u']) },
  }),
  scenario({
    title: 'health: degraded until first tries have earned another retry',
    policies: () => ({ retry: retryWithBackoff(constant(0), { budget: retryBudget({ burst: 1, ratio: 0.5, minPerSecond: 0 }) }) }),
    source: ['#', '#', '--(a|)'],
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [
      { call: '-^', sees: '-#' },
      { call: '---^', sees: '-----(a|)' },
    ],
    subscriptions: ['-(^!)', '-(^!)', '---^-!'],
    health: { retry: from([0, 'u'], [1, 'g'], [3, 'u']) },
  }),
  scenario({
    title: 'health: reset gives a budget of its own back',
    policies: () => ({ retry: retryWithBackoff(constant(0), { maxRetries: 20 }) }),
    source: '        #',
    pipe: (source, { retry }, { index }) => {
      if (index === 0) return source.pipe(retry);
      retry.reset();
      return EMPTY;
    },
    calls: [
      { call: '-^', sees: '-#' },
      { call: '---^', sees: '---|' },
    ],
    subscriptions: Array.from({ length: 11 }, () => '-(^!)'),
    metrics: { retry: { calls: 0, retries: 0, budgetLeft: 10, ...exhausted() } },
    health: { retry: from([0, 'u'], [1, 'g'], [3, 'u']) },
  }),
  scenario({
    title: 'health: without a budget it is up',
    policies: () => ({ retry: retryWithBackoff(constant(0), { budget: false }) }),
    source: '        #',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '-^', sees: '-#' }],
    subscriptions: Array.from({ length: 4 }, () => '-(^!)'),
    health: { retry: 'u' },
  }),
];

/** Whose budget it is, what it is not spent on, and how it shows. */
export const retryBudgetUseScenarios: readonly Scenario[] = [...shares, ...health];
