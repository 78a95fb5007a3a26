import { checkKeys, checkNumber, named, show } from './options.js';

/**
 * `full`: from 0 to the delay. `equal`: from its half. `proportional`: 25 % less to 25 % more, or the share given (0 to
 * 1). `none`: as it is, so that clients which failed together come back together.
 */
export type Jitter = 'none' | 'full' | 'equal' | 'proportional' | { readonly proportional: number };

/** `proportional` kinds as their share, `none` as 0. */
export function readJitter(jitter: Jitter): number | 'full' | 'equal' {
  switch (jitter) {
    case 'none':
      return 0;
    case 'proportional':
      return 0.25;
    case 'full':
    case 'equal':
      return jitter;
  }
  if (typeof jitter === 'object' && jitter !== null) {
    const { proportional } = checkKeys('jitter', jitter, ['proportional']);
    return checkNumber('jitter.proportional', proportional, 0, 1);
  }
  const allowed = "'none', 'full', 'equal', 'proportional' or { proportional }";
  const Wrong = typeof jitter === 'string' ? RangeError : TypeError;
  throw new Wrong(`${named('jitter')} must be one of ${allowed}, got ${show(jitter)}`);
}

/** Applied before the cap, so that nothing exceeds it. */
export function jittered(jitter: number | 'full' | 'equal', delay: number, cap: number, random: () => number): number {
  if (jitter === 'full') return random() * delay;
  if (jitter === 'equal') return Math.min(delay, delay / 2 + (random() * delay) / 2);
  return Math.min(cap, delay * (1 + jitter * (2 * random() - 1)));
}
