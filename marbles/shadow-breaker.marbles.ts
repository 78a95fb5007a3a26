import type { CircuitBreakerOptions } from '../src/circuit-breaker/breaker-options.js';
import { circuitBreaker } from '../src/circuit-breaker/circuit-breaker.js';
import type { PolicyMode } from '../src/operator/policy-types.js';
import { does, fails, from, ok, plan, refused, runs, type Step } from './circuit-plan.js';
import type { Scenario } from './scenario.js';
import { watched } from './shadow-plan.js';

const one: CircuitBreakerOptions = { mode: 'shadow', failureThreshold: 1, breakDuration: 10, successThreshold: 1 };
const halfOpen = { initialState: { state: 'half-open' } } as const;
const to = (at: number, mode: PolicyMode): Step => does(at, (breaker) => breaker.update({ mode }));

interface Shadow extends Omit<Parameters<typeof plan>[0], 'health'> {
  readonly health?: string;
  readonly would: string;
  readonly events: readonly string[];
}

/** In shadow mode its health is `up` all the time. */
function shadow({ events, health = 'u', would, ...rest }: Shadow): Scenario {
  const { metrics, ...base } = plan(rest);
  return {
    ...base,
    policies: () => watched('breaker', circuitBreaker(rest.options)),
    health: { breaker: health, would },
    metrics: { ...metrics, told: { events } },
  };
}

const ends = { successes: 0, failures: 0, ignored: 0, abandoned: 0, late: 0, refused: 0 };

