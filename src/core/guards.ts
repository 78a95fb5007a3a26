import { findResilienceError } from './find-error.js';
import { read } from './read.js';
import type { RejectedError, ResilienceError, ResilienceErrorCode } from './resilience-error.js';

/** Whether the first error of this library on the chain of `error` and its causes has this code. */
export function hasCode(error: unknown, code: ResilienceErrorCode): boolean {
  return read(findResilienceError(error, code !== 'RETRY_EXHAUSTED'), 'code') === code;
}

/** Whether `error`, or what it was caused by, comes from this library. */
export function isResilienceError(error: unknown): error is ResilienceError {
  return findResilienceError(error) !== undefined;
}

/** Whether the call was refused without being made. */
export function isRejectedError(error: unknown): error is RejectedError {
  return read(findResilienceError(error), '~rejected') === true;
}
