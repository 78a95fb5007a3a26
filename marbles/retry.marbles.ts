import { constant } from '../src/core/backoff.js';
import { retryBudget } from '../src/core/retry-budget.js';
import { withDeadline } from '../src/deadline/with-deadline.js';
import { circuitBreaker } from '../src/circuit-breaker/circuit-breaker.js';
import { retryWithBackoff } from '../src/retry/retry-with-backoff.js';
import { retryAfterScenarios } from './retry-after.marbles.js';
import { retryBudgetUseScenarios } from './retry-budget-use.marbles.js';
import { retryBudgetScenarios } from './retry-budget.marbles.js';
import { retryDelayScenarios } from './retry-delays.marbles.js';
import { retryEndScenarios } from './retry-ends.marbles.js';
import { retryValueScenarios } from './retry-values.marbles.js';
import { retryTryScenarios } from './retry-tries.marbles.js';
import { down, errorWith, scenario, type Scenario } from './scenario.js';

const unlimited = { budget: false as const };

const tries: readonly Scenario[] = [
  scenario({
    title: 'a call that fails and then succeeds has recovered',
    policies: () => ({ retry: retryWithBackoff(constant(3), unlimited) }),
    source: ['        -a-#', '-b|'],
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^--------', sees: '-a-----b|' }],
    subscriptions: ['^--!', '------^-!'],
    metrics: { retry: { calls: 1, tries: 2, retries: 1, recovered: 1 } },
    health: { retry: 'u' },
  }),
  scenario({
    title: 'maxRetries counts what comes after the first try, and 0 is none',
    policies: () => ({ none: retryWithBackoff(constant(1), { maxRetries: 0 }) }),
    source: '        -#',
    pipe: (source, { none }) => source.pipe(none),
    calls: [{ call: '^--------', sees: '-#' }],
    subscriptions: ['^!'],
  }),
  scenario({
    title: 'what is not transient passes unchanged, a refusal too',
    policies: () => ({ breaker: circuitBreaker({ initialState: 'open', breakDuration: 50 }), retry: retryWithBackoff(constant(1)) }),
    source: '        #',
    pipe: (source, { breaker, retry }) => source.pipe(breaker, retry),
    calls: [{ call: '^--------', sees: '#', error: errorWith({ code: 'CIRCUIT_OPEN' }) }],
    subscriptions: [],
    metrics: { retry: { tries: 1, retries: 0, exhausted: { attempts: 0 } } },
  }),
  scenario({
    title: 'retryIf decides, and is told the number of the try',
    policies: () => ({ retry: retryWithBackoff(constant(1), { ...unlimited, retryIf: (_error, { attempt }) => attempt < 2 }) }),
    source: '        #',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^--------', sees: '-#' }],
    subscriptions: ['(^!)', '-(^!)'],
  }),
  scenario({
    title: "retryIf 'hold': no call of this policy retries before the Retry-After of one is over",
    policies: () => ({
      retry: retryWithBackoff(constant(1), { ...unlimited, random: () => 0, maxRetries: 1, retryIf: (error) => (error === down ? true : 'hold') }),
    }),
    source: ['-#', '(a|)'],
    pipe: (source, { retry }, { index, cold }) =>
      (index === 0 ? cold('#', {}, { status: 429, retryAfter: 8 }) : source).pipe(retry),
    calls: [
      { call: '^--------------', sees: '--------#', error: { status: 429, retryAfter: 8 } },
      { call: '^--------------', sees: '--------(a|)' },
    ],
    subscriptions: ['^!', '--------(^!)'],
  }),
  scenario({
    title: 'a value that is not good enough is not delivered, the last one is',
    policies: () => ({ retry: retryWithBackoff(constant(2), { ...unlimited, maxRetries: 1, retryIfValue: (value) => value === 'p' }) }),
    source: '        -(p|)',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^--------', sees: '----(p|)' }],
    subscriptions: ['^!', '---^!'],
    metrics: { retry: { retries: 1, exhausted: { attempts: 1 } } },
  }),
  scenario({
    title: 'exhausted: the last error itself, or a RetryExhaustedError around it',
    policies: () => ({
      plain: retryWithBackoff(constant(1), { ...unlimited, maxRetries: 1 }),
      wrapped: retryWithBackoff(constant(1), { ...unlimited, maxRetries: 1, exhausted: 'wrap' }),
    }),
    source: '        #',
    pipe: (source, { plain, wrapped }, { index }) => source.pipe(index === 0 ? plain : wrapped),
    calls: [
      { call: '^--------', sees: '-#', error: down },
      { call: '--^------', sees: '---#', error: errorWith({ code: 'RETRY_EXHAUSTED', attempts: 2, reason: 'attempts', cause: down }) },
    ],
    subscriptions: ['(^!)', '-(^!)', '--(^!)', '---(^!)'],
  }),
  scenario({
    title: 'a consumer that leaves during the wait leaves no timer and no try',
    policies: () => ({ retry: retryWithBackoff(constant(5), unlimited) }),
    source: '        -#',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^--!', sees: '----' }],
    subscriptions: ['^!'],
  }),
  scenario({
    title: "afterValue 'fail': output is never repeated",
    policies: () => ({ retry: retryWithBackoff(constant(1), { ...unlimited, afterValue: 'fail' }) }),
    source: ['        -#', '-a-#'],
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^--------', sees: '---a-#' }],
    subscriptions: ['^!', '--^--!'],
  }),
  scenario({
    title: 'isValue says what counts as output',
    policies: () => ({
      retry: retryWithBackoff(constant(1), { ...unlimited, afterValue: 'fail', isValue: (value) => value !== 's' }),
    }),
    source: ['        s#', 's-(a|)'],
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^--------', sees: 's-s-(a|)' }],
    subscriptions: ['^!', '--^-!'],
  }),
  scenario({
    title: 'resetOnValue makes the tries count anew: a stream that reconnects for ever',
    policies: () => ({ retry: retryWithBackoff(constant(1), { ...unlimited, maxRetries: 1, resetOnValue: true }) }),
    source: ['        a#', 'b#', 'c#', '-#'],
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^-----------', sees: 'a-b-c--#' }],
    subscriptions: ['^!', '--^!', '----^!', '------^!'],
  }),
];

