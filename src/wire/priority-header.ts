import { defaultPriority, priorities, type Priority } from '../core/priority.js';

/** Of each priority, the most important first. */
const urgencies: readonly number[] = [0, 3, 5, 7];

/** Of a request that names none. */
const defaultUrgency = 3;

/** Characters of the longest header that is looked at. */
const longest = 256;

/** A member of a dictionary (RFC 8941, 3.2) with its separator: its key, its value, and the comma before the next one. */
const member: RegExp = /*#__PURE__*/ memberPattern();

/** An urgency: of another type, or out of its range, it is ignored (RFC 9218, 4). */
const urgency = /^-?0*([0-7])$/;

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
 * `sheddablePlus`, 6 and 7 `sheddable`. The header is a dictionary: of several urgencies the last counts, members and
 * parameters that are unknown are ignored, and without an urgency that can be read it is 3, as RFC 9218 says. Null for
 * what is empty or no dictionary. Never throws.
 */
export function decodePriority(value: string): Priority | null {
  if (typeof value !== 'string' || value.length > longest) return null;
  let found = defaultUrgency;
  member.lastIndex = 0;
  for (let more: string | undefined = ','; more === ','; ) {
    const match = member.exec(value);
    if (match === null) return null;
    const [, key, given] = match;
    if (key === 'u') found = Number(urgency.exec(given ?? '')?.[1] ?? defaultUrgency);
    more = match[3];
  }
  return found === 0 ? 'criticalPlus' : found <= 3 ? 'critical' : found <= 5 ? 'sheddablePlus' : 'sheddable';
}

/** Alternatives begin with different characters, so that the pattern goes over a text once. */
function memberPattern(): RegExp {
  const key = '[a-z*][a-z\\d_.*-]*';
  // In this order: a number, a string, a token, bytes, a truth value.
  const bare = '-?\\d{1,15}(?:\\.\\d{1,3})?|"(?:[ !#-[\\]-~]|\\\\["\\\\])*"|[A-Za-z*][\\w!#$%&\'*+.^`|~:/-]*|:[A-Za-z\\d+/]*=*:|\\?[01]';
  const parameters = `(?:; *${key}(?:=(?:${bare}))?)*`;
  const item = `(?:${bare})${parameters}`;
  const list = `\\( *(?:${item}(?: +${item})* *)?\\)`;
  return new RegExp(`[ \\t]*(${key})(?:=(${bare}|${list}))?${parameters}[ \\t]*(,|$)`, 'y');
}
