import { hasCode } from '../core/guards.js';
import { ResilienceError } from '../core/resilience-error.js';
import type { ExhaustedReason } from './retry-events.js';

/** A retry gave up, and was asked to say so (`exhausted: 'wrap'`); its cause is the last error. */
export class RetryExhaustedError extends ResilienceError {
  override readonly name = 'RetryExhaustedError';
  readonly code = 'RETRY_EXHAUSTED';

  constructor(
    policy: string,
    /** Tries made, the first included. */
    readonly attempts: number,
    /** Why there was no other. */
    readonly reason: ExhaustedReason,
    cause: unknown,
  ) {
    super(`${policy}: gave up after ${attempts} ${attempts === 1 ? 'try' : 'tries'} (${reason})`, policy, cause);
  }
}

/** Whether a retry gave up on it with `exhausted: 'wrap'`. */
export function isRetryExhaustedError(error: unknown): error is RetryExhaustedError {
  return hasCode(error, 'RETRY_EXHAUSTED');
}
