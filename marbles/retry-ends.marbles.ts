import { EMPTY, Observable } from 'rxjs';
import { constant } from '../src/core/backoff.js';
import { withDeadline } from '../src/deadline/with-deadline.js';
import { runInContext } from '../src/operator/context.js';
import { Deadline } from '../src/operator/deadline.js';
import type { RetryUpdate } from '../src/retry/retry-options.js';
import type { RetryPolicy } from '../src/retry/retry-with-backoff.js';
import { every, exhausted, failing } from './retry-plan.js';
import { down, errorWith, scenario, type Scenario } from './scenario.js';

const wrapped = (reason: string, attempts: number): unknown =>
  errorWith({ name: 'RetryExhaustedError', code: 'RETRY_EXHAUSTED', policy: 'retry', attempts, reason, cause: down });

/** At 1 ms of 7 a try has failed, and another would begin after so much. */
const near = (delay: number, inTime: boolean, deadline: 'a deadline further out' | 'a deadline of the context'): Scenario =>
  scenario({
    title: `${deadline} in 6 ms: a wait of ${delay} ${inTime ? 'is waited' : 'does not begin'}`,
    policies: () => ({ ...every(delay)(), deadline: withDeadline(7) }),
    source: ['-#', '(a|)'],
    pipe: (source, { retry, deadline: outer }) =>
      deadline === 'a deadline further out'
        ? source.pipe(retry, outer)
        : new Observable((subscriber) => runInContext({ deadline: Deadline.after(7) }, () => source.pipe(retry).subscribe(subscriber))),
    calls: [{ call: '^', sees: inTime ? `${1 + delay}ms (a|)` : '-#' }],
    subscriptions: inTime ? ['^!', `${1 + delay}ms (^!)`] : ['^!'],
    metrics: { retry: exhausted(inTime ? {} : { deadline: 1 }), deadline: { expired: 0 } },
  });

const ends: readonly Scenario[] = [
  ...(['a deadline further out', 'a deadline of the context'] as const).flatMap((deadline) => [near(5, true, deadline), near(6, false, deadline), near(7, false, deadline)]),
  failing({ title: "exhausted 'wrap': no tries left", backoff: constant(1), options: { exhausted: 'wrap' }, error: wrapped('attempts', 4), again: [1, 2, 3] }),
  failing({ title: "exhausted 'wrap': the strategy says no", backoff: () => null, options: { exhausted: 'wrap' }, error: wrapped('strategy', 1), again: [] }),
  failing({
    title: "exhausted 'wrap': told to wait for too long",
    options: { exhausted: 'wrap' },
    fails: { status: 503, retryAfter: 99_999 },
    error: errorWith({ code: 'RETRY_EXHAUSTED', attempts: 1, reason: 'retryAfter' }),
    again: [],
  }),
  scenario({
    title: "exhausted 'wrap': the deadline is too near",
    policies: () => ({ ...every(9, { exhausted: 'wrap' })(), deadline: withDeadline(5) }),
    source: '        -#',
    pipe: (source, { retry, deadline }) => source.pipe(retry, deadline),
    calls: [{ call: '^', sees: '-#', error: wrapped('deadline', 1) }],
    subscriptions: ['^!'],
  }),
  failing({ title: "exhausted 'wrap': what is not retryable passes unwrapped, after a retry too", backoff: constant(1), options: { exhausted: 'wrap', retryIf: (_error, { attempt: n }) => n < 2 }, again: [1], error: down, metrics: exhausted() }),
];

const update = (retry: RetryPolicy, options: RetryUpdate): Observable<never> => {
  retry.update(options);
  return EMPTY;
};

const poor = (value: unknown): boolean => value === 'p';

const hand: readonly Scenario[] = [
  scenario({
    title: 'update: another strategy and other maxRetries hold from the next failure on, also for calls that run',
    policies: every(5, { maxRetries: 1 }),
    source: '        --#',
    pipe: (source, { retry }, { index }) => (index === 0 ? source.pipe(retry) : update(retry, { backoff: constant(1), maxRetries: 2 })),
    calls: [
      { call: '^', sees: '--------#' },
      { call: '-^', sees: '-|' },
    ],
    subscriptions: ['^-!', '---^-!', '------^-!'],
    metrics: { retry: { calls: 1, tries: 3 } },
  }),
  scenario({
    title: 'update: one that is refused changes nothing',
    policies: every(1, { maxRetries: 1 }),
    source: '        #',
    pipe: (source, { retry }, { index }) => (index === 1 ? update(retry, { maxRetries: 9, maxRetryAfter: -1 }) : source.pipe(retry)),
    calls: [
      { call: '^', sees: '-#' },
      { call: '--^', sees: '--#', error: errorWith({ name: 'RangeError' }) },
      { call: '---^', sees: '----#' },
    ],
    subscriptions: ['(^!)', '-(^!)', '---(^!)', '----(^!)'],
  }),
  scenario({
    title: 'update: a wait that has begun in force goes on where the mode becomes disabled',
    policies: every(4, { maxRetries: 1 }),
    source: '        #',
    pipe: (source, { retry }, { index }) => (index === 1 ? update(retry, { mode: 'disabled' }) : source.pipe(retry)),
    calls: [
      { call: '^', sees: '----#' },
      { call: '-^', sees: '-|' },
      { call: '--^', sees: '--#' },
    ],
    subscriptions: ['(^!)', '--(^!)', '----(^!)'],
    metrics: { retry: { calls: 1 } },
  }),
  scenario({
    title: 'reset forgets what was counted; what waits goes on and is counted no more',
    policies: every(4, { maxRetries: 1 }),
    source: ['#', '(a|)'],
    pipe: (source, { retry }, { index }) => {
      if (index === 0) return source.pipe(retry);
      retry.reset();
      return EMPTY;
    },
    calls: [
      { call: '^', sees: '----(a|)' },
      { call: '-^', sees: '-|' },
    ],
    subscriptions: ['(^!)', '----(^!)'],
    metrics: { retry: { calls: 0, tries: 0, retries: 0, recovered: 0, ...exhausted() } },
  }),
  scenario({
    title: 'shadow: a value that is not good enough is delivered, and what would be tried again is counted',
    policies: every(1, { mode: 'shadow', retryIfValue: poor }),
    source: '        -p-|',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^', sees: '-p-|' }],
    subscriptions: ['^--!'],
    metrics: { retry: { calls: 1, retries: 1, recovered: 0 } },
  }),
  scenario({
    title: 'shadow: what would be given up is counted, and nothing is wrapped',
    policies: every(1, { mode: 'shadow', maxRetries: 0, exhausted: 'wrap' }),
    source: '        -#',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^', sees: '-#' }],
    subscriptions: ['^!'],
    metrics: { retry: { calls: 1, retries: 0, ...exhausted({ attempts: 1 }) } },
  }),
];

/** How a call that is given up ends, and what is done to a retry by hand. */
export const retryEndScenarios: readonly Scenario[] = [...ends, ...hand];
