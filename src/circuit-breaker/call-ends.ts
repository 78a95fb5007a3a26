import type { Outcome } from '../core/outcome.js';
import type { Told } from '../operator/policy-types.js';
import type { BreakerEvent } from './breaker-events.js';

/** How a call that was let through has ended; `late`: it was admitted in an earlier state of the circuit. */
export type End = Outcome | 'late';

/** Calls by how they ended, each in one way; those that run are in none. */
export type Ends = Record<'successes' | 'failures' | 'ignored' | 'abandoned' | 'late' | 'refused', number>;

export function noEnds(): Ends {
  return { successes: 0, failures: 0, ignored: 0, abandoned: 0, late: 0, refused: 0 };
}

/** @param duration milliseconds, not a number where nobody measured: the listener came after the call was admitted */
export function endEvent(end: End, error: unknown, duration: number): Told<BreakerEvent> {
  const measured = duration === duration ? duration : 0;
  if (end === 'success') return { type: 'succeeded', duration: measured };
  if (end === 'failure') return { type: 'failed', error, duration: measured };
  if (end === 'abandoned') return { type: end, after: measured };
  return end === 'ignored' ? { type: end, error } : { type: end };
}
