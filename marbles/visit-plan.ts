import { EMPTY, type MonoTypeOperatorFunction, Observable } from 'rxjs';
import type { Priority } from '../src/core/priority.js';
import { runInContext } from '../src/operator/context.js';
import { Deadline } from '../src/operator/deadline.js';
import { type Picture, scenario, type Scenario, type ScenarioPolicy } from './scenario.js';

type Places = Readonly<Record<string, ScenarioPolicy & MonoTypeOperatorFunction<unknown>>>;

/** A call to something that has room for some: when it comes, and what becomes of it. */
export interface Visit<P extends Places> {
  readonly at: number;
  /** The frame at which its source is subscribed; undefined where it never is. */
  readonly starts: number | undefined;
  /** The frame at which it is over. */
  readonly ends: number;
  readonly how: 'answered' | 'refused' | 'left';
  readonly error?: unknown;
  readonly through?: keyof P;
  /** Of the context in which it comes. */
  readonly priority?: Priority;
  /** Milliseconds of a deadline in the context, which nobody enforces. */
  readonly deadline?: number;
  /** Done instead of a call. */
  readonly does?: (policies: P) => void;
}

type More<P extends Places> = Pick<Visit<P>, 'through' | 'priority' | 'deadline'>;

/** Gets in at `starts`, and is answered after `takes`. */
export const runs = <P extends Places>(at: number, takes: number, starts: number = at, more: More<P> = {}): Visit<P> => ({
  ...more, at, starts, ends: starts + takes, how: 'answered',
});
/** Never gets in, and hears of it at `ends`. */
export const refused = <P extends Places>(at: number, ends: number, error: unknown, more: More<P> = {}): Visit<P> => ({
  ...more, at, starts: undefined, ends, how: 'refused', error,
});
/** Has waited in vain when its consumer leaves. */
export const leaves = <P extends Places>(at: number, ends: number, more: More<P> = {}): Visit<P> => ({
  ...more, at, starts: undefined, ends, how: 'left',
});
/** Something is done to the policies. */
export const does = <P extends Places>(at: number, work: (policies: P) => void): Visit<P> => ({
  at, starts: undefined, ends: at, how: 'left', does: work,
});

interface Plan<P extends Places> extends Pick<Scenario<P>, 'title' | 'policies' | 'metrics' | 'health'> {
  /** In the order of time. */
  readonly visits: readonly Visit<P>[];
}

/** A scenario of a row of calls, each through the first policy unless it says through which. */
export function visits<P extends Places>({ visits: all, ...rest }: Plan<P>): Scenario {
  const made = all
    .filter((visit): visit is Visit<P> & { readonly starts: number } => visit.starts !== undefined)
    .sort((a, b) => a.starts - b.starts);
  return scenario<P>({
    ...rest,
    source: made.length === 0 ? '-' : made.map(({ starts, ends }) => `${ends - starts}ms (a|)`),
    pipe: (source, policies, { index }) => {
      const { does: work, through = Object.keys(policies)[0]!, priority, deadline } = all[index]!;
      if (work !== undefined) {
        work(policies);
        return EMPTY;
      }
      return under(priority, deadline, source.pipe(policies[through]!));
    },
    calls: all.map((visit) => pictureOf(visit)),
    subscriptions: made.map(({ starts, ends }) => `${starts}ms ${ends === starts ? '(^!)' : `^ ${ends - starts - 1}ms !`}`),
  });
}

function pictureOf<P extends Places>({ at, does: work, ends, error, how }: Visit<P>): Picture {
  const call = `${at}ms ^`;
  if (work !== undefined) return { call, sees: `${at}ms |` };
  if (how === 'answered') return { call, sees: `${ends}ms (a|)` };
  if (how === 'refused') return { call, sees: `${ends}ms #`, error };
  return { call: `${call} ${ends - at - 1}ms !`, sees: '-' };
}

/** The deadline begins as the call comes. */
function under(priority: Priority | undefined, deadline: number | undefined, piped: Observable<unknown>): Observable<unknown> {
  if (priority === undefined && deadline === undefined) return piped;
  return new Observable((subscriber) => {
    const context = {
      ...(priority !== undefined && { priority }),
      ...(deadline !== undefined && { deadline: Deadline.after(deadline) }),
    };
    return runInContext(context, () => piped.subscribe(subscriber));
  });
}
