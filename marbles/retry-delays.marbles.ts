import { constant, decorrelatedJitter, exponential, fibonacci, linear } from '../src/core/backoff.js';
import type { Jitter } from '../src/core/jitter.js';
import type { BackoffStrategy } from '../src/retry/retry-options.js';
import { retryWithBackoff } from '../src/retry/retry-with-backoff.js';
import { exhausted, failing } from './retry-plan.js';
import { scenario, type Scenario } from './scenario.js';

/** The delays of a strategy, seen from outside: when the source is subscribed again. `chance` is what every draw gives. */
function delays(title: string, backoff: BackoffStrategy, again: readonly number[], chance: number = 0.5): Scenario {
  return failing({
    title,
    backoff,
    options: { maxRetries: again.length, random: () => chance },
    again,
    metrics: { tries: again.length + 1, retries: again.length, ...exhausted({ attempts: 1 }) },
  });
}

const strategies: readonly Scenario[] = [
  failing({
    title: 'without a strategy: exponential from 200 ms, with full jitter, three times',
    options: { random: () => 0.5 },
    again: [100, 300, 700],
  }),
  delays('constant: the same delay each time', constant(5), [5, 10, 15]),
  delays('constant: a delay of 0 subscribes again in the same turn', constant(0), [0, 0]),
  delays('constant: one beyond 24.8 days is kept', constant(3_000_000_000), [3_000_000_000]),
  delays('exponential: twice as long each time, to the cap', exponential({ initial: 2, cap: 10, jitter: 'none' }), [2, 6, 14, 24, 34]),
  delays('exponential: with another factor', exponential({ initial: 1, factor: 3, jitter: 'none' }), [1, 4, 13]),
  delays('exponential: a factor of 1 is no growth', exponential({ initial: 3, factor: 1, jitter: 'none' }), [3, 6, 9]),
  delays('exponential: an initial of 0 stays 0', exponential({ initial: 0, jitter: 'none' }), [0, 0, 0]),
  delays('exponential: a cap of 10 s where nothing is said', exponential({ initial: 8_000, jitter: 'none' }), [8_000, 18_000, 28_000]),
  delays('exponential: with a cap of Infinity there is none', exponential({ initial: 8_000, cap: Infinity, jitter: 'none' }), [8_000, 24_000, 56_000]),
  delays('linear: a step longer each time, to the cap', linear({ initial: 2, step: 3, cap: 7, jitter: 'none' }), [2, 7, 14, 21]),
  delays('linear: without a step by the first delay, which is 200 ms', linear({ jitter: 'none' }), [200, 600, 1_200]),
  delays('fibonacci: 1, 2, 3, 5, 8 times the first', fibonacci({ initial: 1, jitter: 'none' }), [1, 3, 6, 11, 19]),
  delays('fibonacci: to the cap', fibonacci({ initial: 2, cap: 7, jitter: 'none' }), [2, 6, 12, 19, 26]),
  delays('fibonacci: from 200 ms where nothing is said', fibonacci({ jitter: 'none' }), [200, 600]),
];

const spread = (jitter: Jitter, cap: number = 100): BackoffStrategy => linear({ initial: 8, step: 0, cap, jitter });
const almostOne = 1 - 2 ** -53;

const jitters: readonly Scenario[] = [
  delays('full jitter: from 0', spread('full'), [0, 0], 0),
  delays('full jitter: half of the delay in the middle', spread('full'), [4, 8]),
  delays('full jitter: up to the delay', spread('full'), [6, 12], 0.75),
  delays('full jitter: of the capped delay', exponential({ initial: 8, cap: 10 }), [4, 9, 14]),
  delays('equal jitter: from half of the delay', spread('equal'), [4, 8], 0),
  delays('equal jitter: three quarters in the middle', spread('equal'), [6, 12]),
  delays('equal jitter: to the delay', spread('equal'), [8, 16], almostOne),
  delays('proportional jitter: from a quarter less', spread('proportional'), [6, 12], 0),
  delays('proportional jitter: the delay itself in the middle', spread('proportional'), [8, 16]),
  delays('proportional jitter: to a quarter more', spread('proportional'), [10, 20], almostOne),
  delays('proportional jitter: never beyond the cap', spread('proportional', 9), [9, 18], almostOne),
  delays('proportional jitter: of another share', spread({ proportional: 0.5 }), [4, 8], 0),
  delays('proportional jitter: of another share, to the other side', spread({ proportional: 0.5 }), [12, 24], almostOne),
  delays('decorrelated jitter: between the base and three times the delay before', decorrelatedJitter({ base: 4, cap: 100 }), [8, 22, 45]),
  delays('decorrelated jitter: never beyond the cap, which bounds the draw and not its result', decorrelatedJitter({ base: 4, cap: 20 }), [8, 20, 32]),
  delays('decorrelated jitter: never below the base', decorrelatedJitter({ base: 4, cap: 20 }), [4, 8, 12], 0),
  delays('decorrelated jitter: from 200 ms where nothing is said', decorrelatedJitter(), [400, 1_100]),
  scenario({
    title: 'decorrelated jitter: each call has its own delay before',
    policies: () => ({
      retry: retryWithBackoff(decorrelatedJitter({ base: 4, cap: 100 }), { budget: false, maxRetries: 2, random: () => 0.5 }),
    }),
    source: '        #',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [
      { call: '^', sees: '22ms #' },
      { call: '-^', sees: '23ms #' },
    ],
    subscriptions: ['(^!)', '-(^!)', '8ms (^!)', '9ms (^!)', '22ms (^!)', '23ms (^!)'],
  }),
];

const functions: readonly Scenario[] = [
  failing({
    title: 'a strategy is told the number of the retry and the delay before',
    backoff: ({ attempt, previousDelay }) => 10 * attempt + previousDelay,
    again: [10, 40, 100],
  }),
  failing({
    title: 'a strategy is told the error',
    backoff: ({ error }) => (error as { wait: number }).wait,
    fails: { status: 503, wait: 7 },
    again: [7, 14, 21],
  }),
  failing({
    title: 'a strategy draws from the random of the policy',
    backoff: ({ random }) => 10 * random(),
    options: { random: () => 0.3 },
    again: [3, 6, 9],
  }),
  failing({ title: 'a strategy that says NaN says 0', backoff: () => NaN, again: [0, 0, 0] }),
  failing({ title: 'a strategy that says less than 0 says 0', backoff: () => -5, again: [0, 0, 0] }),
  failing({
    title: 'a strategy that says null at first lets nothing be tried again',
    backoff: () => null,
    again: [],
    metrics: { tries: 1, retries: 0, ...exhausted({ strategy: 1 }) },
  }),
  failing({
    title: 'a strategy that says null later ends the tries',
    backoff: ({ attempt }) => (attempt === 1 ? 1 : null),
    again: [1],
    metrics: { tries: 2, retries: 1, ...exhausted({ strategy: 1 }) },
  }),
  failing({ title: 'options alone may carry the strategy', options: { backoff: constant(5), maxRetries: 1 }, again: [5] }),
];

/** How long a retry waits. */
export const retryDelayScenarios: readonly Scenario[] = [...strategies, ...jitters, ...functions];
