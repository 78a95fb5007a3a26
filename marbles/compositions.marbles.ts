import { identity, map, type MonoTypeOperatorFunction, type Observable, share } from 'rxjs';
import { bulkhead } from '../src/bulkhead/bulkhead.js';
import { circuitBreaker } from '../src/circuit-breaker/circuit-breaker.js';
import { constant } from '../src/core/backoff.js';
import { fixedLimit } from '../src/core/fixed-limit.js';
import { slowCallRate } from '../src/core/trip.js';
import { withDeadline } from '../src/deadline/with-deadline.js';
import { fallbackToValue } from '../src/fallback/fallback-to.js';
import { loadShed } from '../src/load-shed/load-shed.js';
import { loadShedder } from '../src/load-shed/load-shedder.js';
import { detachContext } from '../src/operator/context.js';
import type { RetryOptions } from '../src/retry/retry-options.js';
import { type RetryPolicy, retryWithBackoff } from '../src/retry/retry-with-backoff.js';
import { outageScenarios } from './outage.marbles.js';
import { errorWith, type Policies, scenario, type Scenario } from './scenario.js';

const expired = errorWith({ code: 'DEADLINE_EXCEEDED', started: true });
const refused = errorWith({ code: 'CIRCUIT_OPEN', reason: 'open' });
const values = { a: 'a', b: 'b', f: 'instead' };

type Between = MonoTypeOperatorFunction<unknown>;

/** The same with our operators side by side and with a foreign one between them: nobody can tell. */
function both<P extends Policies>(
  data: Omit<Scenario<P>, 'pipe'> & {
    readonly pipe: (source: Observable<unknown>, policies: P, between: Between, index: number) => Observable<unknown>;
  },
): readonly Scenario[] {
  return [
    scenario<P>({ ...data, pipe: (source, policies, { index }) => data.pipe(source, policies, identity, index) }),
    scenario<P>({
      ...data,
      title: `${data.title}, with a foreign operator between ours`,
      pipe: (source, policies, { index }) => data.pipe(source, policies, map((value) => value), index),
    }),
  ];
}

const retry = (maxRetries: number, options: RetryOptions = {}): RetryPolicy =>
  retryWithBackoff(constant(2), { maxRetries, budget: false, ...options });

