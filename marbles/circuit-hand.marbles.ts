import { consecutiveFailures, failureCount, failureRate } from '../src/core/trip.js';
import { constant, exponential } from '../src/core/backoff.js';
import type { CircuitBreaker } from '../src/circuit-breaker/circuit-breaker.js';
import type { Isolation } from '../src/circuit-breaker/watched-circuit.js';
import { does, fails, from, ok, plan, refused, runs, type Step } from './circuit-plan.js';
import type { Scenario } from './scenario.js';

const one = { failureThreshold: 1, successThreshold: 1, breakDuration: 10 } as const;

const initial: readonly Scenario[] = [
  plan({
    title: 'initialState: closed without a setting',
    options: one,
    steps: [ok(1)],
    states: 'c',
    health: 'u',
  }),
  plan({
    title: 'initialState: open for a break',
    options: { ...one, initialState: 'open' },
    steps: [refused(9, 'open', 1), ok(10)],
    states: from([0, 'o'], [10, '(hc)']),
    health: from([0, 'd'], [10, '(gu)']),
    metrics: { opened: 0, refused: 1 },
  }),
  plan({
    title: 'initialState: a snapshot that is open has so much remaining',
    options: { ...one, initialState: { state: 'open', remaining: 3 } },
    steps: [refused(2, 'open', 1), ok(3)],
    states: from([0, 'o'], [3, '(hc)']),
  }),
  plan({
    title: 'initialState: a snapshot that counts its openings goes on with them',
    options: { ...one, breakDuration: exponential({ initial: 4, jitter: 'none' }), initialState: { state: 'open', remaining: 3, openings: 2 } },
    steps: [fails(3), refused(18, 'open', 1), ok(19)],
    states: from([0, 'o'], [3, '(ho)'], [19, '(hc)']),
  }),
  plan({
    title: 'initialState: a snapshot that is half-open has nothing remaining',
    options: { ...one, initialState: { state: 'half-open' } },
    steps: [ok(1)],
    states: from([0, 'h'], [1, 'c']),
  }),
  plan({
    title: 'initialState: a snapshot that is isolated is closed, for nobody could release it',
    options: { ...one, initialState: { state: 'isolated' } },
    steps: [ok(1)],
    states: 'c',
  }),
  plan({
    title: 'initialState: a snapshot that is closed',
    options: { ...one, initialState: { state: 'closed', openings: 0 } },
    steps: [ok(1)],
    states: 'c',
  }),
];

/** Holds a breaker and lets go of it again; each run of a scenario has handles of its own. */
function hand(): { readonly isolate: (at: number) => Step; readonly release: (at: number) => Step } {
  const held = new WeakMap<CircuitBreaker, Isolation>();
  return {
    isolate: (at) => does(at, (breaker) => void held.set(breaker, breaker.isolate())),
    release: (at) => does(at, (breaker) => held.get(breaker)!.release()),
  };
}

const mine = hand();
const theirs = hand();

const held: readonly Scenario[] = [
  plan({
    title: 'isolate: refused until it is released, and nobody knows when that is',
    options: one,
    steps: [ok(1), mine.isolate(2), refused(3, 'isolated', undefined), mine.release(5), ok(6)],
    states: from([0, 'c'], [2, 'i'], [5, 'c']),
    health: from([0, 'u'], [2, 'd'], [5, 'u']),
    metrics: { calls: 3, refused: 1, opened: 0 },
  }),
  plan({
    title: 'isolate: the last one who lets go closes it, and who does so twice does it once',
    options: one,
    steps: [mine.isolate(1), theirs.isolate(2), mine.release(3), mine.release(4), refused(5, 'isolated', undefined), theirs.release(6), ok(7)],
    states: from([0, 'c'], [1, 'i'], [6, 'c']),
  }),
  plan({
    title: 'isolate: an open circuit that was held is closed once it is released',
    options: one,
    steps: [fails(1), mine.isolate(2), refused(12, 'isolated', undefined), mine.release(13), ok(14)],
    states: from([0, 'c'], [1, 'o'], [2, 'i'], [13, 'c']),
  }),
  plan({
    title: 'isolate: a half-open one too, and its probe is late',
    options: { ...one, initialState: { state: 'half-open' } },
    steps: [runs(1, '----#'), mine.isolate(2), mine.release(3), ok(4)],
    states: from([0, 'h'], [2, 'i'], [3, 'c']),
    metrics: { late: 1, failures: 0 },
  }),
  plan({
    title: 'isolate: what runs goes on, and is late',
    options: one,
    steps: [runs(1, '-a--#'), runs(2, '-a--|'), mine.isolate(3), mine.release(4), ok(8)],
    states: from([0, 'c'], [3, 'i'], [4, 'c']),
    metrics: { calls: 3, late: 2, successes: 1 },
  }),
  plan({
    title: 'isolate: failures from before are forgotten once it is released',
    options: { ...one, failureThreshold: 2 },
    steps: [fails(1), mine.isolate(2), mine.release(3), fails(4), ok(5)],
    states: from([0, 'c'], [2, 'i'], [3, 'c']),
  }),
];

