import { anyOf, consecutiveFailures, failureCount, failureRate, slowCallRate } from '../src/core/trip.js';
import { fails, from, ok, plan, refused, runs } from './circuit-plan.js';
import type { Scenario } from './scenario.js';

const half = { breakDuration: 1_000 } as const;
const opensAt = (frame: number): string => from([0, 'c'], [frame, 'o'], [frame + 1_000, 'h']);

const inARow: readonly Scenario[] = [
  plan({
    title: 'failureThreshold: the first failure opens a circuit that bears none',
    options: { failureThreshold: 1, ...half },
    steps: [ok(1), fails(2), refused(3, 'open', 999)],
    states: opensAt(2),
    metrics: { calls: 3, successes: 1, failures: 1, refused: 1, opened: 1, rate: undefined },
  }),
  plan({
    title: 'failureThreshold: one failure less leaves it closed, that one opens it',
    options: { failureThreshold: 3, ...half },
    steps: [fails(1), fails(2), ok(3), fails(4), fails(5), fails(6)],
    states: opensAt(6),
  }),
  plan({
    title: 'a row that has not lasted for long enough does not open, however long it is',
    options: { trip: consecutiveFailures(3, { over: 10 }), ...half },
    steps: [fails(1), fails(1), fails(1), fails(1), fails(10), fails(11)],
    states: opensAt(11),
  }),
  plan({
    title: 'a row that has lasted for long enough needs its number as well',
    options: { trip: consecutiveFailures(3, { over: 10 }), ...half },
    steps: [fails(1), fails(50), fails(51)],
    states: opensAt(51),
  }),
  plan({
    title: 'a success begins the row and its time anew',
    options: { trip: consecutiveFailures(2, { over: 10 }), ...half },
    steps: [fails(1), fails(2), ok(5), fails(6), fails(15), fails(16)],
    states: opensAt(16),
  }),
];

const counts: readonly Scenario[] = [
  plan({
    title: 'failureCount: three of the last five, with no minimum of calls',
    options: { trip: failureCount({ failures: 3, window: { calls: 5 } }), ...half },
    steps: [fails(1), fails(2), fails(3)],
    states: opensAt(3),
  }),
  plan({
    title: 'failureCount: successes in between are part of the window',
    options: { trip: failureCount({ failures: 3, window: { calls: 5 } }), ...half },
    steps: [fails(1), ok(2), fails(3), ok(4), fails(5)],
    states: opensAt(5),
  }),
  plan({
    title: 'failureCount: the sixth call pushes the first one out',
    options: { trip: failureCount({ failures: 3, window: { calls: 5 } }), ...half },
    steps: [fails(1), ok(2), fails(3), ok(4), ok(5), fails(6), fails(7)],
    states: opensAt(7),
  }),
  plan({
    title: 'failureCount: within the time of the window',
    options: { trip: failureCount({ failures: 3, window: { time: 20 } }), ...half },
    steps: [fails(1), fails(2), fails(18)],
    states: opensAt(18),
  }),
  plan({
    title: 'failureCount: an idle window ages',
    options: { trip: failureCount({ failures: 3, window: { time: 20 } }), ...half },
    steps: [fails(1), fails(2), fails(22), fails(23), fails(24)],
    states: opensAt(24),
  }),
];

const rates: readonly Scenario[] = [
  plan({
    title: 'failureRate: below its minimum of calls it says nothing',
    options: { trip: failureRate({ threshold: 0.5, window: { calls: 10 }, minimumCalls: 4 }), ...half },
    steps: [fails(1), fails(2), fails(3)],
    states: 'c',
    metrics: { failures: 3, rate: undefined },
  }),
  plan({
    title: 'failureRate: is asked after a success too',
    options: { trip: failureRate({ threshold: 0.5, window: { calls: 10 }, minimumCalls: 4 }), ...half },
    steps: [fails(1), fails(2), fails(3), ok(4), refused(5, 'open', 999)],
    states: opensAt(4),
    metrics: { failures: 3, successes: 1, rate: 0.75 },
  }),
  plan({
    title: 'failureRate: below its threshold it stays closed',
    options: { trip: failureRate({ threshold: 0.5, window: { calls: 10 }, minimumCalls: 4 }), ...half },
    steps: [ok(1), ok(2), ok(3), fails(4), fails(5)],
    states: 'c',
    metrics: { rate: 0.4 },
  }),
  plan({
    title: 'failureRate: its threshold is enough',
    options: { trip: failureRate({ threshold: 0.5, window: { calls: 10 }, minimumCalls: 4 }), ...half },
    steps: [ok(1), ok(2), ok(3), fails(4), fails(5), fails(6)],
    states: opensAt(6),
    metrics: { rate: 0.5 },
  }),
  plan({
    title: 'failureRate: old calls leave a window of calls',
    options: { trip: failureRate({ threshold: 0.5, window: { calls: 4 }, minimumCalls: 4 }), ...half },
    steps: [ok(1), ok(2), ok(3), ok(4), fails(5), fails(6)],
    states: opensAt(6),
  }),
  plan({
    title: 'failureRate: old calls leave a window of time, and the minimum is asked of the others',
    options: { trip: failureRate({ threshold: 0.5, window: { time: 20 }, minimumCalls: 4 }), ...half },
    steps: [fails(1), fails(2), fails(3), fails(23), fails(24), fails(25), fails(26)],
    states: opensAt(26),
  }),
  plan({
    title: 'failureRate: ignored and abandoned calls are in no window',
    options: { trip: failureRate({ threshold: 0.5, window: { calls: 10 }, minimumCalls: 4 }), ...half },
    steps: [fails(1), fails(2), fails(3), fails(4, new TypeError('x is not a function'))],
    states: 'c',
    metrics: { failures: 3, ignored: 1 },
  }),
  plan({
    title: 'without a setting: half of twenty calls, and not one less',
    options: { ...half },
    steps: [
      ...Array.from({ length: 10 }, (_, i) => ok(i + 1)),
      ...[11, 12, 13, 14].map((at) => fails(at)),
      ok(15),
      ...[16, 17, 18, 19].map((at) => fails(at)),
      ok(20),
      fails(21),
      fails(22),
      fails(23),
      fails(24),
      refused(25, 'open', 999),
    ],
    states: opensAt(24),
    metrics: { calls: 25, refused: 1 },
  }),
  plan({
    title: 'without a setting: five in a row at once are one event, five over a second are an outage',
    options: { ...half },
    steps: [fails(1), fails(1), fails(1), fails(1), fails(1), fails(1), fails(1_000), fails(1_001), refused(1_002, 'open', 999)],
    states: from([0, 'c'], [1_001, 'o'], [2_001, 'h']),
  }),
];

