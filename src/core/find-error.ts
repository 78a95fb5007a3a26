import type { ResilienceError } from './resilience-error.js';

/** How far causes are followed; a chain may be a circle. */
const deepest = 20;

/**
 * The first error of this library on the chain of `error` and its causes, by brand. Only `RetryExhaustedError` is
 * looked through: the cause of an open circuit may be a deadline, yet the call was refused, not cut.
 */
export function findResilienceError(error: unknown): ResilienceError | undefined {
  let subject = error;
  for (let depth = 0; depth < deepest && typeof subject === 'object' && subject !== null; depth++) {
    const { '~resilience': ours, code, cause } = subject as { '~resilience'?: unknown; code?: unknown; cause?: unknown };
    if (ours === true && (code !== 'RETRY_EXHAUSTED' || cause === undefined)) return subject as ResilienceError;
    subject = cause;
  }
  return undefined;
}

/** Whether `error` is `wanted` or was caused by it. */
export function isCausedBy(error: unknown, wanted: unknown): boolean {
  let subject = error;
  for (let depth = 0; depth < deepest; depth++) {
    if (subject === wanted) return true;
    if (typeof subject !== 'object' || subject === null) return false;
    subject = (subject as { cause?: unknown }).cause;
    if (subject === undefined) return false;
  }
  return false;
}
