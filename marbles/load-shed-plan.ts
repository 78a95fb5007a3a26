import { loadShed } from '../src/load-shed/load-shed.js';
import { loadShedder, type LoadShedderOptions } from '../src/load-shed/load-shedder.js';
import type { Priority } from '../src/core/priority.js';
import { errorWith } from './scenario.js';
import { leaves, refused, runs, type Visit } from './visit-plan.js';

/** One policy for each priority, over one shedder. */
export type Shed = Readonly<Record<Priority, ReturnType<typeof loadShed>>>;

export function byPriority(make: () => LoadShedderOptions): () => Shed {
  return () => {
    const shedder = loadShedder(make());
    const shed = (priority: Priority): ReturnType<typeof loadShed> => loadShed(priority, { shedder });
    return {
      criticalPlus: shed('criticalPlus'),
      critical: shed('critical'),
      sheddablePlus: shed('sheddablePlus'),
      sheddable: shed('sheddable'),
    };
  };
}

/** Calls of one priority. */
export interface Calls {
  readonly runs: (at: number, takes: number, starts?: number) => Visit<Shed>;
  readonly shed: (at: number, ends: number, reason: string) => Visit<Shed>;
  readonly leaves: (at: number, ends: number) => Visit<Shed>;
  readonly expires: (at: number, ends: number, deadline: number) => Visit<Shed>;
  readonly inTime: (at: number, takes: number, starts: number, deadline: number) => Visit<Shed>;
}

const callsOf = (priority: Priority): Calls => {
  const through = { through: priority };
  return {
    runs: (at, takes, starts) => runs(at, takes, starts, through),
    shed: (at, ends, reason) => refused(at, ends, errorWith({ code: 'LOAD_SHED', reason, priority }), through),
    leaves: (at, ends) => leaves(at, ends, through),
    expires: (at, ends, deadline) =>
      refused(at, ends, errorWith({ code: 'DEADLINE_EXCEEDED', started: false }), { ...through, deadline }),
    inTime: (at, takes, starts, deadline) => runs(at, takes, starts, { ...through, deadline }),
  };
};

export const criticalPlus: Calls = callsOf('criticalPlus');
export const critical: Calls = callsOf('critical');
export const sheddablePlus: Calls = callsOf('sheddablePlus');
export const sheddable: Calls = callsOf('sheddable');

export const times = <T>(count: number, make: (i: number) => T): readonly T[] => Array.from({ length: count }, (_, i) => make(i));
