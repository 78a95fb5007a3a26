import type { SchedulerLike } from 'rxjs';

/** So many of one name within `period` milliseconds, none of them used twice, were made for one call each. */
const many = 50;
const period = 10_000;

/** Names that are remembered at once. */
const mostNames = 200;

interface Noted {
  readonly name: string;
  readonly calls: number;
  readonly scheduler: SchedulerLike;
}

/** The policies of one name. They are held weakly: a policy that was dropped must not stay for this. */
interface Made {
  readonly since: number;
  count: number;
  /** Undefined once one of them was used twice. */
  cores: WeakRef<Noted>[] | undefined;
}

let made: Map<string, Made> | undefined;
let warned: Set<string> | undefined;
let keeping = false;

/** Replaced by bundlers, absent in browsers. */
export function isProduction(): boolean {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.['NODE_ENV'] === 'production';
}

/** Makes policies for something that keeps them: there are as many of one name as there are keys. */
export function makingToKeep<T>(make: () => T): T {
  const outer = keeping;
  keeping = true;
  try {
    return make();
  } finally {
    keeping = outer;
  }
}

/**
 * Reports, once for each name and outside production, a policy that is made for each call: it begins anew every time
 * and so does nothing. The commonest mistake with this library.
 */
export function noteMade(core: Noted, what: string): void {
  const id = `${what} ${core.name}`;
  if (keeping || warned?.has(id) === true || isProduction()) return;
  made ??= new Map();
  const now = core.scheduler.now();
  let present = made.get(id);
  if (present === undefined || !(now - present.since >= 0 && now - present.since < period)) {
    if (made.size >= mostNames) made.clear();
    made.set(id, (present = { since: now, count: 0, cores: [] }));
  }
  // All are asked each time, so that one that is dropped after several calls has most likely been asked before.
  if (present.cores?.some((other) => (other.deref()?.calls ?? 0) > 1) === true) present.cores = undefined;
  present.cores?.push(new WeakRef(core));
  if (++present.count < many) return;
  made.delete(id);
  if (present.cores === undefined) return;
  (warned ??= new Set()).add(id);
  console.warn(
    `rxjs-resilience: ${many} ${what} policies named '${core.name}' were made within ${period / 1_000} s, and none of ` +
      'them was used twice. A policy keeps its state: make it once, outside the function that makes the call, and pipe it there.',
  );
}
