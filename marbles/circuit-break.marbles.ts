import { type BackoffContext, decorrelatedJitter, exponential } from '../src/core/backoff.js';
import { failureRate } from '../src/core/trip.js';
import { fails, from, ok, plan, refused, runs } from './circuit-plan.js';
import { down, errorWith, type Scenario } from './scenario.js';

const one = { failureThreshold: 1, successThreshold: 1 } as const;
const busy = (seconds: string): unknown => ({ status: 503, headers: { 'retry-after': seconds } });

const durations: readonly Scenario[] = [
  plan({
    title: 'breakDuration: refused up to a millisecond before its end, a probe at its end',
    options: { ...one, breakDuration: 5 },
    steps: [fails(1), refused(2, 'open', 4), refused(5, 'open', 1), ok(6), ok(7)],
    states: from([0, 'c'], [1, 'o'], [6, '(hc)']),
    health: from([0, 'u'], [1, 'd'], [6, '(gu)']),
    metrics: { calls: 5, successes: 2, failures: 1, refused: 2, opened: 1 },
  }),
  plan({
    title: 'breakDuration: half-open at its end, whether or not a call comes',
    options: { ...one, breakDuration: 5 },
    steps: [fails(1)],
    states: from([0, 'c'], [1, 'o'], [6, 'h']),
    health: from([0, 'u'], [1, 'd'], [6, 'g']),
  }),
  plan({
    title: 'breakDuration: with 0 the next call is a probe',
    options: { ...one, breakDuration: 0 },
    steps: [fails(1), runs(2, '--|'), refused(3, 'half-open', 29_999), fails(10), ok(11)],
    metrics: { calls: 5, successes: 2, failures: 2, refused: 1, opened: 2 },
  }),
  plan({
    title: 'breakDuration: a strategy counts the openings since it was last closed',
    options: { ...one, breakDuration: exponential({ initial: 4, cap: 10, jitter: 'none' }) },
    steps: [fails(1), fails(5), fails(13), refused(22, 'open', 1), ok(23), fails(30), refused(33, 'open', 1), ok(34)],
    states: from([0, 'c'], [1, 'o'], [5, '(ho)'], [13, '(ho)'], [23, '(hc)'], [30, 'o'], [34, '(hc)']),
  }),
  plan({
    title: 'breakDuration: null is the last one again',
    options: { ...one, breakDuration: ({ attempt }: BackoffContext) => (attempt === 1 ? 4 : null) },
    steps: [fails(1), fails(5), refused(8, 'open', 1), fails(9), refused(12, 'open', 1), ok(13)],
  }),
  plan({
    title: 'breakDuration: the first break of another outage has none before it',
    options: { ...one, breakDuration: decorrelatedJitter({ base: 4, cap: 100 }), random: () => 0.5 },
    steps: [fails(1), refused(8, 'open', 1), fails(9), refused(22, 'open', 1), ok(23), fails(30), refused(37, 'open', 1), ok(38)],
  }),
  plan({
    title: 'breakDuration: without a setting five seconds, spread by chance',
    options: { ...one, random: () => 0.5 },
    steps: [fails(1), refused(5_000, 'open', 1), ok(5_001)],
  }),
  plan({
    title: 'breakDuration: chance shortens it by a quarter at most',
    options: { ...one, random: () => 0 },
    steps: [fails(1), refused(3_750, 'open', 1), ok(3_751)],
  }),
];

const retryAfter: readonly Scenario[] = [
  plan({
    title: 'a Retry-After on the error that opens it lengthens the break',
    options: { ...one, breakDuration: 5 },
    steps: [fails(1, busy('2')), refused(2_000, 'open', 1), ok(2_001)],
  }),
  plan({
    title: 'one that is shorter than the break does not shorten it',
    options: { ...one, breakDuration: 3_000 },
    steps: [fails(1, busy('2')), refused(2_001, 'open', 1_000), ok(3_001)],
  }),
  plan({
    title: 'maxBreakDuration bounds it',
    options: { ...one, breakDuration: 5, maxBreakDuration: 1_000 },
    steps: [fails(1, busy('2')), refused(1_000, 'open', 1), ok(1_001)],
  }),
  plan({
    title: 'maxBreakDuration: five minutes without a setting',
    options: { ...one, breakDuration: 5 },
    steps: [fails(1, busy('9999')), refused(300_000, 'open', 1), ok(300_001)],
  }),
  plan({
    title: 'maxBreakDuration does not bound breakDuration itself',
    options: { ...one, breakDuration: 20, maxBreakDuration: 10 },
    steps: [fails(1), refused(20, 'open', 1), ok(21)],
  }),
  plan({
    title: 'maxBreakDuration: with 0 nobody lengthens it',
    options: { ...one, breakDuration: 5, maxBreakDuration: 0 },
    steps: [fails(1, busy('2')), refused(5, 'open', 1), ok(6)],
  }),
  plan({
    title: 'a probe that fails may lengthen the next break',
    options: { ...one, breakDuration: 5 },
    steps: [fails(1), fails(6, busy('1')), refused(1_005, 'open', 1), ok(1_006)],
  }),
];

const last = { status: 503 };
const open = (properties: Readonly<Record<string, unknown>>): ReturnType<typeof refused> => ({
  ...refused(5, 'open', undefined),
  error: errorWith({ code: 'CIRCUIT_OPEN', name: 'CircuitOpenError', policy: 'catalog', ...properties }),
});

const errors: readonly Scenario[] = [
  plan({
    title: 'CircuitOpenError says why, since when and until when, and what has opened it',
    options: { ...one, name: 'catalog', breakDuration: 10 },
    steps: [fails(1, last), open({ reason: 'open', retryAfter: 6, openedAt: 1, cause: last })],
  }),
  plan({
    title: 'the cause of one that a success has opened is the last failure',
    options: {
      trip: failureRate({ threshold: 0.5, window: { calls: 4 }, minimumCalls: 4 }),
      name: 'catalog',
      breakDuration: 10,
    },
    steps: [fails(1), fails(2, last), ok(3), fails(4, { status: 404 }), open({ openedAt: 4, cause: last })],
  }),
  plan({
    title: 'the cause of one that a value has opened is that value',
    options: { ...one, name: 'catalog', breakDuration: 10, isFailureValue: (value) => value === 'a' },
    steps: [ok(1), open({ openedAt: 1, cause: 'a' })],
  }),
  plan({
    title: 'the cause is the error of the latest opening',
    options: { ...one, name: 'catalog', breakDuration: 2 },
    steps: [fails(1, last), fails(3), { ...open({ openedAt: 3, retryAfter: 1, cause: down }), at: 4 }],
  }),
];

/** How long a circuit stays open, and what it says meanwhile. */
export const circuitBreakScenarios: readonly Scenario[] = [...durations, ...retryAfter, ...errors];
