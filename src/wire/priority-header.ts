import { defaultPriority, priorities, type Priority } from '../core/priority.js';
import { trimmed } from './deadline-codec.js';

/** Of each priority, the most important first. */
const urgencies: readonly number[] = [0, 3, 5, 7];

/** The urgency of a `Priority` header, 0 the most urgent: a member of a Structured Fields dictionary (RFC 8941). */
const urgency = /(?:^|,)[ \t]*u=([0-7])(?=[ \t]*(?:[,;]|$))/g;

/** No header of ours is longer than a few characters. */
const longest = 256;

/**
 * The value of a `Priority` header (RFC 9218): `criticalPlus` is `u=0`, `critical` `u=3`, `sheddablePlus` `u=5`,
 * `sheddable` `u=7`.
 */
export function encodePriority(priority: Priority): string {
  const known = priorities.includes(priority) ? priority : defaultPriority;
  return `u=${urgencies[priorities.indexOf(known)]}`;
}

/**
 * The priority that a `Priority` header asks for: urgency 0 is `criticalPlus`, 1 to 3 `critical`, 4 and 5
 * `sheddablePlus`, 6 and 7 `sheddable`. Of several urgencies the last counts, as in every dictionary. Null where none can
 * be read. Never throws.
 */
export function decodePriority(value: string): Priority | null {
  const text = trimmed(value);
  if (text.length > longest) return null;
  let found: number | null = null;
  for (const [, digit] of text.matchAll(urgency)) found = Number(digit);
  if (found === null) return null;
  return found === 0 ? 'criticalPlus' : found <= 3 ? 'critical' : found <= 5 ? 'sheddablePlus' : 'sheddable';
}
