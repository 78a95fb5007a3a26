import { defer, of as rxOf } from 'rxjs';
import { fixedLimit } from '../src/core/fixed-limit.js';
import { loadShed } from '../src/load-shed/load-shed.js';
import type { LoadShedUpdate } from '../src/load-shed/load-shed-options.js';
import { loadShedder, type LoadShedderOptions } from '../src/load-shed/load-shedder.js';
import { currentContext } from '../src/operator/context.js';
import { from } from './circuit-plan.js';
import { byPriority, critical, criticalPlus, type Shed, sheddable, sheddablePlus, times } from './load-shed-plan.js';
import { down, errorWith, scenario, type Scenario } from './scenario.js';
import { does, refused, runs, type Visit, visits } from './visit-plan.js';

const of = (limit: number, options: LoadShedderOptions = {}): (() => Shed) => byPriority(() => ({ limit: fixedLimit(limit), ...options }));

const shares: readonly Scenario[] = [
  visits({
    title: 'shares: every priority may have one permit at least',
    policies: of(1),
    visits: [sheddable.runs(0, 2), sheddablePlus.runs(3, 2), sheddable.runs(6, 2), criticalPlus.shed(7, 7, 'full')],
  }),
  visits({
    title: 'shares: one is measured by all who run, of every priority',
    policies: of(10),
    visits: [
      ...times(5, () => critical.runs(0, 9)),
      sheddable.shed(1, 1, 'full'),
      ...times(3, () => sheddablePlus.runs(2, 9)),
      sheddablePlus.shed(3, 3, 'full'),
      ...times(2, () => critical.runs(4, 9)),
      criticalPlus.shed(5, 5, 'full'),
    ],
    metrics: {
      critical: { calls: 7, admitted: 7, limit: 10 },
      sheddablePlus: { calls: 4, admitted: 3, shed: { criticalPlus: 0, critical: 0, sheddablePlus: 1, sheddable: 0 } },
    },
  }),
  visits({
    title: 'shares: of its own, a part of a permit being none',
    policies: of(10, { shares: { criticalPlus: 1, critical: 0.69, sheddablePlus: 0.4, sheddable: 0.1 } }),
    visits: [
      sheddable.runs(0, 9),
      sheddable.shed(1, 1, 'full'),
      ...times(3, () => sheddablePlus.runs(2, 9)),
      sheddablePlus.shed(3, 3, 'full'),
      ...times(2, () => critical.runs(4, 9)),
      critical.shed(5, 5, 'full'),
      ...times(4, () => criticalPlus.runs(6, 9)),
      criticalPlus.shed(7, 7, 'full'),
    ],
  }),
  visits({
    title: 'shares: what is left out is never more than that of what matters more',
    policies: of(10, { shares: { critical: 0.3 } }),
    visits: [...times(3, () => sheddable.runs(0, 9)), sheddablePlus.shed(1, 1, 'full'), critical.shed(1, 1, 'full'), criticalPlus.runs(1, 9)],
  }),
  visits({
    title: 'shares: health speaks of a call of that priority',
    policies: of(10),
    visits: [...times(5, () => sheddable.runs(1, 7)), ...times(3, () => critical.runs(3, 3)), ...times(2, () => critical.runs(4, 1))],
    health: {
      criticalPlus: from([0, 'u'], [4, 'g'], [5, 'u']),
      critical: from([0, 'u'], [4, 'g'], [5, 'u']),
      sheddablePlus: from([0, 'u'], [3, 'g'], [6, 'u']),
      sheddable: from([0, 'u'], [1, 'g'], [8, 'u']),
    },
  }),
];

const says = (reason: string, priority: string, limit: number): unknown =>
  errorWith({ name: 'LoadShedError', code: 'LOAD_SHED', policy: 'search', reason, priority, limit, retryAfter: undefined, cause: undefined });

type Named = Readonly<Record<'prefetch' | 'user', ReturnType<typeof loadShed>>>;
const user = { through: 'user' } as const;

const errors: Scenario = visits<Named>({
  title: 'LoadShedError says which policy, which priority, why, and at which limit',
  policies: () => {
    const shedder = loadShedder({ limit: fixedLimit(2), queue: { size: 1, timeout: 3 }, name: 'shared' });
    return {
      prefetch: loadShed('sheddable', { shedder, name: 'search' }),
      user: loadShed('critical', { shedder, name: 'search' }),
    };
  },
  visits: [
    runs(0, 9),
    refused(1, 4, says('queue-timeout', 'sheddable', 2)),
    refused(2, 2, says('full', 'sheddable', 2)),
    runs(2, 9, 2, user),
    refused(6, 7, says('displaced', 'sheddable', 2)),
    runs(7, 1, 9, user),
  ],
  metrics: {
    prefetch: { calls: 4, admitted: 1, inFlight: 0, limit: 2, shed: { criticalPlus: 0, critical: 0, sheddablePlus: 0, sheddable: 3 } },
    user: { calls: 2, admitted: 2, shed: { criticalPlus: 0, critical: 0, sheddablePlus: 0, sheddable: 0 } },
  },
});

