import { EMPTY } from 'rxjs';
import { circuitBreaker } from '../src/circuit-breaker/circuit-breaker.js';
import { constant, exponential } from '../src/core/backoff.js';
import { withDeadline } from '../src/deadline/with-deadline.js';
import type { RetryOptions } from '../src/retry/retry-options.js';
import { retryWithBackoff } from '../src/retry/retry-with-backoff.js';
import { exhausted, failing } from './retry-plan.js';
import { down, scenario, type Scenario } from './scenario.js';

/** What asks for `ms`, where the strategy alone would wait for 1 ms; 1 is: it asks for nothing. */
function asks(what: string, fails: unknown, ms: number): Scenario {
  return failing({ title: `Retry-After: ${what}`, backoff: constant(1), options: { maxRetries: 1 }, fails, again: [ms] });
}

const busy = (headers: unknown): unknown => ({ status: 503, headers });
const says = (value: unknown): unknown => busy({ 'retry-after': value });

const forms: readonly Scenario[] = [
  asks('seconds', says('2'), 2_000),
  asks('seconds, whatever the case of its letters', busy({ 'Retry-After': '2' }), 2_000),
  asks('seconds with blanks around them', says(' 2 '), 2_000),
  asks('seconds as a number', says(2), 2_000),
  asks('seconds in a list', says(['2']), 2_000),
  asks('of a Headers object', busy(new Headers({ 'Retry-After': '2' })), 2_000),
  asks('of pairs', busy([['retry-after', '2']]), 2_000),
  asks('of names and values in turn', busy(['Date', 'x', 'Retry-After', '2']), 2_000),
  asks('of the headers of the response', { status: 503, response: { headers: new Headers({ 'retry-after': '2' }) } }, 2_000),
  asks('0 seconds', says('0'), 1),
  asks('a date', says('Thu, 01 Jan 1970 00:00:05 GMT'), 5_000),
  asks('a date with a year of two digits', says('Thursday, 01-Jan-70 00:00:05 GMT'), 5_000),
  asks('a date as C prints it', says('Thu Jan  1 00:00:05 1970'), 5_000),
  asks('a date in the past', says('Wed, 31 Dec 1969 23:59:59 GMT'), 1),
  asks('a date, measured from that of the response', busy({ 'retry-after': 'Sun, 06 Nov 1994 08:49:40 GMT', date: 'Sun, 06 Nov 1994 08:49:37 GMT' }), 3_000),
  ...['-1', '+2', '2.5', '2s', 'soon', '', '0x2', '1e1', '1970-01-01T00:00:05Z', 'Thu, 01 Jan 1970 00:00:05 CET', 'Thu, 32 Jan 1970 00:00:05 GMT'].map((text) =>
    asks(`'${text}' says nothing`, says(text), 1),
  ),
  asks('milliseconds at the error itself', { status: 503, retryAfter: 7 }, 7),
  asks('of the error itself rather than of a header', { status: 503, retryAfter: 7, headers: { 'retry-after': '2' } }, 7),
  asks('NaN at the error says nothing', { status: 503, retryAfter: NaN }, 1),
  asks('less than 0 at the error is 0', { status: 503, retryAfter: -7 }, 1),
];

/** What is asked for, and the frame of the next try; undefined: there is none, for that is too long. */
function waits(title: string, fails: unknown, again: number | undefined, options: RetryOptions = {}): Scenario {
  return failing({
    title,
    options: { backoff: constant(1), maxRetries: 1, ...options },
    fails,
    again: again === undefined ? [] : [again],
    metrics: exhausted(again === undefined ? { retryAfter: 1 } : { attempts: 1 }),
  });
}

