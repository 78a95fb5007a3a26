import type { Mismatch } from './mismatch.js';

/** Where in a test something was expected, as a runner shows it: an error that is not thrown. */
export interface Place {
  readonly error: Error;
  /** So many calls of this library stand above the line of the test. */
  readonly above: number;
}

/** `above`: the calls between the test and here, this one included. Reading the stack is dear, and left to a failure. */
export function placeHere(above: number): Place {
  return { error: new Error(), above };
}

/** What `marbles` throws: runners show the message, a diff of `expected` and `actual`, and the line of the test. */
export function failure(message: string, place?: Place, mismatch?: Mismatch): Error {
  const error = new Error(message);
  // The name by which runners know that somebody compared something.
  error.name = 'AssertionError';
  if (mismatch !== undefined) Object.assign(error, { expected: mismatch.expected, actual: mismatch.actual, showDiff: true });
  if (place !== undefined) error.stack = `${error.name}: ${message}\n${linesOfTest(place)}`;
  return error;
}

/** Engines other than V8 write their stacks in other ways: theirs is left as it is. */
function linesOfTest({ error, above }: Place): string {
  const lines = (error.stack ?? '').split('\n');
  const first = lines.findIndex((line) => line.startsWith('    at '));
  return lines.slice(first < 0 ? 0 : first + above).join('\n');
}