const limits: readonly Scenario[] = [
  scenario({
    title: 'no wait begins that the deadline would cut: the error comes at once',
    policies: () => ({ retry: retryWithBackoff(constant(6), unlimited), deadline: withDeadline(7) }),
    source: '        -#',
    pipe: (source, { retry, deadline }) => source.pipe(retry, deadline),
    calls: [{ call: '^--------', sees: '-#' }],
    subscriptions: ['^!'],
    metrics: { retry: { exhausted: { attempts: 0, budget: 0, deadline: 1, strategy: 0, retryAfter: 0 } }, deadline: { expired: 0 } },
  }),
  scenario({
    title: 'an empty budget ends the tries, and health says so until there is one again',
    policies: () => ({ retry: retryWithBackoff(constant(1), { budget: retryBudget({ burst: 1, ratio: 0, minPerSecond: 100 }) }) }),
    source: '        #',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^--', sees: '-#' }],
    subscriptions: ['(^!)', '-(^!)'],
    metrics: { retry: { retries: 1, exhausted: { attempts: 0, budget: 1, deadline: 0, strategy: 0, retryAfter: 0 } } },
    health: { retry: '(ug)------u' },
  }),
  scenario({
    title: 'one budget bounds what two policies add together',
    policies: () => {
      const budget = retryBudget({ burst: 1, ratio: 0, minPerSecond: 0 });
      return { one: retryWithBackoff(constant(1), { budget }), other: retryWithBackoff(constant(1), { budget }) };
    },
    source: '        #',
    pipe: (source, { one, other }, { index }) => source.pipe(index === 0 ? one : other),
    calls: [
      { call: '^--', sees: '-#' },
      { call: '--^', sees: '--#' },
    ],
    subscriptions: ['(^!)', '-(^!)', '--(^!)'],
    metrics: { one: { retries: 1 }, other: { retries: 0 } },
  }),
  scenario({
    title: 'in shadow mode it decides and counts, and the error passes',
    policies: () => ({ retry: retryWithBackoff(constant(1), { mode: 'shadow' }) }),
    source: '        -#',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^--', sees: '-#' }],
    subscriptions: ['^!'],
    metrics: { retry: { calls: 1, retries: 1 } },
  }),
  scenario({
    title: 'disabled, it neither decides nor counts',
    policies: () => ({ retry: retryWithBackoff(constant(1), { mode: 'disabled' }) }),
    source: '        -#',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^--', sees: '-#' }],
    subscriptions: ['^!'],
    metrics: { retry: { calls: 0, tries: 0, retries: 0 } },
  }),
];

export const retryScenarios: readonly Scenario[] = [
  ...retryDelayScenarios,
  ...tries,
  ...limits,
  ...retryTryScenarios,
  ...retryValueScenarios,
  ...retryEndScenarios,
  ...retryAfterScenarios,
  ...retryBudgetScenarios,
  ...retryBudgetUseScenarios,
];
