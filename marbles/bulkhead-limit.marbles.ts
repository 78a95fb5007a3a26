import { concat, EMPTY, map, NEVER, type Observable, of, throwError, timer } from 'rxjs';
import { bulkhead } from '../src/bulkhead/bulkhead.js';
import type { BulkheadUpdate } from '../src/bulkhead/bulkhead-options.js';
import { from } from './circuit-plan.js';
import { errorWith, type Scenario } from './scenario.js';
import { does, refused, runs, type Visit, visits } from './visit-plan.js';

type Pool = Readonly<Record<'pool', ReturnType<typeof bulkhead>>>;

const full = (limit: number, active: number = limit): unknown => errorWith({ code: 'BULKHEAD_FULL', reason: 'full', limit, active });
const timedOut = errorWith({ code: 'BULKHEAD_FULL', reason: 'queue-timeout' });
const after = (ms: number, limit: number): Observable<number> => timer(ms).pipe(map(() => limit));
const gone = throwError(() => new Error('gone'));

function limited(title: string, limit: () => Observable<number>, row: readonly Visit<Pool>[], queue: number = 0): Scenario {
  return visits({ title: `an observable limit ${title}`, policies: () => ({ pool: bulkhead(limit(), queue) }), visits: row });
}

const observed: readonly Scenario[] = [
  limited('is 1 before its first value', () => NEVER, [runs(0, 3), refused(1, 1, full(1)), runs(4, 1)]),
  limited('holds for the first call already where it has a value at once', () => of(2), [
    runs(0, 5), runs(0, 5), refused(1, 1, full(2)),
  ]),
  limited('begins with the first call and not before', () => after(3, 2), [
    runs(5, 9), refused(7, 7, full(1)), runs(9, 1), refused(9, 9, full(2)),
  ]),
  limited('that grows lets those in who wait, at once', () => concat(of(1), after(4, 3)), [
    runs(0, 9), runs(1, 2, 4), runs(2, 3, 4), runs(3, 1, 6),
  ], 3),
  limited('that shrinks disturbs nobody who runs, and lets nobody in until enough have gone', () => concat(of(3), after(2, 1)), [
    runs(0, 4), runs(0, 6), runs(1, 7), refused(5, 5, full(1, 2)), refused(7, 7, full(1)), runs(9, 1),
  ]),
  limited('that shrinks leaves those who wait in the queue', () => concat(of(2), after(2, 1)), [
    runs(0, 4), runs(0, 6), runs(1, 2, 6), runs(1, 1, 8),
  ], 2),
  limited('that completes keeps its last value', () => of(1, 2), [runs(0, 4), runs(1, 4), refused(2, 2, full(2))]),
  limited('that fails keeps its last value', () => concat(of(2), gone), [runs(0, 4), runs(1, 4), refused(2, 2, full(2))]),
  limited('that completes without a value stays 1', () => EMPTY, [runs(0, 4), refused(1, 1, full(1))]),
  limited('that fails without a value stays 1', () => gone, [runs(0, 4), refused(1, 1, full(1))]),
  limited('loses its fraction', () => of(2.9), [runs(0, 4), runs(1, 4), refused(2, 2, full(2))]),
  limited('ignores what is no limit', () => of(2, 0, 0.5, -3, NaN, Infinity), [runs(0, 4), runs(1, 4), refused(2, 2, full(2))]),
  limited('keeps its last value after dispose, and decisions go on', () => concat(of(1), after(4, 2)), [
    runs(0, 9), does(2, ({ pool }) => pool.dispose()), refused(5, 5, full(1)), runs(10, 1),
  ]),
];

const to = (at: number, options: BulkheadUpdate): Visit<Pool> => does(at, ({ pool }) => pool.update(options));
const one = (queue: Parameters<typeof bulkhead>[1] = 0) => (): Pool => ({ pool: bulkhead(1, queue) });

