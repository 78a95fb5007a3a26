import { type HealthStatus, worstOf } from '../core/health.js';

/** When a status that changes to and fro is shown as the worse of them. */
export interface Damping {
  /** More changes than this, */
  readonly changes: number;
  /** within so many milliseconds, */
  readonly within: number;
  /** hold the worse state until so many milliseconds have passed without one. */
  readonly calm: number;
}

export interface Flaps {
  /** Times of the changes that still count, the oldest first. */
  readonly changes: readonly number[];
  /** What is shown until it is calm. */
  readonly held?: HealthStatus;
}

export const noFlaps: Flaps = { changes: [] };

/** When what is held is let go; undefined where nothing is. */
export function calmAt({ changes, held }: Flaps, { calm }: Damping): number | undefined {
  return held === undefined ? undefined : changes[changes.length - 1]! + calm;
}

/** What is held at `now`. */
export function heldAt(flaps: Flaps, now: number, damping: Damping): HealthStatus | undefined {
  const until = calmAt(flaps, damping);
  return until !== undefined && now < until ? flaps.held : undefined;
}

/** After a change at `now`. */
export function flapped(before: Flaps, from: HealthStatus, to: HealthStatus, now: number, damping: Damping): Flaps {
  const changes = [...before.changes.filter((at) => now - at <= damping.within), now];
  const held = heldAt(before, now, damping);
  if (held !== undefined) return { changes, held: worstOf([held, to]) };
  return changes.length > damping.changes ? { changes, held: worstOf([from, to]) } : { changes };
}