const withBreaker: readonly Scenario[] = [
  ...both({
    title: 'retry around breaker: every try counts, and an open circuit is not tried again',
    policies: () => ({ breaker: circuitBreaker({ failureThreshold: 2, breakDuration: 50 }), retry: retry(5) }),
    source: '         -#',
    pipe: (source, { breaker, retry }, between) => source.pipe(breaker, between, retry),
    calls: [{ call: ' ^---------', sees: '------#', error: refused }],
    subscriptions: ['^!', '   ---^!'],
    states: { breaker: 'c---o 49ms h' },
    metrics: { breaker: { calls: 3, failures: 2, refused: 1 }, retry: { calls: 1, retries: 2 } },
  }),
  ...both({
    title: 'breaker around retry: only what becomes of the whole call counts',
    policies: () => ({ breaker: circuitBreaker({ failureThreshold: 2, breakDuration: 50 }), retry: retry(2) }),
    source: '         -#',
    pipe: (source, { breaker, retry }, between) => source.pipe(retry, between, breaker),
    calls: [{ call: ' ^---------', sees: '-------#' }],
    subscriptions: ['^!', '   ---^!', '   ------^!'],
    states: { breaker: 'c' },
    metrics: { breaker: { calls: 1, failures: 1, refused: 0 }, retry: { retries: 2, exhausted: { attempts: 1 } } },
  }),
  ...both({
    title: 'breaker around bulkhead: that it is full opens nothing',
    policies: () => ({ pool: bulkhead(1), breaker: circuitBreaker({ failureThreshold: 1 }) }),
    source: '         ----a|',
    pipe: (source, { pool, breaker }, between) => source.pipe(pool, between, breaker),
    calls: [
      { call: '       ^--------', sees: '----a|' },
      { call: '       -^-------', sees: '-#', error: errorWith({ code: 'BULKHEAD_FULL', reason: 'full' }) },
      { call: '       ------^--', sees: '----------a|' },
    ],
    subscriptions: ['^----!', '------^----!'],
    states: { breaker: 'c' },
    metrics: { pool: { accepted: 2 }, breaker: { calls: 3, successes: 2, ignored: 1 } },
  }),
  ...both({
    title: 'breaker around bulkhead: the wait in its queue is no slowness of the dependency',
    policies: () => ({
      pool: bulkhead(1, 1),
      breaker: circuitBreaker({ trip: slowCallRate({ threshold: 0.1, slowerThan: 5, window: { calls: 2 } }) }),
    }),
    source: '         ----(a|)',
    pipe: (source, { pool, breaker }, between) => source.pipe(pool, between, breaker),
    calls: [
      { call: '       ^--------', sees: '----(a|)' },
      { call: '       -^-------', sees: '--------(a|)' },
    ],
    subscriptions: ['^---!', '----^---!'],
    states: { breaker: 'c' },
    metrics: { breaker: { successes: 2, slow: 0, rate: 0 } },
  }),
  ...both({
    title: 'breaker around bulkhead: the time of a probe begins after its wait',
    policies: () => ({
      pool: bulkhead(1, 1),
      breaker: circuitBreaker({ initialState: { state: 'half-open' }, successThreshold: 1, probeTimeout: 10 }),
    }),
    source: ['        ----|', '   -----------a|'],
    pipe: (source, { pool, breaker }, between, index) =>
      index === 0 ? source.pipe(pool) : source.pipe(pool, between, breaker),
    calls: [
      { call: '       ^----', sees: '----|' },
      { call: '       -^---', sees: '---------------a|' },
      { call: '       12ms ^', sees: '12ms #', error: errorWith({ code: 'CIRCUIT_OPEN', reason: 'half-open', retryAfter: 2 }) },
    ],
    subscriptions: ['^---!', '----^-----------!'],
    states: { breaker: 'h 15ms c' },
  }),
  ...both({
    title: 'bulkhead around breaker: a refused call gives its permit back at once',
    policies: () => ({ pool: bulkhead(1), breaker: circuitBreaker({ initialState: { state: 'open', remaining: 3 }, successThreshold: 1 }) }),
    source: '         -a|',
    pipe: (source, { pool, breaker }, between) => source.pipe(breaker, between, pool),
    calls: [
      { call: '       ^--------', sees: '#', error: refused },
      { call: '       -^-------', sees: '-#', error: refused },
      { call: '       ----^----', sees: '-----a|' },
    ],
    subscriptions: ['----^-!'],
    states: { breaker: 'o--h--c' },
    metrics: { pool: { accepted: 3, peak: 1 } },
  }),
];

const withDeadlines: readonly Scenario[] = [
  ...both({
    title: 'deadline around retry: no wait begins that it would cut',
    policies: () => ({ retry: retry(5), deadline: withDeadline(6) }),
    source: '         -#',
    pipe: (source, { retry, deadline }, between) => source.pipe(retry, between, deadline),
    calls: [{ call: ' ^---------', sees: '----#' }],
    subscriptions: ['^!', '   ---^!'],
    metrics: { retry: { retries: 1, exhausted: { deadline: 1 } }, deadline: { expired: 0 } },
  }),
  ...both({
    title: 'deadline around retry: it cuts a try that hangs',
    policies: () => ({ retry: retry(5), deadline: withDeadline(6) }),
    source: ['        -#', '-----'],
    pipe: (source, { retry, deadline }, between) => source.pipe(retry, between, deadline),
    calls: [{ call: ' ^---------', sees: '------#', error: expired }],
    subscriptions: ['^!', '   ---^--!'],
    metrics: { retry: { retries: 1 }, deadline: { expired: 1 } },
  }),
  ...both({
    title: 'retry around deadline: each try has its own time',
    policies: () => ({ each: withDeadline(3), retry: retry(1), all: withDeadline(20) }),
    source: ['        -----', '-a|'],
    pipe: (source, { each, retry, all }, between) => source.pipe(each, between, retry, between, all),
    calls: [{ call: ' ^---------', sees: '------a|' }],
    subscriptions: ['^--!', ' -----^-!'],
    metrics: { each: { calls: 2, expired: 1 }, retry: { recovered: 1 }, all: { calls: 1, expired: 0 } },
  }),
  ...both({
    title: 'a deadline of each try further in than the breaker tells it of a hang',
    policies: () => ({ each: withDeadline(4), breaker: circuitBreaker({ failureThreshold: 2, breakDuration: 50 }), retry: retry(1) }),
    source: '         -----',
    pipe: (source, { each, breaker, retry }, between) => source.pipe(each, between, breaker, between, retry),
    calls: [{ call: ' ^---------', sees: '----------#', error: expired }],
    subscriptions: ['^---!', ' ------^---!'],
    states: { breaker: 'c 9ms o 49ms h' },
  }),
];