const updates: readonly Scenario[] = [
  visits({
    title: 'update: a limit that grows lets those in who wait, at once',
    policies: one(2),
    visits: [runs(0, 9), runs(1, 2, 3), runs(2, 2, 5), to(3, { maxConcurrent: 2 })],
    metrics: { pool: { calls: 3, accepted: 3, limit: 2, capacity: 2 } },
  }),
  visits({
    title: 'update: a limit that shrinks disturbs nobody who runs',
    policies: () => ({ pool: bulkhead(2) }),
    visits: [runs(0, 4), runs(0, 8), to(1, { maxConcurrent: 1 }), refused(5, 5, full(1)), runs(9, 1)],
  }),
  visits({
    title: 'update: an observable in the place of a number; until its first value the present limit holds',
    policies: () => ({ pool: bulkhead(2) }),
    visits: [runs(0, 9), to(1, { maxConcurrent: after(3, 3) }), runs(2, 9), refused(3, 3, full(2)), runs(5, 1)],
  }),
  visits({
    title: 'update: a number in the place of an observable, which says nothing any more',
    policies: () => ({ pool: bulkhead(concat(of(2), after(4, 5))) }),
    visits: [runs(0, 9), to(1, { maxConcurrent: 1 }), refused(2, 2, full(1)), refused(6, 6, full(1))],
  }),
  visits({
    title: 'update: a smaller queue leaves those who wait, and takes no more until there is room',
    policies: one(2),
    visits: [runs(0, 6), runs(1, 2, 6), runs(1, 2, 8), to(2, { queue: 1 }), refused(3, 3, full(1)), refused(7, 7, full(1)), runs(9, 1, 10)],
    metrics: { pool: { calls: 6, accepted: 4, capacity: 1 } },
  }),
  visits({
    title: 'update: another timeout is for those who come from now on',
    policies: one({ size: 2, timeout: 3 }),
    visits: [runs(0, 20), refused(1, 4, timedOut), to(2, { queue: { size: 2, timeout: 6 } }), refused(3, 9, timedOut)],
  }),
  visits({
    title: 'update: another order is for those who wait already, too',
    policies: one(3),
    visits: [runs(0, 5), runs(1, 2, 9), runs(2, 2, 7), runs(3, 2, 5), to(4, { queue: { size: 3, order: 'lifo' } })],
  }),
  visits({
    title: 'update: one that is refused changes nothing',
    policies: one(1),
    visits: [
      runs(0, 5),
      does<Pool>(1, ({ pool }) => {
        try {
          pool.update({ maxConcurrent: 5, queue: -1 });
        } catch {
          return;
        }
        throw new Error('the update was taken');
      }),
      runs(2, 2, 5),
      refused(3, 3, full(1)),
    ],
    metrics: { pool: { limit: 1, capacity: 1 } },
  }),
  ...(['shadow', 'disabled'] as const).map((mode) =>
    visits({
      title: `update: what becomes ${mode} lets everybody in who waits`,
      policies: one(2),
      visits: [runs(0, 9), runs(1, 2, 3), runs(2, 2, 3), to(3, { mode }), runs(4, 1)],
      metrics: { pool: { calls: mode === 'shadow' ? 4 : 3 } },
    }),
  ),
  visits({
    title: 'update: what begins to enforce counts those who run',
    policies: () => ({ pool: bulkhead(1, 0, { mode: 'shadow' }) }),
    visits: [runs(0, 6), runs(1, 9), to(2, { mode: 'enforce' }), refused(3, 3, full(1)), runs(7, 1)],
    health: { pool: from([0, 'u'], [2, 'g'], [6, 'u'], [7, 'g'], [8, 'u']) },
  }),
];

const modes: readonly Scenario[] = [
  visits({
    title: 'shadow: nobody waits; what would have waited is queued until a permit would have been free',
    policies: () => ({ pool: bulkhead(1, 1, { mode: 'shadow' }) }),
    visits: [runs(0, 4), runs(1, 6), runs(2, 5)],
    metrics: { pool: { calls: 3, accepted: 2, refused: { full: 1, 'queue-timeout': 0 }, peak: 1, waited: 3 } },
    health: { pool: 'u' },
  }),
  visits({
    title: 'reset forgets what was counted, not who runs or waits; who came before it is counted no more',
    policies: one(1),
    visits: [
      runs(0, 6), runs(1, 3, 6), refused(2, 2, full(1)),
      does<Pool>(3, ({ pool }) => pool.reset()),
      refused(4, 4, full(1)), runs(7, 1, 9),
    ],
    metrics: { pool: { calls: 2, accepted: 1, refused: { full: 1, 'queue-timeout': 0 }, peak: 1, waited: 2, meanWait: 2, rejectionRatio: 0.5 } },
  }),
];

/** How many may run at once, and how that changes. */
export const bulkheadLimitScenarios: readonly Scenario[] = [...observed, ...updates, ...modes];
