import { classify } from './classify.js';
import type { DeadlineFacts } from './deadline-exceeded-error.js';
import { Ending } from './ending.js';
import { findResilienceError } from './find-error.js';
import { httpStatusOf } from './http-status.js';

/** What an ended call tells a limit: its latency, that it was lost to overload, or nothing. */
export type LoadSample = 'latency' | 'dropped' | undefined;

/**
 * A call says how long the dependency takes where it was answered: it completed, failed in a way that is an answer
 * (404), or was left after a value. It was lost to overload where a deadline ended it that left a fair time, or where
 * the dependency said that it was too busy (429, 503).
 *
 * @param hasValue whether there was a value
 * @param ran milliseconds that it ran for
 */
export function loadSampleOf(ending: Ending, error: unknown, hasValue: boolean, ran: number): LoadSample {
  switch (ending) {
    case Ending.completed:
      return 'latency';
    case Ending.left:
      return hasValue ? 'latency' : undefined;
    case Ending.lost:
      return undefined;
    case Ending.cut:
      return hung(error, ran) ? 'dropped' : undefined;
    case Ending.failed:
      if (findResilienceError(error)?.code === 'DEADLINE_EXCEEDED') return hung(error, ran) ? 'dropped' : undefined;
      return failed(error);
  }
}

function failed(error: unknown): LoadSample {
  const kind = classify(error);
  if (kind === 'permanent') return 'latency';
  if (kind !== 'transient' || findResilienceError(error) !== undefined) return undefined;
  const status = httpStatusOf(error);
  return status === 429 || status === 503 ? 'dropped' : undefined;
}

function hung(error: unknown, ran: number): boolean {
  const facts = findResilienceError(error) as Partial<DeadlineFacts> | undefined;
  return facts?.started === true && facts.stalled !== true && ran >= (facts.hungAfter ?? Infinity);
}
