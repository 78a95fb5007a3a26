import type { ConcurrencyLimit, LimitSampler } from './concurrency-limit.js';
import { checkInteger, reading } from './options.js';

const deaf: LimitSampler = {
  record: () => undefined,
  dropped: () => undefined,
};

/**
 * A limit that stays as it is.
 *
 * @param limit calls in flight at once, a whole number of at least 1
 * @throws TypeError, RangeError
 */
export function fixedLimit(limit: number): ConcurrencyLimit {
  return { limit: reading('fixedLimit', () => checkInteger('limit', limit, 1)), sampled: false, sampler: () => deaf };
}
