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

interface Made {
  since: number;
  cores: Noted[];
}

let made: Map<string, Made> | undefined;
let warned: Set<string> | undefined;

/** Replaced by bundlers, absent in browsers. */
export function isProduction(): boolean {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.['NODE_ENV'] === 'production';
}

/**
 * Reports, once for each name and outside production, a policy that is made for each call: it begins anew every time
 * and so does nothing. The commonest mistake with this library.
 */
export function noteMade(core: Noted, what: string): void {
  const id = `${what} ${core.name}`;
  if (warned?.has(id) === true || isProduction()) return;
  made ??= new Map();
  const now = core.scheduler.now();
  const present = made.get(id);
  if (present === undefined || !(now - present.since >= 0 && now - present.since < period)) {
    if (made.size >= mostNames) made.clear();
    made.set(id, { since: now, cores: [core] });
    return;
  }
  present.cores.push(core);
  if (present.cores.length < many) return;
  made.delete(id);
  if (present.cores.some((other) => other.calls > 1)) return;
  (warned ??= new Set()).add(id);
  console.warn(
    `rxjs-resilience: ${many} ${what} policies named '${core.name}' were made within ${period / 1_000} s, and none of ` +
      'them was used twice. A policy keeps its state: make it once, outside the function that makes the call, and pipe it there.',
  );
}