const reset = (at: number): Step => does(at, (breaker) => breaker.reset());

const resets: readonly Scenario[] = [
  plan({
    title: 'reset: an open circuit is closed, its counters are 0',
    options: one,
    steps: [fails(1), refused(2, 'open', 9), reset(3), ok(4)],
    states: from([0, 'c'], [1, 'o'], [3, 'c']),
    metrics: { calls: 1, successes: 1, failures: 0, refused: 0, opened: 0 },
  }),
  plan({
    title: 'reset: failures of a closed circuit are forgotten, and what runs is late',
    options: { ...one, failureThreshold: 2 },
    steps: [fails(1), runs(2, '----#'), reset(3), fails(10)],
    states: 'c',
    metrics: { calls: 2, failures: 1, late: 1 },
  }),
  plan({
    title: 'reset: a probe that runs is late',
    options: { ...one, initialState: { state: 'half-open' } },
    steps: [runs(1, '----#'), reset(3)],
    states: from([0, 'h'], [3, 'c']),
    metrics: { calls: 1, failures: 0, late: 1 },
  }),
  plan({
    title: 'reset: whoever holds it still holds it',
    options: one,
    steps: [mine.isolate(1), reset(2), refused(3, 'isolated', undefined), mine.release(4), ok(5)],
    states: from([0, 'c'], [1, 'i'], [4, 'c']),
  }),
];

type Update = Parameters<CircuitBreaker['update']>[0];
const update = (at: number, options: Update): Step => does(at, (breaker) => breaker.update(options));
const refusedUpdate = (at: number, options: unknown): Step =>
  does(at, (breaker) => {
    try {
      breaker.update(options as Update);
    } catch {
      return;
    }
    throw new Error('the update was taken');
  });

