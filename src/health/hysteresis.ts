import { type HealthStatus, worstOf } from '../core/health.js';

/** How many results in a row it takes to change a verdict. */
export interface Steadiness {
  /** For the worse. */
  readonly failAfter: number;
  /** For the better. */
  readonly recoverAfter: number;
}

/** What results in a row have come to. */
export interface Verdict {
  readonly status: HealthStatus;
  /** For each of `levels`, results in a row that speak against what is held of it. */
  readonly against: readonly number[];
}

/** "At least as bad as this" is true or not of every status; what is true of one is true of the better ones. */
const levels: readonly HealthStatus[] = ['degraded', 'unknown', 'down'];

const isAtLeast = (status: HealthStatus, level: HealthStatus): boolean => worstOf([status, level]) === status;

/**
 * The first result decides at once. From then on each level is left or reached only by so many results in a row that
 * say so: with `failAfter` 2, a degraded and a failed result make `up` into `degraded`, for both say at least that.
 */
export function judge(before: Verdict | undefined, result: HealthStatus, { failAfter, recoverAfter }: Steadiness): Verdict {
  if (before === undefined) return { status: result, against: levels.map(() => 0) };
  let status: HealthStatus = 'up';
  const against = levels.map((level, i) => {
    const says = isAtLeast(result, level);
    const held = isAtLeast(before.status, level);
    const count = says === held ? 0 : before.against[i]! + 1;
    const turned = count >= (says ? failAfter : recoverAfter);
    if (held !== turned) status = level;
    return turned ? 0 : count;
  });
  return { status, against };
}
