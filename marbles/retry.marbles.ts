import { constant, decorrelatedJitter, exponential, fibonacci, linear } from '../src/core/backoff.js';
import { retryBudget, tokenBudget } from '../src/core/retry-budget.js';
import { withDeadline } from '../src/deadline/with-deadline.js';
import type { BackoffStrategy } from '../src/core/backoff.js';
import { circuitBreaker } from '../src/circuit-breaker/circuit-breaker.js';
import { retryWithBackoff } from '../src/retry/retry-with-backoff.js';
import { down, errorWith, scenario, type Scenario } from './scenario.js';

const unlimited = { budget: false as const };
const half = { random: () => 0.5 };

/** The delays of a strategy, seen from outside: when the source is subscribed. */
function delays(title: string, backoff: BackoffStrategy, at: readonly number[]): Scenario {
  return scenario({
    title,
    policies: () => ({ retry: retryWithBackoff(backoff, { maxRetries: at.length, ...unlimited, ...half }) }),
    source: '#',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^', sees: `${at.at(-1)}ms #` }],
    subscriptions: ['(^!)', ...at.map((ms) => `${ms}ms (^!)`)],
    metrics: { retry: { tries: at.length + 1, retries: at.length, exhausted: { attempts: 1 } } },
  });
}

const strategies: readonly Scenario[] = [
  delays('constant: the same delay each time', constant(5), [5, 10, 15]),
  delays('exponential: twice as long each time, to the cap', exponential({ initial: 2, cap: 10, jitter: 'none' }), [2, 6, 14, 24, 34]),
  delays('exponential with another factor', exponential({ initial: 1, factor: 3, jitter: 'none' }), [1, 4, 13]),
  delays('linear: a step longer each time, to the cap', linear({ initial: 2, step: 3, cap: 7, jitter: 'none' }), [2, 7, 14, 21]),
  delays('fibonacci: 1, 2, 3, 5, 8 times the first', fibonacci({ initial: 1, jitter: 'none' }), [1, 3, 6, 11, 19]),
  delays('full jitter: from 0 to the delay', exponential({ initial: 4, cap: 16 }), [2, 6, 14, 22]),
  delays('equal jitter: from half of the delay', constantly('equal'), [6, 12]),
  delays('proportional jitter: a quarter less to a quarter more', constantly('proportional'), [8, 16]),
  delays('decorrelated jitter: between the base and three times the delay before', decorrelatedJitter({ base: 4, cap: 20 }), [8, 20, 32]),
  delays('a delay of 0 subscribes again in the same turn', constant(0), [0, 0]),
];

function constantly(jitter: 'equal' | 'proportional'): BackoffStrategy {
  return linear({ initial: 8, step: 0, jitter });
}

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
    title: 'a strategy that says null ends the tries',
    policies: () => ({ retry: retryWithBackoff(({ attempt }) => (attempt === 1 ? 1 : null), unlimited) }),
    source: '        #',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^--------', sees: '-#' }],
    subscriptions: ['(^!)', '-(^!)'],
    metrics: { retry: { exhausted: { attempts: 0, budget: 0, deadline: 0, strategy: 1, retryAfter: 0 } } },
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
    title: 'classify decides what is transient',
    policies: () => ({ retry: retryWithBackoff(constant(1), { ...unlimited, classify: () => 'permanent' }) }),
    source: '        #',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^--------', sees: '#' }],
    subscriptions: ['(^!)'],
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
    title: 'a Retry-After is a minimum, and may exceed the cap',
    policies: () => ({ retry: retryWithBackoff(constant(1), { ...unlimited, random: () => 0, maxRetries: 1 }) }),
    source: '        #',
    fails: { status: 503, headers: { 'Retry-After': '2' } },
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^', sees: '2s #' }],
    subscriptions: ['(^!)', '2s (^!)'],
  }),
  scenario({
    title: 'retryAfter: false does not listen to it',
    policies: () => ({ retry: retryWithBackoff(constant(1), { ...unlimited, retryAfter: false, maxRetries: 1 }) }),
    source: '        #',
    fails: { status: 503, headers: { 'Retry-After': '2' } },
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^--', sees: '-#' }],
    subscriptions: ['(^!)', '-(^!)'],
  }),
  scenario({
    title: 'told to wait for longer than maxRetryAfter it gives up',
    policies: () => ({ retry: retryWithBackoff(constant(1), { ...unlimited, maxRetryAfter: 1_999 }) }),
    source: '        #',
    fails: { status: 503, headers: { 'Retry-After': '2' } },
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^--', sees: '#' }],
    subscriptions: ['(^!)'],
    metrics: { retry: { exhausted: { attempts: 0, budget: 0, deadline: 0, strategy: 0, retryAfter: 1 } } },
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
    title: 'tokenBudget: nothing is tried again while half of the tokens are gone',
    policies: () => ({ retry: retryWithBackoff(constant(0), { budget: tokenBudget({ maxTokens: 4, tokenRatio: 0.5 }) }) }),
    source: '        #',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^--', sees: '#' }],
    subscriptions: ['(^!)', '(^!)'],
    metrics: { retry: { retries: 1, exhausted: { attempts: 0, budget: 1, deadline: 0, strategy: 0, retryAfter: 0 } } },
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

export const retryScenarios: readonly Scenario[] = [...strategies, ...tries, ...limits];