const updates: readonly Scenario[] = [
  plan({
    title: 'update: a threshold changes, and the failures before it count',
    options: { ...one, failureThreshold: 5 },
    steps: [fails(1), fails(2), update(3, { failureThreshold: 3 }), fails(4)],
    states: from([0, 'c'], [4, 'o'], [14, 'h']),
  }),
  plan({
    title: 'update: a window grows and shrinks with what is in it',
    options: { ...one, failureThreshold: undefined, trip: failureCount({ failures: 3, window: { calls: 3 } }) },
    steps: [fails(1), fails(2), update(3, { trip: failureCount({ failures: 3, window: { calls: 5 } }) }), ok(4), fails(5)],
    states: from([0, 'c'], [5, 'o'], [15, 'h']),
  }),
  plan({
    title: 'update: another kind of rule over the same calls',
    options: { ...one, failureThreshold: undefined, trip: failureCount({ failures: 3, window: { calls: 4 } }) },
    steps: [
      fails(1),
      fails(2),
      update(3, { trip: failureRate({ threshold: 0.5, window: { calls: 4 }, minimumCalls: 4 }) }),
      ok(4),
      ok(5),
    ],
    states: from([0, 'c'], [5, 'o'], [15, 'h']),
  }),
  plan({
    title: 'update: a break that is under way is not changed, the next one is',
    options: one,
    steps: [fails(1), update(2, { breakDuration: 5 }), refused(10, 'open', 1), fails(11), refused(15, 'open', 1), ok(16)],
    states: from([0, 'c'], [1, 'o'], [11, '(ho)'], [16, '(hc)']),
  }),
  plan({
    title: 'update: successThreshold, maxProbes and probeTimeout of a half-open circuit',
    options: { ...one, successThreshold: 3, initialState: { state: 'half-open' } },
    steps: [
      runs(1, '--------------------|'),
      refused(2, 'half-open', 29_999),
      update(3, { maxProbes: 2, probeTimeout: 10, successThreshold: 2 }),
      runs(4, '-|'),
      runs(6, '-|'),
    ],
    states: from([0, 'h'], [7, 'c']),
    metrics: { late: 1, successes: 2 },
  }),
  plan({
    title: 'update: what it does not name stays',
    options: { ...one, failureThreshold: undefined, trip: consecutiveFailures(2) },
    steps: [fails(1), update(2, { breakDuration: constant(20) }), fails(3), refused(22, 'open', 1), ok(23)],
    states: from([0, 'c'], [3, 'o'], [23, '(hc)']),
  }),
  plan({
    title: 'update: one that is refused changes nothing',
    options: { ...one, failureThreshold: 2 },
    steps: [
      fails(1),
      refusedUpdate(2, { breakDuration: 99, failureThreshold: 0 }),
      refusedUpdate(3, { breakDuration: 99, maxProbes: 0 }),
      refusedUpdate(4, { breakDuration: 99, name: 'another' }),
      refusedUpdate(5, { breakDuration: 99, mode: 'off' }),
      refusedUpdate(6, { breakDuration: 99, isValue: 5 }),
      fails(7),
      refused(16, 'open', 1),
      ok(17),
    ],
    states: from([0, 'c'], [7, 'o'], [17, '(hc)']),
  }),
  plan({
    title: 'update: from enforce to shadow and back',
    options: one,
    steps: [fails(1), update(2, { mode: 'shadow' }), ok(3), update(4, { mode: 'enforce' }), refused(5, 'open', 6)],
    states: from([0, 'c'], [1, 'o'], [11, 'h']),
    health: from([0, 'u'], [1, 'd'], [2, 'u'], [4, 'd'], [11, 'g']),
  }),
];

const modes: readonly Scenario[] = [
  plan({
    title: 'shadow: what would have been refused is let through, counted as refused, and its outcome is not counted',
    options: { ...one, mode: 'shadow' },
    steps: [fails(1), ok(2), fails(3), ok(11), ok(12)],
    states: from([0, 'c'], [1, 'o'], [11, '(hc)']),
    health: 'u',
    metrics: { calls: 5, refused: 2, failures: 1, successes: 2, opened: 1 },
  }),
  plan({
    title: 'shadow: beyond the probes that it would let in',
    options: { ...one, mode: 'shadow', initialState: { state: 'half-open' } },
    steps: [runs(1, '---|'), runs(2, '-#')],
    states: from([0, 'h'], [4, 'c']),
    metrics: { calls: 2, refused: 1, failures: 0, successes: 1 },
  }),
  plan({
    title: 'shadow: isolated by hand it would refuse',
    options: { ...one, mode: 'shadow' },
    steps: [mine.isolate(1), ok(2), mine.release(3)],
    states: from([0, 'c'], [1, 'i'], [3, 'c']),
    metrics: { refused: 1, successes: 0 },
  }),
  plan({
    title: 'disabled: it neither decides nor counts',
    options: { ...one, mode: 'disabled' },
    steps: [fails(1), fails(2), ok(3)],
    states: 'c',
    health: 'u',
    metrics: { calls: 0, refused: 0, failures: 0, successes: 0 },
  }),
  plan({
    title: 'disabled: an open one lets everything through',
    options: { ...one, mode: 'disabled', initialState: 'open' },
    steps: [fails(1), ok(2)],
    metrics: { calls: 0, refused: 0 },
  }),
];

/** What is done to a circuit by hand, how it begins, and its modes. */
export const circuitHandScenarios: readonly Scenario[] = [...initial, ...held, ...resets, ...updates, ...modes];
