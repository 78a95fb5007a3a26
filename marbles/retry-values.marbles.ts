import { withDeadline } from '../src/deadline/with-deadline.js';
import { retryWithBackoff } from '../src/retry/retry-with-backoff.js';
import { every, exhausted } from './retry-plan.js';
import { scenario, type Scenario } from './scenario.js';

const poor = (value: unknown): boolean => value === 'p';

/** What a retry makes of values. */
export const retryValueScenarios: readonly Scenario[] = [
  scenario({
    title: 'retryIfValue: what comes after a value that is good enough is tried again for is delivered in its place',
    policies: every(2, { retryIfValue: poor }),
    source: ['-p--|', '-a-|'],
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^', sees: '----a-|' }],
    subscriptions: ['^!', '---^--!'],
    metrics: { retry: { retries: 1, recovered: 1, ...exhausted() } },
  }),
  scenario({
    title: 'retryIfValue: told the number of the try',
    policies: every(1, { maxRetries: 9, retryIfValue: (_value, { attempt: tries }) => tries < 3 }),
    source: '        (p|)',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^', sees: '--(p|)' }],
    subscriptions: ['(^!)', '-(^!)', '--(^!)'],
    metrics: { retry: { recovered: 1, ...exhausted() } },
  }),
  scenario({
    title: 'retryIfValue: with maxRetries 0 the first value is the last there can be',
    policies: every(1, { maxRetries: 0, retryIfValue: poor }),
    source: '        -p-|',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^', sees: '-p-|' }],
    subscriptions: ['^--!'],
    metrics: { retry: { retries: 0, recovered: 0, ...exhausted({ attempts: 1 }) } },
  }),
  scenario({
    title: "retryIfValue: the last one is delivered, also where 'wrap' is asked for",
    policies: every(1, { maxRetries: 1, retryIfValue: poor, exhausted: 'wrap' }),
    source: '        -(p|)',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^', sees: '---(p|)' }],
    subscriptions: ['^!', '--^!'],
    metrics: { retry: { recovered: 0, ...exhausted({ attempts: 1 }) } },
  }),
  scenario({
    title: 'retryIfValue: errors and values count alike',
    policies: every(1, { maxRetries: 2, retryIfValue: poor }),
    source: ['#', '(p|)', '(p|)'],
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^', sees: '--(p|)' }],
    subscriptions: ['(^!)', '-(^!)', '--(^!)'],
    metrics: { retry: { retries: 2, ...exhausted({ attempts: 1 }) } },
  }),
  scenario({
    title: 'retryIfValue: a deadline that is too near delivers it at once',
    policies: () => ({ ...every(6, { retryIfValue: poor })(), deadline: withDeadline(7) }),
    source: '        -(p|)',
    pipe: (source, { retry, deadline }) => source.pipe(retry, deadline),
    calls: [{ call: '^', sees: '-(p|)' }],
    subscriptions: ['^!'],
    metrics: { retry: exhausted({ deadline: 1 }) },
  }),
  scenario({
    title: "retryIfValue: after output that 'fail' does not repeat it is delivered",
    policies: every(1, { retryIfValue: poor, afterValue: 'fail' }),
    source: '        -a-p-|',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^', sees: '-a-p-|' }],
    subscriptions: ['^----!'],
    metrics: { retry: { retries: 0, ...exhausted() } },
  }),
  scenario({
    title: 'a strategy is told no error where a value is the reason',
    policies: () => ({
      retry: retryWithBackoff(({ error }) => (error === undefined ? 2 : 5), { budget: false, retryIfValue: poor, maxRetries: 2 }),
    }),
    source: ['(p|)', '#', '(a|)'],
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^', sees: '-------(a|)' }],
    subscriptions: ['(^!)', '--(^!)', '-------(^!)'],
  }),
  scenario({
    title: "afterValue 'fail': a value of the first try lets its error pass",
    policies: every(1, { afterValue: 'fail', exhausted: 'wrap' }),
    source: '        -a-#',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^', sees: '-a-#' }],
    subscriptions: ['^--!'],
    metrics: { retry: { tries: 1, ...exhausted() } },
  }),
  scenario({
    title: 'resetOnValue: only what isValue takes for one makes the tries count anew',
    policies: every(1, { maxRetries: 1, resetOnValue: true, isValue: (value) => value !== 's' }),
    source: '        s#',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^', sees: 's-s#' }],
    subscriptions: ['^!', '--^!'],
  }),
  scenario({
    title: 'resetOnValue: the strategy begins anew as well',
    policies: () => ({
      retry: retryWithBackoff(({ attempt: n, previousDelay }) => 2 * n + previousDelay, { budget: false, maxRetries: 2, resetOnValue: true }),
    }),
    source: ['#', '#', 'a#', '#', '(b|)'],
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^', sees: '8ms a 8ms (b|)' }],
    subscriptions: ['(^!)', '2ms (^!)', '8ms ^!', '11ms (^!)', '17ms (^!)'],
    metrics: { retry: { retries: 4, recovered: 1 } },
  }),
];