const slowRate = { trip: slowCallRate({ threshold: 0.5, slowerThan: 5, window: { calls: 4 }, minimumCalls: 2 }), ...half };

const slow: readonly Scenario[] = [
  plan({
    title: 'slowCallRate: as long as slowerThan is slow',
    options: slowRate,
    steps: [runs(1, '-----(a|)', 5), runs(11, '-----(a|)', 5)],
    states: opensAt(16),
    metrics: { successes: 2, slow: 2, rate: 1 },
  }),
  plan({
    title: 'slowCallRate: a millisecond less is not',
    options: slowRate,
    steps: [runs(1, '----(a|)', 4), runs(11, '----(a|)', 4), runs(21, '----(a|)', 4)],
    states: 'c',
    metrics: { successes: 3, slow: 0, rate: 0 },
  }),
  plan({
    title: 'slowCallRate: the first value decides, and a long stream is not slow',
    options: slowRate,
    steps: [runs(1, '-a--------|'), runs(21, '-a--------|'), runs(41, '-a--------#')],
    states: 'c',
    metrics: { successes: 2, failures: 1, slow: 0, rate: 0 },
  }),
  plan({
    title: 'slowCallRate: the first one decides, where every value is looked at as well',
    options: { ...slowRate, isValue: (value) => value !== 's' },
    steps: [runs(1, '-sa------a|'), runs(21, '-sa------a|'), runs(41, '-s----a|'), runs(61, '-s----a|')],
    states: from([0, 'c'], [68, 'o'], [1_068, 'h']),
    metrics: { successes: 4, slow: 2, rate: 0.5 },
  }),
  plan({
    title: 'slowCallRate: the end decides where there was no value',
    options: slowRate,
    steps: [runs(1, '-----|'), runs(11, '----|'), refused(21, 'open', 994)],
    states: opensAt(15),
  }),
  plan({
    title: 'slowCallRate: a slow failure is slow, a quick one is not',
    options: slowRate,
    steps: [fails(1), fails(2), fails(3), runs(4, '-----#'), runs(14, '-----#')],
    states: opensAt(19),
    metrics: { failures: 5, slow: 2, rate: 0.5 },
  }),
  plan({
    title: 'slowCallRate: what is ignored is not slow either',
    options: { ...slowRate, classify: () => 'aborted' },
    steps: [runs(1, '-----#'), runs(11, '-----#'), runs(21, '-----#')],
    states: 'c',
    metrics: { ignored: 3, slow: 0, rate: undefined },
  }),
  plan({
    title: 'slowCallRate: an answer that says no, and is slow, is a success and slow',
    options: { ...slowRate, classify: () => 'permanent' },
    steps: [runs(1, '-----#'), runs(11, '-----#')],
    states: opensAt(16),
    metrics: { successes: 2, slow: 2 },
  }),
  plan({
    title: 'slowCallRate: a slow probe is a failed one',
    options: { ...slowRate, initialState: { state: 'half-open' }, successThreshold: 1 },
    steps: [runs(1, '-----(a|)', 5), refused(7, 'open', 999)],
    states: from([0, 'h'], [6, 'o'], [1_006, 'h']),
  }),
  plan({
    title: 'slowCallRate: a quick probe is none',
    options: { ...slowRate, initialState: { state: 'half-open' }, successThreshold: 1 },
    steps: [runs(1, '----(a|)', 4)],
    states: from([0, 'h'], [5, 'c']),
  }),
];

const any: readonly Scenario[] = [
  plan({
    title: 'anyOf: the first of its rules that says so opens',
    options: { trip: anyOf(consecutiveFailures(4), failureCount({ failures: 2, window: { calls: 3 } })), ...half },
    steps: [fails(1), ok(2), fails(3)],
    states: opensAt(3),
  }),
  plan({
    title: 'anyOf: or the other one',
    options: { trip: anyOf(consecutiveFailures(2), failureRate({ threshold: 1, window: { calls: 9 }, minimumCalls: 9 })), ...half },
    steps: [ok(1), fails(2), fails(3)],
    states: opensAt(3),
  }),
  plan({
    title: 'anyOf: the rate that is told is that of its first rule about one',
    options: {
      trip: anyOf(
        consecutiveFailures(9),
        failureRate({ threshold: 1, window: { calls: 4 }, minimumCalls: 2 }),
        slowCallRate({ threshold: 1, slowerThan: 5, window: { calls: 4 }, minimumCalls: 1 }),
      ),
      ...half,
    },
    steps: [ok(1), fails(2)],
    states: 'c',
    metrics: { rate: 0.5 },
  }),
];

/** When a circuit opens. */
export const circuitTripScenarios: readonly Scenario[] = [...inARow, ...counts, ...rates, ...slow, ...any];
