import { concat, map, NEVER, of, timer } from 'rxjs';
import { fixedLimit } from '../src/core/fixed-limit.js';
import { loadShed } from '../src/load-shed/load-shed.js';
import { loadShedder, type LoadShedderOptions } from '../src/load-shed/load-shedder.js';
import type { PolicyMode } from '../src/operator/policy-types.js';
import { from } from './circuit-plan.js';
import { errorWith, type Scenario } from './scenario.js';
import { type Watched, watched } from './shadow-plan.js';
import { does, refused, runs, type Visit, visits } from './visit-plan.js';

type Shed = Watched<'shed', ReturnType<typeof loadShed>>;

const full = errorWith({ code: 'LOAD_SHED', reason: 'full' });
const one = (options: LoadShedderOptions = {}, mode: PolicyMode = 'shadow') => (): Shed =>
  watched('shed', loadShed('critical', { mode, shedder: loadShedder({ limit: fixedLimit(1), ...options }) }));
const to = (at: number, mode: PolicyMode): Visit<Shed> => does(at, ({ shed }) => shed.update({ mode }));
const shed = (critical: number) => ({ criticalPlus: 0, critical, sheddablePlus: 0, sheddable: 0 });

export const shadowLoadShedScenarios: readonly Scenario[] = [
  visits({
    title: 'a shedder that is full lets through in shadow mode what it would shed, and that holds no permit',
    policies: one(),
    visits: [runs(0, 4), runs(1, 6), runs(2, 1), runs(5, 1)],
    health: { shed: 'u', would: from([0, 'g'], [4, 'u'], [5, 'g'], [6, 'u']) },
    metrics: {
      shed: { calls: 4, admitted: 2, shed: shed(2), inFlight: 0 },
      told: { events: ['admitted', 'shed full', 'shed full', 'admitted'] },
    },
  }),
  visits({
    title: 'a shedder with a queue admits in shadow mode who would wait, and keeps no place for it',
    policies: one({ queue: 1 }),
    visits: [runs(0, 4), runs(1, 6), runs(2, 6)],
    health: { shed: 'u', would: 'u' },
    metrics: { shed: { calls: 3, admitted: 3, shed: shed(0), inFlight: 0 }, told: { events: ['admitted', 'admitted', 'admitted'] } },
  }),
  visits({
    title: 'a signal sheds nobody in shadow mode, and says whom it would shed',
    policies: one({ signals: [concat(of(0), timer(2).pipe(map(() => 1)), NEVER)] }),
    visits: [runs(0, 1), runs(3, 1)],
    health: { shed: 'u', would: from([0, 'g'], [1, 'u'], [2, 'g']) },
    metrics: { shed: { calls: 2, admitted: 1, shed: shed(1), inFlight: 0 }, told: { events: ['admitted', 'shed signal'] } },
  }),
  visits({
    title: 'from shadow to enforce: what was let through holds no permit, what was admitted does',
    policies: one(),
    visits: [runs(0, 4), runs(1, 9), to(2, 'enforce'), refused(3, 3, full), runs(5, 1)],
    health: { shed: from([0, 'u'], [2, 'g'], [4, 'u'], [5, 'g'], [6, 'u']) },
    metrics: {
      shed: { calls: 4, admitted: 2, shed: shed(2), inFlight: 0 },
      told: { events: ['admitted', 'shed full', 'shed full', 'admitted'] },
    },
  }),
  ...(['shadow', 'disabled'] as const).map((mode) =>
    visits({
      title: `from enforce to ${mode} and back: who waits is let in with a permit, and gives it back`,
      policies: one({ queue: { size: 2, timeout: 4 } }, 'enforce'),
      visits: [runs(0, 9), runs(1, 5, 2), to(2, mode), runs(3, 20), to(4, 'enforce'), runs(6, 1, 9), runs(7, 1, 10)],
      health: { shed: from([0, 'u'], [7, 'g'], [9, 'u']) },
      metrics: { shed: { calls: mode === 'shadow' ? 5 : 4, admitted: mode === 'shadow' ? 5 : 4, shed: shed(0), inFlight: 0 } },
    }),
  ),
  visits({
    title: 'a shedder that is disabled neither decides nor counts',
    policies: one({}, 'disabled'),
    visits: [runs(0, 4), runs(1, 6)],
    health: { shed: 'u', would: 'u' },
    metrics: { shed: { calls: 0, admitted: 0, shed: shed(0), inFlight: 0 }, told: { events: [] } },
  }),
];
