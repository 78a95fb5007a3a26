import { checkKeys, checkNumber, named } from '../core/options.js';
import { type Priority, priorities } from '../core/priority.js';

/** What share of the limit a priority may use, above 0 to 1; never more than that of a more important one. */
export type Shares = { readonly [P in Priority]?: number | undefined };

/** From which utilisation on a priority is shed, at least 0; never later than a more important one. */
export type Ceilings = { readonly [P in Exclude<Priority, 'criticalPlus'>]?: number | undefined };

const usualShares: Readonly<Record<Priority, number>> = { criticalPlus: 1, critical: 1, sheddablePlus: 0.8, sheddable: 0.5 };
const usualCeilings: Readonly<Record<Priority, number>> = { criticalPlus: Infinity, critical: 0.95, sheddablePlus: 0.85, sheddable: 0.7 };

/** By rank, the most important first. */
export function readShares(shares: Shares): readonly number[] {
  return falling('shares', shares, priorities, usualShares, Number.MIN_VALUE, 1);
}

/** By rank; the most important is never shed by a signal. */
export function readCeilings(ceilings: Ceilings): readonly number[] {
  return falling('ceilings', ceilings, priorities.slice(1), usualCeilings, 0, Infinity);
}

/**
 * What is left out is the default, or what the next more important has where that is less. Were a less important one
 * given more, it would get through while a more important one is refused.
 */
function falling(
  option: string,
  given: Shares,
  known: readonly Priority[],
  usual: Readonly<Record<Priority, number>>,
  min: number,
  max: number,
): readonly number[] {
  const plain = checkKeys(option, given, known);
  let most = Infinity;
  return priorities.map((priority) => {
    const value = plain[priority];
    if (value === undefined) return (most = Math.min(most, usual[priority]));
    const name = `${option}.${priority}`;
    checkNumber(name, value, min, max);
    if (value > most) throw new RangeError(`${named(name)} must not be more than that of a more important priority, ${most}, got ${value}`);
    return (most = value);
  });
}

/** Calls that a share of `limit` allows: at least one, and no less for want of a binary fraction (0.29 * 100). */
export function allowed(share: number, limit: number): number {
  return Math.max(1, Math.floor(share * limit + 1e-9));
}
