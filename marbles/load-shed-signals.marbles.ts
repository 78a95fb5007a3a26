import { BehaviorSubject, concat, map, NEVER, type Observable, of, throwError, timer } from 'rxjs';
import { fixedLimit } from '../src/core/fixed-limit.js';
import type { Priority } from '../src/core/priority.js';
import type { LoadShedderOptions } from '../src/load-shed/load-shedder.js';
import { from } from './circuit-plan.js';
import { byPriority, type Calls, critical, criticalPlus, type Shed, sheddable, sheddablePlus } from './load-shed-plan.js';
import type { Scenario } from './scenario.js';
import { does, visits } from './visit-plan.js';

const after = (ms: number, value: number): Observable<number> => timer(ms).pipe(map(() => value));
const gone = throwError(() => new Error('gone'));
const all: readonly (readonly [Priority, Calls])[] = [
  ['criticalPlus', criticalPlus], ['critical', critical], ['sheddablePlus', sheddablePlus], ['sheddable', sheddable],
];

/** At this load only these get through. */
function loaded(load: number, through: readonly Priority[], options: LoadShedderOptions = {}, why: string = ''): Scenario {
  return visits({
    title: `signals: at ${load}${why} what gets through is ${through.join(', ')}`,
    policies: byPriority(() => ({ signals: [of(load)], ...options })),
    visits: all.map(([priority, calls]) => (through.includes(priority) ? calls.runs(1, 2) : calls.shed(1, 1, 'signal'))),
  });
}

const everybody = all.map(([priority]) => priority);

const ceilings: readonly Scenario[] = [
  loaded(0.699, everybody),
  loaded(0.7, ['criticalPlus', 'critical', 'sheddablePlus']),
  loaded(0.849, ['criticalPlus', 'critical', 'sheddablePlus']),
  loaded(0.85, ['criticalPlus', 'critical']),
  loaded(0.949, ['criticalPlus', 'critical']),
  loaded(0.95, ['criticalPlus']),
  loaded(7, ['criticalPlus']),
  loaded(Infinity, ['criticalPlus']),
  loaded(0.5, ['criticalPlus', 'critical'], { ceilings: { critical: 0.6, sheddablePlus: 0.5, sheddable: 0.4 } }, ' with ceilings of its own'),
  loaded(0.5, ['criticalPlus'], { ceilings: { critical: 0.5 } }, ' where what is left out has no higher ceiling than what matters more'),
  loaded(0, ['criticalPlus', 'critical', 'sheddablePlus'], { ceilings: { sheddable: 0 } }, ' with a ceiling of 0'),
  loaded(2, ['criticalPlus', 'critical'], { ceilings: { critical: Infinity } }, ' with a ceiling of Infinity'),
  loaded(0.1, ['criticalPlus', 'critical'], { signals: [new BehaviorSubject(0.1), new BehaviorSubject(0.9), NEVER] }, ' beside a worse one'),
];

const one = (options: LoadShedderOptions) => (): Shed => byPriority(() => ({ limit: fixedLimit(1), ...options }))();

const signals: readonly Scenario[] = [
  visits({
    title: 'signals: subscribed with the first call, and idle before the first value',
    policies: byPriority(() => ({ signals: [after(3, 0.9)] })),
    visits: [sheddable.runs(5, 1), sheddable.runs(7, 1), sheddable.shed(9, 9, 'signal')],
  }),
  visits({
    title: 'signals: what runs goes on, and when the load has fallen all get through again',
    policies: byPriority(() => ({ signals: [concat(after(2, 0.8), after(4, 0.2))] })),
    visits: [sheddable.runs(0, 9), sheddable.shed(3, 3, 'signal'), sheddable.runs(7, 1)],
    health: { sheddable: from([0, 'u'], [2, 'g'], [6, 'u']), critical: 'u' },
  }),
  visits({
    title: 'signals: those who wait are shed as well, by their own ceilings',
    policies: one({ queue: 5, signals: [concat(after(4, 0.75), after(2, 0.9))] }),
    visits: [
      critical.runs(0, 9), sheddable.shed(1, 4, 'signal'), critical.runs(1, 1, 9), sheddablePlus.shed(2, 6, 'signal'), sheddable.shed(3, 4, 'signal'),
    ],
    metrics: { sheddable: { calls: 2, admitted: 0, shed: { criticalPlus: 0, critical: 0, sheddablePlus: 0, sheddable: 2 } } },
  }),
  visits({
    title: 'signals: one that completes keeps its last value',
    policies: byPriority(() => ({ signals: [of(0.2, 0.9)] })),
    visits: [critical.runs(0, 1), sheddable.shed(9, 9, 'signal')],
  }),
  visits({
    title: 'signals: one that fails keeps its last value, and nobody else hears of it',
    policies: byPriority(() => ({ signals: [concat(of(0.9), gone)] })),
    visits: [critical.runs(0, 1), sheddable.shed(9, 9, 'signal')],
  }),
  visits({
    title: 'signals: what is no number is ignored',
    policies: byPriority(() => ({ signals: [of(0.9, NaN, 'idle' as never, undefined as never)] })),
    visits: [critical.runs(0, 1), sheddable.shed(1, 1, 'signal')],
  }),
  visits({
    title: 'signals: after dispose the last value stays, and decisions go on',
    policies: byPriority(() => ({ signals: [concat(of(0.9), after(4, 0))] })),
    visits: [critical.runs(0, 1), does<Shed>(2, ({ critical: { shedder } }) => shedder.dispose()), sheddable.shed(6, 6, 'signal'), critical.runs(6, 1)],
  }),
  visits({
    title: 'signals: a load comes before a want of room, and displaces nobody',
    policies: one({ queue: 1, signals: [of(0.8)] }),
    visits: [critical.runs(0, 9), critical.runs(1, 1, 9), sheddable.shed(2, 2, 'signal'), sheddablePlus.shed(3, 3, 'full')],
  }),
];

/** Utilisations from outside, by which a shedder sheds. */
export const loadShedSignalScenarios: readonly Scenario[] = [...ceilings, ...signals];