const bounds: readonly Scenario[] = [
  waits('what is asked for is a minimum, of a strategy that would wait for longer', says('2'), 3_000, { backoff: constant(3_000), random: () => 0.5 }),
  waits('what is asked for may exceed the cap', says('2'), 2_000, { backoff: exponential({ cap: 10 }) }),
  waits('up to a tenth is added, that all who were told do not come back together', says('2'), 2_100, { random: () => 0.5 }),
  waits('that is to say a tenth at most', says('2'), 2_200, { random: () => 1 - 2 ** -53 }),
  waits('retryAfter: false listens to nothing', says('2'), 1, { retryAfter: false }),
  waits('retryAfter: false has no maximum either', says('31'), 1, { retryAfter: false }),
  waits('maxRetryAfter: up to it one waits', says('2'), 2_000, { maxRetryAfter: 2_000 }),
  waits('maxRetryAfter: what is added counts for nothing', says('2'), 2_100, { maxRetryAfter: 2_000, random: () => 0.5 }),
  waits('maxRetryAfter: a millisecond beyond it one gives up', says('2'), undefined, { maxRetryAfter: 1_999 }),
  waits('maxRetryAfter: 30 seconds where nothing is said', says('30'), 30_000),
  waits('maxRetryAfter: more than 30 seconds where nothing is said', { status: 503, retryAfter: 30_001 }, undefined),
  waits('maxRetryAfter: with 0 whoever asks for time gets none', { status: 503, retryAfter: 1 }, undefined, { maxRetryAfter: 0 }),
  waits('maxRetryAfter: for ever is longer than any', { status: 503, retryAfter: Infinity }, undefined),
  waits('maxRetryAfter bounds no strategy', down, 50, { backoff: constant(50), maxRetryAfter: 10 }),
  ...[5, 6].map((asked) =>
    scenario({
      title: `with 6 ms left to its deadline a call that is asked for ${asked} ${asked === 5 ? 'waits' : 'gives up at once'}`,
      policies: () => ({ retry: retryWithBackoff(constant(1), { budget: false, random: () => 0 }), deadline: withDeadline(7) }),
      source: ['-#', '(a|)'],
      fails: { status: 503, retryAfter: asked },
      pipe: (source, { retry, deadline }) => source.pipe(retry, deadline),
      calls: [{ call: '^', sees: asked === 5 ? '------(a|)' : '-#' }],
      subscriptions: asked === 5 ? ['^!', '------(^!)'] : ['^!'],
      metrics: { retry: exhausted(asked === 5 ? {} : { retryAfter: 1 }), deadline: { expired: 0 } },
    }),
  ),
  scenario({
    title: 'a value that is not good enough may ask for time as well',
    policies: () => ({ retry: retryWithBackoff(constant(1), { budget: false, random: () => 0, retryIfValue: (value) => value !== 'a' }) }),
    source: ['-(p|)', '-(a|)'],
    values: { p: { status: 503, headers: new Headers({ 'retry-after': '2' }) }, a: 'a' },
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^', sees: '2002ms (a|)' }],
    subscriptions: ['^!', '2001ms ^!'],
  }),
  scenario({
    title: 'a refusal says when to come back, where retryIf lets refusals be tried again',
    policies: () => ({
      breaker: circuitBreaker({ initialState: { state: 'open', remaining: 5 }, successThreshold: 1 }),
      retry: retryWithBackoff(constant(1), { budget: false, random: () => 0, retryIf: () => true }),
    }),
    source: '        -(a|)',
    pipe: (source, { breaker, retry }) => source.pipe(breaker, retry),
    calls: [{ call: '^', sees: '------(a|)' }],
    subscriptions: ['-----^!'],
    metrics: { retry: { retries: 1, recovered: 1 } },
  }),
];

const told = (retryAfter: number): unknown => ({ status: 429, retryAfter });
const holding: RetryOptions = { budget: false, random: () => 0, maxRetries: 1, retryIf: (error) => (error === down ? true : 'hold') };