const withFallback: readonly Scenario[] = [
  ...both({
    title: 'fallback over everything: what failed, what was refused and what took too long has an answer',
    policies: () => ({
      breaker: circuitBreaker({ failureThreshold: 2, breakDuration: 50 }),
      deadline: withDeadline(4),
      fallback: fallbackToValue('instead'),
    }),
    source: ['        -#', '-----', '-a|'],
    values,
    pipe: (source, { breaker, deadline, fallback }, between) => source.pipe(breaker, between, deadline, between, fallback),
    calls: [
      { call: '       ^---------', sees: '-(f|)' },
      { call: '       --^-------', sees: '------(f|)' },
      { call: '       -------^--', sees: '-------(f|)' },
    ],
    subscriptions: ['^!', '  --^---!'],
    states: { breaker: 'c-----o 49ms h' },
    metrics: { breaker: { failures: 2, refused: 1 }, fallback: { calls: 3, used: 3 } },
  }),
  ...both({
    title: 'fallback over everything: an answer that says no is an answer',
    policies: () => ({ breaker: circuitBreaker({ failureThreshold: 1 }), retry: retry(3), fallback: fallbackToValue('instead') }),
    source: '         -#',
    fails: { status: 404 },
    pipe: (source, { breaker, retry, fallback }, between) => source.pipe(breaker, between, retry, between, fallback),
    calls: [{ call: ' ^---------', sees: '-#' }],
    subscriptions: ['^!'],
    metrics: { breaker: { successes: 1 }, retry: { retries: 0 }, fallback: { used: 0 } },
  }),
];

const shedding = (): { shed: ReturnType<typeof loadShed>; retry: RetryPolicy } => ({
  shed: loadShed('critical', { shedder: loadShedder({ limit: fixedLimit(1) }) }),
  retry: retry(1),
});
const shed = errorWith({ code: 'LOAD_SHED', reason: 'full' });

const withShedding: readonly Scenario[] = [
  ...both({
    title: 'shedding around retry: a call holds one permit, through its waits as well',
    policies: shedding,
    source: ['        -#', '-a|'],
    pipe: (source, { shed, retry }, between) => source.pipe(retry, between, shed),
    calls: [
      { call: '       ^---------', sees: '----a|' },
      { call: '       --^-------', sees: '--#', error: shed },
      { call: '       ------^---', sees: '-------a|' },
    ],
    subscriptions: ['^!', '   ---^-!', ' ------^-!'],
    metrics: { shed: { calls: 3, admitted: 2 }, retry: { calls: 2, recovered: 1 } },
  }),
  ...both({
    title: 'retry around shedding: each try asks anew, and one that is shed is not tried again',
    policies: shedding,
    source: ['        -#', '---a|', '-a|'],
    pipe: (source, { shed, retry }, between) => source.pipe(shed, between, retry),
    calls: [
      { call: '       ^---------', sees: '---#', error: shed },
      { call: '       --^-------', sees: '-----a|' },
    ],
    subscriptions: ['^!', '   --^---!'],
    metrics: { shed: { calls: 3, admitted: 2 }, retry: { calls: 2, retries: 1, recovered: 0 } },
  }),
];

