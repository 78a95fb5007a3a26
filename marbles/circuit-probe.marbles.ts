import { fails, from, ok, plan, refused, runs } from './circuit-plan.js';
import type { Scenario } from './scenario.js';

/** Half-open from the beginning, and open for a second when a probe fails. */
const halfOpen = { failureThreshold: 1, breakDuration: 1_000, initialState: { state: 'half-open' } } as const;
const one = { ...halfOpen, successThreshold: 1 } as const;

const thresholds: readonly Scenario[] = [
  plan({
    title: 'successThreshold: three probes without a setting',
    options: halfOpen,
    steps: [ok(1), ok(2), ok(3)],
    states: from([0, 'h'], [3, 'c']),
    health: from([0, 'g'], [3, 'u']),
  }),
  plan({
    title: 'successThreshold: one probe less leaves it half-open',
    options: { ...halfOpen, successThreshold: 2 },
    steps: [ok(1)],
    states: 'h',
  }),
  plan({
    title: 'successThreshold: one failed probe opens it again at once, and what went well before is forgotten',
    options: { ...halfOpen, breakDuration: 5, successThreshold: 2 },
    steps: [ok(1), fails(2), refused(3, 'open', 4), ok(7), ok(8)],
    states: from([0, 'h'], [2, 'o'], [7, 'h'], [8, 'c']),
    health: from([0, 'g'], [2, 'd'], [7, 'g'], [8, 'u']),
    metrics: { opened: 1 },
  }),
  plan({
    title: 'closing forgets the failures from before',
    options: { ...one, failureThreshold: 2, initialState: 'closed', breakDuration: 5 },
    steps: [fails(1), fails(2), ok(7), fails(20), ok(21), fails(22)],
    states: from([0, 'c'], [2, 'o'], [7, '(hc)']),
  }),
  plan({
    title: 'a permanent error is an answer, and a probe that answered is a good one',
    options: one,
    steps: [fails(1, { status: 404 })],
    states: from([0, 'h'], [1, 'c']),
  }),
];

const slots: readonly Scenario[] = [
  plan({
    title: 'maxProbes: one at once without a setting, and not one in all',
    options: { ...halfOpen, successThreshold: 2 },
    steps: [runs(1, '---|'), refused(2, 'half-open', 29_999), refused(3, 'half-open', 29_998), runs(5, '-|')],
    states: from([0, 'h'], [6, 'c']),
    metrics: { calls: 4, refused: 2, successes: 2 },
  }),
  plan({
    title: 'maxProbes: so many run at once, the next one is refused',
    options: { ...halfOpen, maxProbes: 2 },
    steps: [runs(1, '----|'), runs(2, '----|'), refused(3, 'half-open', 29_998), ok(7)],
    states: from([0, 'h'], [7, 'c']),
    metrics: { refused: 1, successes: 3 },
  }),
  plan({
    title: 'maxProbes: a probe that has had a value leaves its place to the next one',
    options: { ...halfOpen, successThreshold: 2 },
    steps: [runs(1, '-a----|'), refused(1, 'half-open', 30_000), runs(3, '---|'), refused(5, 'half-open', 29_998)],
    states: from([0, 'h'], [7, 'c']),
    metrics: { refused: 2, successes: 2, late: 0 },
  }),
  plan({
    title: 'maxProbes: and its own end still counts',
    options: { ...halfOpen, successThreshold: 2 },
    steps: [runs(1, '-a---#'), runs(3, '------|')],
    states: from([0, 'h'], [6, 'o'], [1_006, 'h']),
    metrics: { failures: 1, late: 1 },
  }),
  plan({
    title: 'maxProbes: those that still run when it closes are late, however they end',
    options: { ...one, maxProbes: 3 },
    steps: [runs(1, '----|'), runs(2, '----#'), runs(3, '-|')],
    states: from([0, 'h'], [4, 'c']),
    metrics: { successes: 1, late: 2 },
  }),
  plan({
    title: 'maxProbes: those that still run when it opens are late, however they end',
    options: { ...one, maxProbes: 3 },
    steps: [runs(1, '----|'), runs(2, '----#'), runs(3, '-#')],
    states: from([0, 'h'], [4, 'o'], [1_004, 'h']),
    metrics: { failures: 1, late: 2, opened: 1 },
  }),
];

