import { type Observable, of, throwError } from 'rxjs';
import { bulkhead } from '../src/bulkhead/bulkhead.js';
import { constant } from '../src/core/backoff.js';
import { attempt } from '../src/operator/attempt.js';
import { retryWithBackoff } from '../src/retry/retry-with-backoff.js';
import { every, exhausted, failing } from './retry-plan.js';
import { down, errorWith, scenario, type Scenario } from './scenario.js';

const counts: readonly Scenario[] = [
  ...[0, 1, 2, 5].map((maxRetries) =>
    failing({
      title: `maxRetries ${maxRetries}: so many tries after the first`,
      backoff: constant(2),
      options: { maxRetries },
      again: Array.from({ length: maxRetries }, (_, i) => 2 * (i + 1)),
      metrics: { calls: 1, tries: maxRetries + 1, retries: maxRetries, recovered: 0, ...exhausted({ attempts: 1 }) },
    }),
  ),
  failing({ title: 'maxRetries: three where nothing is said', backoff: constant(2), again: [2, 4, 6] }),
  scenario({
    title: 'maxRetries: with Infinity as long as strategy, budget and deadline let',
    policies: every(1, { maxRetries: Infinity }),
    source: [...Array.from({ length: 40 }, () => '#'), '(a|)'],
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^', sees: '40ms (a|)' }],
    subscriptions: Array.from({ length: 41 }, (_, i) => `${i}ms (^!)`),
    metrics: { retry: { retries: 40, recovered: 1 } },
  }),
  scenario({
    title: 'a wait begins as the try fails, and each call counts its own tries',
    policies: every(3, { maxRetries: 1 }),
    source: '        --#',
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [
      { call: '^', sees: '-------#' },
      { call: '-^', sees: '--------#' },
    ],
    subscriptions: ['^-!', '-^-!', '-----^-!', '------^-!'],
    metrics: { retry: { calls: 2, tries: 4, ...exhausted({ attempts: 2 }) } },
  }),
  scenario({
    title: 'a consumer that leaves during a later try leaves its source, and has not recovered',
    policies: every(2),
    source: ['-#', '-----'],
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^----!', sees: '-' }],
    subscriptions: ['^!', '---^-!'],
    metrics: { retry: { tries: 2, retries: 1, recovered: 0, ...exhausted() } },
  }),
  scenario({
    title: 'a consumer that leaves a later try after a value has recovered',
    policies: every(2),
    source: ['-#', '-a---'],
    pipe: (source, { retry }) => source.pipe(retry),
    calls: [{ call: '^-----!', sees: '----a' }],
    subscriptions: ['^!', '---^--!'],
    metrics: { retry: { recovered: 1, ...exhausted() } },
  }),
  scenario({
    title: 'the number of the try is part of the context of what is further in, and begins anew for each call',
    policies: every(1),
    source: '        -',
    pipe: (_source, { retry }) =>
      attempt((context): Observable<unknown> => (context.attempt < 3 ? throwError(() => down) : of(context.attempt))).pipe(retry),
    calls: [
      { call: '^', sees: '--(a|)', values: { a: 3 } },
      { call: '-----^', sees: '-------(a|)', values: { a: 3 } },
    ],
    subscriptions: [],
  }),
  scenario({
    title: 'the number of the try is that of the nearest retry',
    policies: () => ({ ...every(1, { maxRetries: 1, exhausted: 'wrap' })(), outer: retryWithBackoff(constant(1), { budget: false, retryIf: () => true }) }),
    source: '        -',
    pipe: (_source, { retry, outer }) =>
      attempt((context): Observable<unknown> => (context.attempt < 2 ? throwError(() => down) : of(context.attempt))).pipe(retry, outer),
    calls: [{ call: '^', sees: '-(a|)', values: { a: 2 } }],
    subscriptions: [],
    metrics: { outer: { retries: 0 } },
  }),
];

const verdicts: readonly Scenario[] = [
  failing({ title: 'retryIf may let an error be tried again whose class does not', backoff: constant(1), options: { retryIf: () => true, maxRetries: 1 }, fails: new TypeError('x'), again: [1] }),
  failing({ title: 'retryIf may let nothing be tried again', options: { retryIf: () => false }, again: [], metrics: { tries: 1, ...exhausted() } }),
  failing({ title: 'classify may call transient what is not', backoff: constant(1), options: { classify: () => 'transient', maxRetries: 1 }, fails: { status: 404 }, again: [1] }),
  ...(['permanent', 'refused', 'aborted', 'bug'] as const).map((is) =>
    failing({ title: `what classify calls ${is} passes unchanged`, options: { classify: () => is, exhausted: 'wrap' }, again: [], metrics: { tries: 1, ...exhausted() } }),
  ),
  scenario({
    title: 'a full bulkhead is not tried again',
    policies: () => ({ pool: bulkhead(1), ...every(1)() }),
    source: '        ---(a|)',
    pipe: (source, { pool, retry }) => source.pipe(pool, retry),
    calls: [
      { call: '^', sees: '---(a|)' },
      { call: '-^', sees: '-#', error: errorWith({ code: 'BULKHEAD_FULL' }) },
    ],
    subscriptions: ['^--!'],
    metrics: { retry: { calls: 2, retries: 0, ...exhausted() } },
  }),
];

/** How often a retry tries again, and what. */
export const retryTryScenarios: readonly Scenario[] = [...counts, ...verdicts];