export const shadowBreakerScenarios: readonly Scenario[] = [
  shadow({
    title: 'a breaker in shadow mode goes through an outage, and every call through it',
    options: { ...one, failureThreshold: 2, breakDuration: 6, successThreshold: 2 },
    steps: [fails(1), fails(2), ok(3), fails(4), runs(9, '--|'), fails(10), ok(12), fails(13)],
    states: from([0, 'c'], [2, 'o'], [8, 'h'], [12, 'c']),
    would: from([0, 'u'], [2, 'd'], [8, 'g'], [12, 'u']),
    metrics: { calls: 8, ...ends, successes: 2, failures: 3, refused: 3, opened: 1 },
    events: [
      'failed', 'failed', 'opened', 'refused open', 'refused open', 'halfOpened', 'refused half-open', 'succeeded', 'succeeded', 'closed', 'failed',
    ],
  }),
  shadow({
    title: 'a half-open breaker in shadow mode is opened again by a probe, and by no other call',
    options: { ...one, ...halfOpen },
    steps: [runs(1, '----#'), fails(2), ok(3), ok(6), ok(16)],
    states: from([0, 'h'], [5, 'o'], [15, 'h'], [16, 'c']),
    would: from([0, 'g'], [5, 'd'], [15, 'g'], [16, 'u']),
    metrics: { calls: 5, ...ends, successes: 1, failures: 1, refused: 3, opened: 1 },
    events: [
      'halfOpened', 'refused half-open', 'refused half-open', 'failed', 'opened', 'refused open', 'halfOpened', 'succeeded', 'closed',
    ],
  }),
  shadow({
    title: 'a half-open breaker in shadow mode gives the place of a probe that takes too long to the next call',
    options: { ...one, ...halfOpen, probeTimeout: 3 },
    steps: [runs(1, '--------|'), ok(2), ok(4)],
    states: from([0, 'h'], [4, 'c']),
    would: from([0, 'g'], [4, 'u']),
    metrics: { calls: 3, ...ends, refused: 1, successes: 1, late: 1 },
    events: ['halfOpened', 'refused half-open', 'succeeded', 'closed', 'late'],
  }),
  shadow({
    title: 'a breaker in shadow mode that is isolated lets everything through, and would refuse it',
    options: one,
    steps: [runs(1, '---#'), does(2, (breaker) => breaker.isolate()), fails(3)],
    states: from([0, 'c'], [2, 'i']),
    would: from([0, 'u'], [2, 'd']),
    metrics: { calls: 2, ...ends, refused: 1, late: 1 },
    events: ['isolated', 'refused isolated', 'late'],
  }),
  shadow({
    title: 'from shadow to enforce: a call that was let through is not counted, and the next one is refused',
    options: one,
    steps: [fails(1), runs(2, '-----#'), to(3, 'enforce'), refused(4, 'open', 7), ok(12), fails(16), refused(17, 'open', 9), ok(27)],
    states: from([0, 'c'], [1, 'o'], [11, 'h'], [12, 'c'], [16, 'o'], [26, 'h'], [27, 'c']),
    would: from([0, 'u'], [1, 'd'], [11, 'g'], [12, 'u'], [16, 'd'], [26, 'g'], [27, 'u']),
    health: from([0, 'u'], [3, 'd'], [11, 'g'], [12, 'u'], [16, 'd'], [26, 'g'], [27, 'u']),
    metrics: { calls: 7, ...ends, failures: 2, successes: 2, refused: 3, opened: 2 },
    events: [
      'failed', 'opened', 'refused open', 'refused open', 'halfOpened', 'succeeded', 'closed',
      'failed', 'opened', 'refused open', 'halfOpened', 'succeeded', 'closed',
    ],
  }),
  shadow({
    title: 'from shadow to enforce while a probe runs: it decides, and what was let through beside it does not',
    options: { ...one, ...halfOpen },
    steps: [runs(1, '---|'), runs(2, '----#'), to(3, 'enforce'), refused(3, 'half-open', 29_998), ok(5)],
    states: from([0, 'h'], [4, 'c']),
    would: from([0, 'g'], [4, 'u']),
    health: from([0, 'u'], [3, 'g'], [4, 'u']),
    metrics: { calls: 4, ...ends, successes: 2, refused: 2 },
    events: ['halfOpened', 'refused half-open', 'refused half-open', 'succeeded', 'closed', 'succeeded'],
  }),
  shadow({
    title: 'from enforce to shadow: a call that runs is counted as it was admitted, and opens it for nobody',
    options: { ...one, mode: 'enforce' },
    steps: [runs(1, '----#'), to(2, 'shadow'), ok(6), ok(16)],
    states: from([0, 'c'], [5, 'o'], [15, 'h'], [16, 'c']),
    would: from([0, 'u'], [5, 'd'], [15, 'g'], [16, 'u']),
    metrics: { calls: 3, ...ends, successes: 1, failures: 1, refused: 1, opened: 1 },
    events: ['failed', 'opened', 'refused open', 'halfOpened', 'succeeded', 'closed'],
  }),
  shadow({
    title: 'from enforce to disabled: what runs is counted once, what comes is not, and enforced again it is as it was left',
    options: { ...one, mode: 'enforce' },
    steps: [runs(1, '----#'), to(2, 'disabled'), runs(3, '----#'), fails(6), to(8, 'enforce'), refused(9, 'open', 6), ok(16)],
    states: from([0, 'c'], [5, 'o'], [15, 'h'], [16, 'c']),
    would: from([0, 'u'], [5, 'd'], [15, 'g'], [16, 'u']),
    health: from([0, 'u'], [8, 'd'], [15, 'g'], [16, 'u']),
    metrics: { calls: 3, ...ends, successes: 1, failures: 1, refused: 1, opened: 1 },
    events: ['failed', 'opened', 'refused open', 'halfOpened', 'succeeded', 'closed'],
  }),
  shadow({
    title: 'from disabled to enforce: what runs already is not counted',
    options: { ...one, mode: 'disabled' },
    steps: [runs(1, '----#'), to(2, 'enforce'), runs(3, '-|'), ok(6)],
    states: 'c',
    would: 'u',
    metrics: { calls: 2, ...ends, successes: 2 },
    events: ['succeeded', 'succeeded'],
  }),
];
