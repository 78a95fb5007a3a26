import { type Observable, timer } from 'rxjs';
import { bulkhead } from '../src/bulkhead/bulkhead.js';
import { constant } from '../src/core/backoff.js';
import type { ConcurrencyLimit } from '../src/core/concurrency-limit.js';
import { vegasLimit } from '../src/core/vegas-limit.js';
import { withDeadline } from '../src/deadline/with-deadline.js';
import { fallbackToValue } from '../src/fallback/fallback-to.js';
import { loadShed } from '../src/load-shed/load-shed.js';
import { loadShedder } from '../src/load-shed/load-shedder.js';
import { retryWithBackoff } from '../src/retry/retry-with-backoff.js';
import { from } from './circuit-plan.js';
import { times } from './load-shed-plan.js';
import { errorWith, type Picture, scenario, type Scenario } from './scenario.js';
import { refused, runs, visits } from './visit-plan.js';

/** A limit that is what its last sample says: its latency, or 999 for a call that was lost to overload. */
function echo(first: number): ConcurrencyLimit {
  const limit = {
    limit: first,
    sampled: true,
    sampler: () => ({
      record: (latency: number) => void (limit.limit = latency),
      dropped: () => void (limit.limit = 999),
    }),
  };
  return limit;
}

const isAnswer = (value: unknown): boolean => value !== 's';
const nothing = 50;

type Inner = (source: Observable<unknown>) => Observable<unknown>;

/** What a limit that adapts learns of one call. */
function sampled(ends: string, source: string | readonly string[], limit: number, picture: Picture, more: { fails?: unknown; inner?: () => Inner; subscriptions?: string[] } = {}): Scenario {
  return scenario({
    title: `latency: ${ends}`,
    policies: () => ({ shed: loadShed('critical', { shedder: loadShedder({ limit: echo(nothing), queue: 9 }), isValue: isAnswer }) }),
    source,
    ...('fails' in more && { fails: more.fails }),
    pipe: (dependency, { shed }) => (more.inner?.()(dependency) ?? dependency).pipe(shed),
    calls: [picture],
    subscriptions: more.subscriptions ?? ['^---!'],
    metrics: { shed: { limit } },
  });
}

const all4 = (sees: string): Picture => ({ call: '^--------', sees });
const status = (code: number): { fails: unknown } => ({ fails: { status: code } });

const samples: readonly Scenario[] = [
  sampled('to the first value', '--a-|', 2, all4('--a-|')),
  sampled('to completion where there was no value', '----|', 4, all4('----|')),
  sampled('to the first value that isValue takes for one', '-s-a|', 3, all4('-s-a|')),
  sampled('to completion where no value was one', '-s--|', 4, all4('-s--|')),
  sampled('a 404 is an answer', '----#', 4, all4('----#'), status(404)),
  sampled('a 500 says nothing', '----#', nothing, all4('----#'), status(500)),
  sampled('a 503 was lost to overload', '----#', 999, all4('----#'), status(503)),
  sampled('a 429 was lost to overload', '----#', 999, all4('----#'), status(429)),
  sampled('a bug says nothing', '----#', nothing, all4('----#'), { fails: new TypeError('x') }),
  sampled('a consumer that leaves after a value has had its answer', '--a-----', 2, { call: '^---!', sees: '--a--' }),
  sampled('a consumer that leaves before a value says nothing', '--------', nothing, { call: '^---!', sees: '-----' }),
  sampled('a deadline that left a fair time was lost to overload', '--------', 999, { ...all4('----#'), error: errorWith({ code: 'DEADLINE_EXCEEDED' }) }, {
    inner: () => withDeadline(4),
  }),
  sampled('a call that was tried again says nothing', ['-#', '-(a|)'], nothing, all4('----(a|)'), {
    inner: () => retryWithBackoff(constant(2), { budget: false }),
    subscriptions: ['^!', '---^!'],
  }),
  sampled('a call that a fallback has answered says nothing', '----#', nothing, all4('----(f|)'), { inner: () => fallbackToValue('f') }),
  sampled('a call that has waited further in says nothing', '-(a|)', nothing, all4('----(a|)'), {
    inner: () => {
      const pool = bulkhead(1, 1);
      timer(3).pipe(pool).subscribe();
      return pool;
    },
    subscriptions: ['---^!'],
  }),
  sampled('a deadline that ended a wait further in says nothing', '-', nothing, { ...all4('----#'), error: errorWith({ code: 'DEADLINE_EXCEEDED' }) }, {
    inner: () => {
      const [pool, deadline] = [bulkhead(1, 1), withDeadline(4)];
      timer(9).pipe(pool).subscribe();
      return (source) => source.pipe(pool, deadline);
    },
    subscriptions: [],
  }),
  visits({
    title: 'latency: a limit that shrinks disturbs nobody who runs, and health speaks of a call that comes now',
    policies: () => ({ shed: loadShed('critical', { shedder: loadShedder({ limit: echo(4) }) }) }),
    visits: [runs(0, 1), runs(0, 9), runs(0, 9), refused(5, 5, errorWith({ code: 'LOAD_SHED', reason: 'full', limit: 1 })), runs(10, 1)],
    health: { shed: from([0, 'u'], [1, 'g'], [9, 'u']) },
  }),
  visits({
    title: 'latency: from the start of the source, not from the beginning of a wait for the permit; a limit that grows lets in who waits',
    policies: () => ({ shed: loadShed('critical', { shedder: loadShedder({ limit: echo(1), queue: 5 }) }) }),
    visits: [runs(0, 3), runs(1, 7, 3), runs(1, 7, 3), runs(2, 7, 3), runs(2, 2, 10)],
    metrics: { shed: { limit: 2, admitted: 5 } },
  }),
];