const timeouts: readonly Scenario[] = [
  plan({
    title: 'probeTimeout: a probe that has had a value by then is a success, without any further call',
    options: { ...one, probeTimeout: 10 },
    steps: [runs(1, '---a------------|')],
    states: from([0, 'h'], [11, 'c']),
  }),
  plan({
    title: 'probeTimeout: and what becomes of it after that moves nothing',
    options: { ...one, probeTimeout: 10 },
    steps: [runs(1, '---a------------#'), ok(12), ok(18)],
    states: from([0, 'h'], [11, 'c']),
    metrics: { successes: 2, failures: 0, late: 1 },
  }),
  plan({
    title: 'probeTimeout: a value in time does not help a probe that fails in time',
    options: { ...one, probeTimeout: 10 },
    steps: [runs(1, '---a-----#')],
    states: from([0, 'h'], [10, 'o'], [1_010, 'h']),
    metrics: { failures: 1 },
  }),
  plan({
    title: 'probeTimeout: a probe without a value frees its slot for the next caller',
    options: { ...one, probeTimeout: 10 },
    steps: [runs(1, '--------------------|'), refused(2, 'half-open', 9), refused(10, 'half-open', 1), runs(11, '---|')],
    states: from([0, 'h'], [14, 'c']),
    metrics: { successes: 1, late: 1, refused: 2 },
  }),
  plan({
    title: 'probeTimeout: the result of a slow probe still counts when it comes: a success closes',
    options: { ...one, probeTimeout: 10 },
    steps: [runs(1, '--------------|'), runs(12, '---------|')],
    states: from([0, 'h'], [15, 'c']),
    metrics: { successes: 1, late: 1 },
  }),
  plan({
    title: 'probeTimeout: the result of a slow probe still counts when it comes: a failure opens',
    options: { ...one, probeTimeout: 10 },
    steps: [runs(1, '--------------#'), runs(12, '---------|')],
    states: from([0, 'h'], [15, 'o'], [1_015, 'h']),
    metrics: { failures: 1, late: 1 },
  }),
  plan({
    title: 'probeTimeout: slow dependencies close it too, one slow probe after the other',
    options: { ...halfOpen, successThreshold: 2, probeTimeout: 10 },
    steps: [runs(1, '--------------------|'), runs(11, '--------------------|')],
    states: from([0, 'h'], [31, 'c']),
    metrics: { successes: 2 },
  }),
  plan({
    title: 'probeTimeout: a value that comes too late waits for the end of its call',
    options: { ...one, probeTimeout: 10 },
    steps: [runs(1, '-----------a---|')],
    states: from([0, 'h'], [16, 'c']),
  }),
  plan({
    title: 'probeTimeout: a value a millisecond before its end is in time, one at its end is not',
    options: { ...halfOpen, probeTimeout: 10, successThreshold: 2 },
    steps: [runs(1, '---------a-----|'), runs(11, '----------a----|')],
    states: from([0, 'h'], [26, 'c']),
  }),
  plan({
    title: 'probeTimeout: with 0 a probe never occupies its slot',
    options: { ...one, probeTimeout: 0 },
    steps: [runs(1, '---|'), runs(2, '---|')],
    states: from([0, 'h'], [4, 'c']),
    metrics: { successes: 1, late: 1, refused: 0 },
  }),
  plan({
    title: 'probeTimeout: with Infinity it waits for as long as the probe takes',
    options: { ...one, probeTimeout: Infinity },
    steps: [runs(1, '100000ms |', 100_000), refused(100_000, 'half-open', Infinity)],
    states: from([0, 'h'], [100_001, 'c']),
  }),
];

const values: readonly Scenario[] = [
  plan({
    title: 'settleOn firstValue: the first value is the success, and what follows moves nothing',
    options: { failureThreshold: 1, settleOn: 'firstValue' },
    steps: [runs(1, '-a---#'), runs(2, '-a---|')],
    states: 'c',
    metrics: { calls: 2, successes: 2, failures: 0 },
  }),
  plan({
    title: 'settleOn firstValue: an end without a value counts as it is',
    options: { failureThreshold: 1, breakDuration: 1_000, settleOn: 'firstValue' },
    steps: [runs(1, '-|'), runs(3, '-#')],
    states: from([0, 'c'], [4, 'o'], [1_004, 'h']),
    metrics: { successes: 1, failures: 1 },
  }),
  plan({
    title: 'settleOn firstValue: a probe closes it with its first value',
    options: { ...one, settleOn: 'firstValue' },
    steps: [runs(1, '--a---#')],
    states: from([0, 'h'], [3, 'c']),
    metrics: { successes: 1, late: 0, failures: 0 },
  }),
  plan({
    title: 'settleOn complete: a stream that fails after values has failed',
    options: { ...one, settleOn: 'complete' },
    steps: [runs(1, '--a---#')],
    states: from([0, 'h'], [7, 'o'], [1_007, 'h']),
  }),
  plan({
    title: 'isFailureValue: the first value may be the failure where the first value settles',
    options: { ...one, settleOn: 'firstValue', isFailureValue: (value) => value === 'f' },
    steps: [runs(1, '--f---|')],
    states: from([0, 'h'], [3, 'o'], [1_003, 'h']),
  }),
  plan({
    title: 'isFailureValue: a later value is not looked at where the first one settles',
    options: { ...one, settleOn: 'firstValue', isFailureValue: (value) => value === 'f' },
    steps: [runs(1, '-af---|')],
    states: from([0, 'h'], [2, 'c']),
  }),
  plan({
    title: 'isValue: what is none does not settle',
    options: { ...one, settleOn: 'firstValue', isValue: (value) => value !== 's' },
    steps: [runs(1, '-s-a--|')],
    states: from([0, 'h'], [4, 'c']),
  }),
  plan({
    title: 'isValue: what is none makes no success of a probe whose time is over',
    options: { ...one, probeTimeout: 10, isValue: (value) => value !== 's' },
    steps: [runs(1, '-s------------|'), runs(11, '---------|')],
    states: from([0, 'h'], [15, 'c']),
  }),
  plan({
    title: 'isFailureValue is not asked about what is no value',
    options: { ...one, isValue: (value) => value !== 's', isFailureValue: (value) => value === 's' },
    steps: [runs(1, '-s-a--|')],
    states: from([0, 'h'], [7, 'c']),
  }),
];

/** What happens while it is half-open, and what a value means. */
export const circuitProbeScenarios: readonly Scenario[] = [...thresholds, ...slots, ...timeouts, ...values];
