import { type MarbleHelpers, marbles, type MarblesOptions } from 'rxjs-resilience/testing';
import { thrownBy } from '../thrown.js';

/** The error with which a test of marbles fails. */
export function failing(body: (helpers: MarbleHelpers) => void, options?: MarblesOptions): Error & { expected?: unknown; actual?: unknown } {
  return thrownBy(marbles(body, options)) as Error;
}
