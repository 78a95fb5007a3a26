import { isRejectedError } from '../core/guards.js';
import { findResilienceError } from '../core/find-error.js';
import { read } from '../core/read.js';
import { isDeadlineExceededError } from '../deadline/with-deadline.js';

/**
 * Stands for every value of a kind, wherever a runner or `marbles` compares: it understands `toEqual`,
 * `toStrictEqual` and `toHaveBeenCalledWith` of Vitest and Jest, also deep inside of what is expected.
 */
export interface Match {
  asymmetricMatch(actual: unknown): boolean;
  /** What a runner prints. */
  toString(): string;
  toAsymmetricMatcher(): string;
}

/** Any error that comes from a source and not from this library; also `'error'`, which RxJS gives a `#` of its own. */
export const failed: Match = /*#__PURE__*/ match('failed', isFailure);

/** Any refusal of this library: an open circuit, a full bulkhead, shed load, whatever joins them later. */
export const refused: Match = /*#__PURE__*/ match('refused', isRejectedError);

/** Any `DeadlineExceededError`: cut when the time was over, or refused on arrival because none was left. */
export const expired: Match = /*#__PURE__*/ match('expired', isDeadlineExceededError);

/** Whether `value` decides itself what it is equal to: one of ours, or of a runner (`expect.any(Error)`). */
export function isMatch(value: unknown): value is Match {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Match>).asymmetricMatch === 'function';
}

function match(name: string, is: (actual: unknown) => boolean): Match {
  return {
    // By this symbol Vitest and Jest know what to print.
    ...{ $$typeof: Symbol.for('jest.asymmetricMatcher') },
    asymmetricMatch: is,
    toString: () => name,
    toAsymmetricMatcher: () => name,
  };
}

function isFailure(actual: unknown): boolean {
  if (actual === 'error') return true;
  const ours = findResilienceError(actual);
  // Exhausted retries that wrap what the last one ended with are still that failure.
  return looksLikeError(actual) && (ours === undefined || read(ours, 'code') === 'RETRY_EXHAUSTED');
}

/** By shape: a test's sandbox has an `Error` of its own, and an `HttpErrorResponse` is none. */
export function looksLikeError(value: unknown): value is { readonly name: string; readonly message: string } {
  return typeof value === 'object' && typeof read(value, 'name') === 'string' && typeof read(value, 'message') === 'string';
}
