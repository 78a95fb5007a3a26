import { BehaviorSubject, concat, map, Observable, of, timer } from 'rxjs';
import { fixedLimit } from '../src/core/fixed-limit.js';
import type { Priority } from '../src/core/priority.js';
import { loadShed } from '../src/load-shed/load-shed.js';
import { loadShedder } from '../src/load-shed/load-shedder.js';
import { runInContext } from '../src/operator/context.js';
import { loadShedLatencyScenarios } from './load-shed-latency.marbles.js';
import { byPriority } from './load-shed-plan.js';
import { loadShedQueueScenarios } from './load-shed-queue.marbles.js';
import { loadShedShareScenarios } from './load-shed-shares.marbles.js';
import { loadShedSignalScenarios } from './load-shed-signals.marbles.js';
import { errorWith, scenario, type Scenario } from './scenario.js';

const shed = (reason: string, priority: Priority): unknown => errorWith({ code: 'LOAD_SHED', reason, priority });

export const loadShedScenarios: readonly Scenario[] = [
  scenario({
    title: 'a call beyond the limit is shed at once and never subscribes the source',
    policies: () => ({ shed: loadShed('critical', { shedder: loadShedder({ limit: fixedLimit(1) }) }) }),
    source: '        ---(a|)',
    pipe: (source, { shed }) => source.pipe(shed),
    calls: [
      { call: '^-------', sees: '---(a|)' },
      { call: '-^------', sees: '-#', error: errorWith({ reason: 'full', priority: 'critical', limit: 1 }) },
      { call: '----^---', sees: '-------(a|)' },
    ],
    subscriptions: ['^--!', '----^--!'],
    metrics: { shed: { calls: 3, admitted: 2, shed: { criticalPlus: 0, critical: 1, sheddablePlus: 0, sheddable: 0 }, limit: 1 } },
    health: { shed: 'g--ug--u' },
  }),
  scenario({
    title: 'each priority has its share of the limit: what matters less is shed first',
    policies: byPriority(() => ({ limit: fixedLimit(10) })),
    source: '        ----------(a|)',
    pipe: (source, policies, { index }) => {
      // Five of everybody, then one more of each: 5 of 10 for sheddable, 8 for sheddablePlus, 10 for the others.
      const order: readonly Priority[] = [
        ...Array.from({ length: 5 }, () => 'sheddable' as const),
        ...['sheddable', 'sheddablePlus', 'sheddablePlus', 'sheddablePlus', 'sheddablePlus'] as const,
        ...['critical', 'criticalPlus', 'critical', 'criticalPlus'] as const,
      ];
      return source.pipe(policies[order[index]!]);
    },
    calls: [
      ...Array.from({ length: 5 }, () => ({ call: '^-----------', sees: '----------(a|)' })),
      { call: '-^----------', sees: '-#', error: shed('full', 'sheddable') },
      ...Array.from({ length: 3 }, () => ({ call: '--^---------', sees: '------------(a|)' })),
      { call: '---^--------', sees: '---#', error: shed('full', 'sheddablePlus') },
      { call: '----^-------', sees: '--------------(a|)' },
      { call: '----^-------', sees: '--------------(a|)' },
      { call: '-----^------', sees: '-----#', error: shed('full', 'critical') },
      { call: '------^-----', sees: '------#', error: shed('full', 'criticalPlus') },
    ],
    subscriptions: [
      ...Array.from({ length: 5 }, () => '^---------!'),
      ...Array.from({ length: 3 }, () => '--^---------!'),
      ...Array.from({ length: 2 }, () => '----^---------!'),
    ],
  }),
  scenario({
    title: 'the most important waiter is next, of equal ones the older',
    policies: byPriority(() => ({ limit: fixedLimit(1), queue: 3 })),
    source: '        --(a|)',
    pipe: (source, policies, { index }) =>
      source.pipe(policies[(['critical', 'sheddable', 'critical', 'critical'] as const)[index]!]),
    calls: [
      { call: '^---------', sees: '--(a|)' },
      { call: '-^--------', sees: '--------(a|)' },
      { call: '-^--------', sees: '----(a|)' },
      { call: '-^--------', sees: '------(a|)' },
    ],
    subscriptions: ['^-!', '--^-!', '----^-!', '------^-!'],
  }),
  scenario({
    title: 'where the queue is full a more important arrival displaces the least important waiter, the newest of them',
    policies: byPriority(() => ({ limit: fixedLimit(1), queue: 2 })),
    source: '        -----(a|)',
    pipe: (source, policies, { index }) =>
      source.pipe(policies[(['critical', 'sheddable', 'sheddable', 'critical', 'sheddable'] as const)[index]!]),
    calls: [
      { call: '^--------------', sees: '-----(a|)' },
      { call: '-^-------------', sees: '---------------(a|)' },
      { call: '--^------------', sees: '---#', error: shed('displaced', 'sheddable') },
      { call: '---^-----------', sees: '----------(a|)' },
      { call: '----^----------', sees: '----#', error: shed('full', 'sheddable') },
    ],
    subscriptions: ['^----!', '-----^----!', '----------^----!'],
    metrics: { sheddable: { shed: { criticalPlus: 0, critical: 0, sheddablePlus: 0, sheddable: 2 } } },
  }),
  scenario({
    title: 'a waiter goes when its time is over',
    policies: () => ({ shed: loadShed('critical', { shedder: loadShedder({ limit: fixedLimit(1), queue: { size: 1, timeout: 3 } }) }) }),
    source: '        -----(a|)',
    pipe: (source, { shed }) => source.pipe(shed),
    calls: [
      { call: '^--------', sees: '-----(a|)' },
      { call: '-^-------', sees: '----#', error: shed('queue-timeout', 'critical') },
    ],
    subscriptions: ['^----!'],
  }),
  scenario({
    title: 'a waiter that leaves frees its place at once',
    policies: () => ({ shed: loadShed('critical', { shedder: loadShedder({ limit: fixedLimit(1), queue: 1 }) }) }),
    source: ['-----(a|)', '-(b|)'],
    pipe: (source, { shed }) => source.pipe(shed),
    calls: [
      { call: '^--------', sees: '-----(a|)' },
      { call: '-^-!-----', sees: '----' },
      { call: '---^-----', sees: '------(b|)' },
    ],
    subscriptions: ['^----!', '-----^!'],
  }),
  scenario({
    title: 'a load signal sheds each priority at its ceiling, and criticalPlus never',
    policies: byPriority(() => ({ signals: [concat(of(0), timer(2).pipe(map(() => 0.7)), timer(2).pipe(map(() => 0.95)))] })),
    source: '        (a|)',
    pipe: (source, policies, { index }) =>
      source.pipe(policies[(['sheddable', 'sheddable', 'sheddablePlus', 'critical', 'criticalPlus'] as const)[index]!]),
    calls: [
      { call: '^-------', sees: '(a|)' },
      { call: '---^----', sees: '---#', error: shed('signal', 'sheddable') },
      { call: '---^----', sees: '---(a|)' },
      { call: '-----^--', sees: '-----#', error: shed('signal', 'critical') },
      { call: '-----^--', sees: '-----(a|)' },
    ],
    subscriptions: ['(^!)', '---(^!)', '-----(^!)'],
  }),
  scenario({
    title: 'the worst of several signals decides, by ceilings of its own',
    policies: () => ({
      shed: loadShed('critical', {
        shedder: loadShedder({
          signals: [new BehaviorSubject(0.1), new BehaviorSubject(0.5)],
          ceilings: { critical: 0.5, sheddablePlus: 0.5, sheddable: 0.5 },
        }),
      }),
    }),
    source: '        (a|)',
    pipe: (source, { shed }) => source.pipe(shed),
    calls: [{ call: '^---', sees: '#', error: shed('signal', 'critical') }],
    subscriptions: [],
  }),
  scenario({
    title: 'a function takes the priority from the context of the call',
    policies: () => ({
      shed: loadShed(({ tags }) => (tags?.['important'] === true ? 'critical' : 'sheddable'), {
        shedder: loadShedder({ limit: fixedLimit(2) }),
      }),
    }),
    source: '        ----(a|)',
    pipe: (source, { shed }, { index }) => {
      const piped = source.pipe(shed);
      const tags = { important: index === 2 };
      return new Observable((subscriber) => runInContext({ tags }, () => piped.subscribe(subscriber)));
    },
    calls: [
      { call: '^--------', sees: '----(a|)' },
      { call: '-^-------', sees: '-#', error: shed('full', 'sheddable') },
      { call: '--^------', sees: '------(a|)' },
    ],
    subscriptions: ['^---!', '--^---!'],
  }),
  scenario({
    title: 'a priority that is none ends the call with a RangeError',
    policies: () => ({ shed: loadShed((() => 'urgent') as never, { shedder: loadShedder() }) }),
    source: '        (a|)',
    pipe: (source, { shed }) => source.pipe(shed),
    calls: [{ call: '^---', sees: '#', error: errorWith({ name: 'RangeError' }) }],
    subscriptions: [],
  }),
  scenario({
    title: 'in shadow mode what would be shed is let through and counted as shed',
    policies: () => ({ shed: loadShed('critical', { mode: 'shadow', shedder: loadShedder({ limit: fixedLimit(1) }) }) }),
    source: '        ---(a|)',
    pipe: (source, { shed }) => source.pipe(shed),
    calls: [
      { call: '^-------', sees: '---(a|)' },
      { call: '-^------', sees: '----(a|)' },
    ],
    subscriptions: ['^--!', '-^--!'],
    metrics: { shed: { calls: 2, admitted: 1, shed: { criticalPlus: 0, critical: 1, sheddablePlus: 0, sheddable: 0 } } },
    health: { shed: 'u' },
  }),
  scenario({
    title: 'disabled, it neither decides nor counts',
    policies: () => ({ shed: loadShed('critical', { mode: 'disabled', shedder: loadShedder({ limit: fixedLimit(1) }) }) }),
    source: '        ---(a|)',
    pipe: (source, { shed }) => source.pipe(shed),
    calls: [
      { call: '^-------', sees: '---(a|)' },
      { call: '-^------', sees: '----(a|)' },
    ],
    subscriptions: ['^--!', '-^--!'],
    metrics: { shed: { calls: 0, admitted: 0 } },
  }),
  ...loadShedQueueScenarios,
  ...loadShedShareScenarios,
  ...loadShedSignalScenarios,
  ...loadShedLatencyScenarios,
];