const only = (limit: () => ConcurrencyLimit) => (): Readonly<Record<'shed', ReturnType<typeof loadShed>>> => ({
  shed: loadShed('critical', { shedder: loadShedder({ limit: limit() }) }),
});
const fullAt = (limit: number): unknown => errorWith({ code: 'LOAD_SHED', reason: 'full', limit });

const vegas: readonly Scenario[] = [
  visits({
    title: 'vegasLimit grows while latency stays what it is without a load',
    policies: only(() => vegasLimit({ initial: 4, random: () => 0.5 })),
    visits: times(11, (i) => runs(100 * i, 200)),
    metrics: { shed: { limit: 10 } },
  }),
  visits({
    title: 'vegasLimit does not grow while less than half of it is used',
    policies: only(() => vegasLimit({ initial: 4, random: () => 0.5 })),
    visits: times(30, (i) => runs(100 * i, 50)),
    metrics: { shed: { limit: 4 } },
  }),
  visits({
    title: 'vegasLimit never grows beyond max',
    policies: only(() => vegasLimit({ initial: 4, max: 6, random: () => 0.5 })),
    visits: times(11, (i) => runs(100 * i, 200)),
    metrics: { shed: { limit: 6 } },
  }),
  visits({
    title: 'vegasLimit shrinks as latency rises, and then fewer get through',
    policies: only(() => vegasLimit({ initial: 10, max: 10, random: () => 0.5 })),
    visits: [
      ...times(11, (i) => runs(100 * i, 200)),
      ...times(11, (i) => runs(2_000 + 110 * i, 1_000)),
      ...times(9, () => runs(6_000, 10)),
      refused(6_001, 6_001, fullAt(9)),
    ],
    metrics: { shed: { admitted: 31, limit: 9 } },
  }),
  scenario({
    title: 'vegasLimit shrinks where a tenth of the calls is lost to overload',
    policies: only(() => vegasLimit({ initial: 4, random: () => 0.5 })),
    source: [...times(9, () => '100ms (a|)'), '100ms #', '100ms #'],
    fails: { status: 503 },
    pipe: (source, { shed }) => source.pipe(shed),
    calls: times(11, (i) => ({ call: `${110 * i}ms ^`, sees: `${110 * i + 100}ms ${i < 9 ? '(a|)' : '#'}` })),
    subscriptions: times(11, (i) => `${110 * i}ms ^ 99ms !`),
    metrics: { shed: { limit: 3 } },
  }),
];

/** A limit that adapts: what it is told of each call, and what it makes of that. */
export const loadShedLatencyScenarios: readonly Scenario[] = [...samples, ...vegas];
