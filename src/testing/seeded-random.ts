import { checkInteger } from '../core/options.js';

/**
 * A source of chance for tests: numbers from 0 (included) to 1 (excluded), the same sequence for the same seed on every
 * engine. Pass it as `random` to a policy whose jitter or shares a test depends on.
 *
 * The state walks through all 2^32 numbers in steps of the golden ratio, and each is stirred by multiplications and
 * shifts (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", in the 32-bit form). Not for secrets.
 *
 * @param seed a whole number from -2^31 to 2^32 - 1
 * @throws TypeError, RangeError
 *
 * ```ts
 * const retry = retryWithBackoff(exponential(), { random: seededRandom(1) });
 * ```
 */
export function seededRandom(seed: number): () => number {
  checkInteger('seed', seed, -(2 ** 31), 2 ** 32 - 1);
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}