const stacked: readonly Scenario[] = [
  ...both({
    title: 'stacked retries do not multiply',
    policies: () => ({ inner: retry(1), outer: retry(3) }),
    source: '         -#',
    pipe: (source, { inner, outer }, between) => source.pipe(inner, between, outer),
    calls: [{ call: ' ^---------', sees: '----#' }],
    subscriptions: ['^!', '   ---^!'],
    metrics: { inner: { retries: 1, exhausted: { attempts: 1 } }, outer: { calls: 1, retries: 0 } },
  }),
  ...both({
    title: 'stacked retries do not multiply where the inner one wraps what it gives up',
    policies: () => ({ inner: retry(1, { exhausted: 'wrap' }), outer: retry(3) }),
    source: '         -#',
    pipe: (source, { inner, outer }, between) => source.pipe(inner, between, outer),
    calls: [{ call: ' ^---------', sees: '----#', error: errorWith({ code: 'RETRY_EXHAUSTED', attempts: 2, reason: 'attempts' }) }],
    subscriptions: ['^!', '   ---^!'],
    metrics: { outer: { retries: 0 } },
  }),
  ...both({
    title: 'stacked retries do not multiply with a breaker and a deadline between them',
    policies: () => ({
      inner: retry(1),
      breaker: circuitBreaker({ failureThreshold: 9 }),
      deadline: withDeadline(50),
      outer: retry(3),
    }),
    source: '         -#',
    pipe: (source, { inner, breaker, deadline, outer }, between) =>
      source.pipe(inner, between, breaker, between, deadline, between, outer),
    calls: [{ call: ' ^---------', sees: '----#' }],
    subscriptions: ['^!', '   ---^!'],
    metrics: { breaker: { calls: 1, failures: 1 }, outer: { retries: 0 } },
  }),
  ...both({
    title: 'an outer retry does its work where an inner one that lets nothing be tried again gave up nothing',
    policies: () => ({ inner: retry(0), outer: retry(1) }),
    source: ['        -#', '-a|'],
    pipe: (source, { inner, outer }, between) => source.pipe(inner, between, outer),
    calls: [{ call: ' ^---------', sees: '----a|' }],
    subscriptions: ['^!', '   ---^-!'],
    metrics: { inner: { retries: 0 }, outer: { retries: 1, recovered: 1 } },
  }),
];

/** One shared subscription for all calls of a run. */
function sharedBy(operator: (source: Observable<unknown>, policies: Policies) => Observable<unknown>): Scenario['pipe'] {
  const runs = new WeakMap<object, Observable<unknown>>();
  return (source, policies, { index }) => {
    if (index === 0) runs.set(policies, operator(source, policies));
    const common = runs.get(policies)!;
    return index === 0 ? common.pipe(withDeadline(3)) : common;
  };
}

const sharing: readonly Scenario[] = [
  scenario({
    title: 'share: without detachContext everybody has the deadline of the first one',
    policies: () => ({ ambient: withDeadline() }),
    source: '         ------a|',
    pipe: sharedBy((source, { ambient }) => source.pipe(ambient as unknown as Between, share())),
    calls: [
      { call: '       ^---------', sees: '---#', error: expired },
      { call: '       -^--------', sees: '---#', error: expired },
    ],
    subscriptions: ['^--!'],
  }),
  scenario({
    title: 'share: with detachContext before it each has its own deadline, or none',
    policies: () => ({ ambient: withDeadline() }),
    source: '         ------a|',
    pipe: sharedBy((source, { ambient }) => source.pipe(ambient as unknown as Between, detachContext(), share())),
    calls: [
      { call: '       ^---------', sees: '---#', error: expired },
      { call: '       -^--------', sees: '------a|' },
    ],
    subscriptions: ['^------!'],
  }),
  scenario({
    title: 'share: the breaker further in is told once, by how the shared call ended',
    policies: () => ({ breaker: circuitBreaker({ failureThreshold: 1 }) }),
    source: '         ------a|',
    pipe: sharedBy((source, { breaker }) => source.pipe(breaker as unknown as Between, detachContext(), share())),
    calls: [
      { call: '       ^---------', sees: '---#', error: expired },
      { call: '       -^--------', sees: '------a|' },
    ],
    subscriptions: ['^------!'],
    metrics: { breaker: { calls: 1, successes: 1, failures: 0, abandoned: 0 } },
  }),
  scenario({
    title: 'share: a deadline of the last one who listens is no consumer who left',
    policies: () => ({ breaker: circuitBreaker({ failureThreshold: 1, breakDuration: 50 }) }),
    source: '         ------a|',
    pipe: sharedBy((source, { breaker }) => source.pipe(breaker as unknown as Between, share())),
    calls: [
      { call: '       ^---------', sees: '---#', error: expired },
      { call: '       -^!       ', sees: '--' },
    ],
    subscriptions: ['^--!'],
    states: { breaker: 'c--o 49ms h' },
    metrics: { breaker: { calls: 1, failures: 1, abandoned: 0 } },
  }),
];

/** What the operators are to each other. */
export const compositionScenarios: readonly Scenario[] = [
  ...withBreaker,
  ...withDeadlines,
  ...withFallback,
  ...withShedding,
  ...stacked,
  ...sharing,
  ...outageScenarios,
];
