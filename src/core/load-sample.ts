import { classify } from './classify.js';
import type { Ending } from './ending.js';
import { hasCode } from './guards.js';
import { httpStatusOf } from './http-status.js';
import { outcomeOf } from './outcome.js';

/** What an ended call tells a limit: its latency, that it was lost to overload, or nothing. */
export type LoadSample = 'latency' | 'dropped' | undefined;

/**
 * A call that was answered says how long the dependency takes (a 404 is an answer). It was lost to overload where a
 * deadline ended it that left a fair time, or where the dependency said that it was too busy (429, 503).
 *
 * @param hasValue whether there was a value
 * @param ran milliseconds that it ran for
 */
export function loadSampleOf(ending: Ending, error: unknown, hasValue: boolean, ran: number): LoadSample {
  const outcome = outcomeOf(ending, error, hasValue, false, classify, ran, undefined);
  if (outcome === 'success') return 'latency';
  return outcome === 'failure' && isOverload(error) ? 'dropped' : undefined;
}

function isOverload(error: unknown): boolean {
  if (hasCode(error, 'DEADLINE_EXCEEDED')) return true;
  const status = httpStatusOf(error);
  return status === 429 || status === 503;
}