const holds: readonly Scenario[] = [
  scenario({
    title: "'hold': a wait that has begun becomes longer",
    policies: () => ({ retry: retryWithBackoff(constant(5), holding) }),
    source: ['#', '(a|)'],
    pipe: (source, { retry }, { index, cold }) => (index === 1 ? cold('#', {}, told(8)) : source).pipe(retry),
    calls: [
      { call: '^', sees: '----------(a|)' },
      { call: '--^', sees: '----------#', error: told(8) },
    ],
    subscriptions: ['(^!)', '----------(^!)'],
    metrics: { retry: { retries: 2, recovered: 1, ...exhausted({ attempts: 1 }) } },
  }),
  scenario({
    title: "'hold': a wait that would become longer than its deadline ends with its own error",
    policies: () => ({ retry: retryWithBackoff(constant(5), holding), deadline: withDeadline(9) }),
    source: '        #',
    pipe: (source, { retry, deadline }, { index, cold }) =>
      index === 1 ? cold('#', {}, told(8)).pipe(retry) : source.pipe(retry, deadline),
    calls: [
      { call: '^', sees: '-----#', error: down },
      { call: '--^', sees: '----------#', error: told(8) },
    ],
    subscriptions: ['(^!)'],
    metrics: { retry: { tries: 3, retries: 1, ...exhausted({ attempts: 1, retryAfter: 1 }) }, deadline: { expired: 0 } },
  }),
  scenario({
    title: "'hold': for longer than maxRetryAfter all give up, until what is left of it is not longer",
    policies: () => ({ retry: retryWithBackoff(constant(1), { ...holding, maxRetryAfter: 5 }) }),
    source: ['#', '#', '(a|)'],
    pipe: (source, { retry }, { index, cold }) => (index === 0 ? cold('#', {}, told(8)) : source).pipe(retry),
    calls: [
      { call: '^', sees: '#', error: told(8) },
      { call: '--^', sees: '--#' },
      { call: '---^', sees: '--------(a|)' },
    ],
    subscriptions: ['--(^!)', '---(^!)', '--------(^!)'],
    metrics: { retry: { ...exhausted({ retryAfter: 2 }), recovered: 1 } },
  }),
  scenario({
    title: "'hold': an error that asks for nothing holds nobody",
    policies: () => ({ retry: retryWithBackoff(constant(3), holding) }),
    source: '        #',
    fails: { status: 429 },
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [
      { call: '^', sees: '---#' },
      { call: '-^', sees: '----#' },
    ],
    subscriptions: ['(^!)', '-(^!)', '---(^!)', '----(^!)'],
  }),
  scenario({
    title: "'hold': the later of two holds, and no first try waits for either",
    policies: () => ({ retry: retryWithBackoff(constant(1), holding) }),
    source: ['#', '(a|)'],
    pipe: (source, { retry }, { index, cold }) => (index < 2 ? cold('#', {}, told(index === 0 ? 9 : 3)) : source).pipe(retry),
    calls: [
      { call: '^', sees: '---------#', error: told(9) },
      { call: '-^', sees: '---------#', error: told(3) },
      { call: '--^', sees: '---------(a|)' },
    ],
    subscriptions: ['--(^!)', '---------(^!)'],
  }),
  scenario({
    title: "'hold': reset lets go",
    policies: () => ({ retry: retryWithBackoff(constant(1), holding) }),
    source: ['#', '(a|)'],
    pipe: (source, { retry }, { index, cold }) => {
      if (index === 0) return cold('#', {}, told(9)).pipe(retry);
      if (index === 2) return source.pipe(retry);
      retry.reset();
      return EMPTY;
    },
    calls: [
      { call: '^', sees: '---------#', error: told(9) },
      { call: '-^', sees: '-|' },
      { call: '--^', sees: '---(a|)' },
    ],
    subscriptions: ['--(^!)', '---(^!)'],
  }),
];

/** What a dependency asks for, and who waits for how long because of it. */
export const retryAfterScenarios: readonly Scenario[] = [...forms, ...bounds, ...holds];
