import type { Mismatch } from './mismatch.js';

/** Where in a test something was expected, as a runner shows it. */
export type Place = { readonly stack?: string | undefined };

/** `caller`: what stands above the line of the test. */
export function placeHere(caller: (...args: never[]) => unknown): Place {
  const place: { stack?: string } = {};
  // Engines without it point into this library, which is no harm.
  const { captureStackTrace } = Error as { captureStackTrace?: (place: object, above: unknown) => void };
  if (captureStackTrace === undefined) return new Error();
  captureStackTrace(place, caller);
  return place;
}

/** What `marbles` throws: runners show the message, a diff of `expected` and `actual`, and the line of the test. */
export function failure(message: string, place?: Place, mismatch?: Mismatch): Error {
  const error = new Error(message);
  // The name by which runners know that somebody compared something.
  error.name = 'AssertionError';
  if (mismatch !== undefined) Object.assign(error, { expected: mismatch.expected, actual: mismatch.actual, showDiff: true });
  const at = place?.stack?.indexOf('\n    at ') ?? -1;
  if (at >= 0) error.stack = `${error.name}: ${message}${place!.stack!.slice(at)}`;
  return error;
}
