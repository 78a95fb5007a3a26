import { hasCode } from '../core/guards.js';
import type { Priority } from '../core/priority.js';
import { RejectedError } from '../core/resilience-error.js';

/**
 * `full`: no permit for this priority, and no place in the queue. `displaced`: a more important call took the place.
 * `queue-timeout`: no permit became free in time. `signal`: a load signal is at or above the ceiling of this priority.
 */
export type ShedReason = 'full' | 'displaced' | 'queue-timeout' | 'signal';

const texts: Readonly<Record<ShedReason, string>> = {
  full: 'no room for it',
  displaced: 'gave its place to a more important call',
  'queue-timeout': 'waited for too long',
  signal: 'the load is too high for it',
};

/** The call was shed, so that more important ones get through. The source was not subscribed. */
export class LoadShedError extends RejectedError {
  override readonly name = 'LoadShedError';
  readonly code = 'LOAD_SHED';

  constructor(
    policy: string,
    readonly reason: ShedReason,
    /** Of the call. */
    readonly priority: Priority,
    /** Of the shedder at that time, for all priorities. */
    readonly limit: number,
  ) {
    super(`${policy}: shed, ${texts[reason]} (${priority}, limit ${limit})`, policy);
  }
}

/** Whether a call was shed, also where another error was caused by that. */
export function isLoadShedError(error: unknown): error is LoadShedError {
  return hasCode(error, 'LOAD_SHED');
}
