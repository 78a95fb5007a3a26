import { read } from './read.js';
import type { ResilienceError } from './resilience-error.js';

/** How far causes are followed; a chain may be a circle. */
const deepest = 20;

interface Link {
  readonly '~resilience'?: unknown;
  readonly code?: unknown;
  readonly error?: unknown;
  readonly cause?: unknown;
}

/**
 * The first error of this library on the chain of `error` and what it carries (`error`, as `HttpErrorResponse` does, or
 * `cause`), by brand. With `through`, `RetryExhaustedError` gives way to another one that it was caused by: alone it is
 * looked through, for the cause of an open circuit may be a deadline, yet the call was refused, not cut. Never throws.
 */
export function findResilienceError(error: unknown, through: boolean = true): ResilienceError | undefined {
  try {
    return firstOfOurs(error, through);
  } catch {
    // A foreign getter that throws: nobody can say that it is one of ours.
    return undefined;
  }
}

/** As `findResilienceError`, and throws what an accessor on the chain throws. */
export function firstOfOurs(error: unknown, through: boolean): ResilienceError | undefined {
  let subject = error;
  let exhausted: ResilienceError | undefined;
  for (let depth = 0; depth < deepest && typeof subject === 'object' && subject !== null; depth++) {
    const link = subject as Link;
    if (isBranded(link)) {
      if (!through || link.code !== 'RETRY_EXHAUSTED') return subject as ResilienceError;
      exhausted ??= subject as ResilienceError;
    }
    subject = link.error ?? link.cause;
  }
  return exhausted;
}

/**
 * A brand counts only where it is inherited, as ours is: what a server has sent has it as its own, and must not pass for a
 * refusal that no breaker counts.
 */
function isBranded(link: Link): boolean {
  return link['~resilience'] === true && !Object.hasOwn(link, '~resilience');
}

/** Whether `error` is `wanted`, carries it or was caused by it. Never throws. */
export function isCausedBy(error: unknown, wanted: unknown): boolean {
  let subject = error;
  for (let depth = 0; depth < deepest; depth++) {
    if (subject === wanted) return true;
    subject = read(subject, 'error') ?? read(subject, 'cause');
    if (subject === undefined) return false;
  }
  return false;
}