const update = (at: number, options: LoadShedUpdate): Visit<Shed> => does(at, ({ sheddable: policy }) => policy.update(options));

const modes: readonly Scenario[] = [
  visits({
    title: 'shadow: what would be shed by a signal is let through and counted as shed',
    policies: () => ({ shed: loadShed('sheddable', { mode: 'shadow', shedder: loadShedder({ signals: [rxOf(0.9)] }) }) }),
    visits: [runs(0, 2), runs(1, 2)],
    metrics: { shed: { calls: 2, admitted: 0, shed: { criticalPlus: 0, critical: 0, sheddablePlus: 0, sheddable: 2 } } },
    health: { shed: 'u' },
  }),
  visits({
    title: 'shadow: nobody waits or is displaced, and what would be shed takes nothing from those who enforce',
    policies: () => {
      const shedder = loadShedder({ limit: fixedLimit(1), queue: 1 });
      return { shadow: loadShed('critical', { mode: 'shadow', shedder }), other: loadShed('sheddable', { shedder }) };
    },
    visits: [
      runs(0, 9, 0, { through: 'other' }),
      runs(1, 9),
      runs(2, 1, 9, { through: 'other' }),
      runs(3, 9),
      refused(4, 4, errorWith({ reason: 'full', priority: 'sheddable', limit: 1 }), { through: 'other' }),
    ],
    metrics: { shadow: { calls: 2, admitted: 2 }, other: { calls: 3, admitted: 2 } },
  }),
  visits({
    title: 'update: another priority, for the calls that come from now on',
    policies: of(4, { queue: 1 }),
    visits: [
      sheddable.runs(0, 9), sheddable.runs(0, 9), sheddable.runs(1, 2, 9), update(2, { priority: 'critical' }),
      runs(3, 2, 3, { through: 'sheddable' }),
    ],
    health: { sheddable: from([0, 'u'], [1, 'g'], [2, 'u']) },
  }),
  ...(['shadow', 'disabled'] as const).map((mode) =>
    visits({
      title: `update: what becomes ${mode} lets in whoever waits by this policy, and nobody else`,
      policies: of(1, { queue: 3 }),
      visits: [
        critical.runs(0, 9), sheddable.runs(1, 2, 4), critical.runs(2, 2, 9), sheddable.runs(3, 2, 4), update(4, { mode }), sheddable.runs(5, 1),
      ],
      metrics: { sheddable: { calls: mode === 'shadow' ? 3 : 2 }, critical: { calls: 2, admitted: 2 } },
    }),
  ),
  visits({
    title: 'reset forgets what was counted, not who runs or waits; who came before it is counted no more',
    policies: of(1, { queue: 1 }),
    visits: [
      critical.runs(0, 6), critical.runs(1, 3, 6), critical.shed(2, 2, 'full'),
      does<Shed>(3, ({ critical: policy }) => policy.reset()),
      critical.shed(4, 4, 'full'), critical.runs(7, 1, 9),
    ],
    metrics: { critical: { calls: 2, admitted: 1, shed: { criticalPlus: 0, critical: 1, sheddablePlus: 0, sheddable: 0 } } },
  }),
  visits({
    title: 'a priority that is a function: each call by its own context, health by the least important',
    policies: () => ({
      shed: loadShed(({ priority }) => priority ?? 'sheddable', { shedder: loadShedder({ limit: fixedLimit(2) }) }),
    }),
    visits: [
      runs(1, 6),
      refused(2, 2, errorWith({ reason: 'full', priority: 'sheddable' })),
      runs(3, 6, 3, { priority: 'critical' }),
      refused(4, 4, errorWith({ reason: 'full', priority: 'critical' }), { priority: 'critical' }),
    ],
    metrics: { shed: { calls: 4, admitted: 2, shed: { criticalPlus: 0, critical: 1, sheddablePlus: 0, sheddable: 1 } } },
    health: { shed: from([0, 'u'], [1, 'g'], [9, 'u']) },
  }),
  visits({
    title: 'a priority that is a function which throws ends the call with that, and counts nothing',
    policies: () => ({
      shed: loadShed(() => { throw down; }, { shedder: loadShedder({ limit: fixedLimit(1) }) }),
    }),
    visits: [refused(0, 0, down), refused(1, 1, down)],
    metrics: { shed: { calls: 0, admitted: 0, inFlight: 0 } },
  }),
  scenario({
    title: 'the priority is part of the context of what is further in, not when disabled',
    policies: () => {
      const shedder = loadShedder();
      return { shed: loadShed('sheddablePlus', { shedder }), disabled: loadShed('sheddablePlus', { shedder, mode: 'disabled' }) };
    },
    source: '-',
    pipe: (_source, { shed, disabled }, { index }) =>
      defer(() => rxOf(currentContext().priority)).pipe(index === 0 ? shed : disabled),
    calls: [
      { call: '^', sees: '(p|)', values: { p: 'sheddablePlus' } },
      { call: '^', sees: '(p|)', values: { p: undefined } },
    ],
    subscriptions: [],
  }),
];

/** Which permits each priority may have, and what changes that. */
export const loadShedShareScenarios: readonly Scenario[] = [...shares, errors, ...modes];
