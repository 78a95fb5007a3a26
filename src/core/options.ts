/**
 * Refuses what an option may not be, at construction. A wrong type is a `TypeError`, a value out of range (NaN
 * included) a `RangeError`; both name the option, the value and what is allowed.
 */

/** A number within `[min, max]`; `Infinity` only where `max` is infinite. */
export function checkNumber(option: string, value: unknown, min: number, max: number = Number.MAX_VALUE): number {
  if (typeof value !== 'number') throw new TypeError(`${option} must be a number ${range(min, max)}, got ${show(value)}`);
  if (!(value >= min && value <= max)) throw new RangeError(`${option} must be ${range(min, max)}, got ${show(value)}`);
  return value;
}

/** A whole number within `[min, max]`; `Infinity` only where `max` is infinite. */
export function checkInteger(option: string, value: unknown, min: number, max: number = Number.MAX_SAFE_INTEGER): number {
  const number = checkNumber(option, value, min, max);
  if (number !== Infinity && !Number.isInteger(number)) {
    throw new RangeError(`${option} must be a whole number ${range(min, max)}, got ${show(value)}`);
  }
  return number;
}

/** One of the listed values. */
export function checkOneOf<T>(option: string, value: unknown, allowed: readonly T[]): T {
  if ((allowed as readonly unknown[]).includes(value)) return value as T;
  const message = `${option} must be one of ${allowed.map(show).join(', ')}, got ${show(value)}`;
  throw typeof value === typeof allowed[0] ? new RangeError(message) : new TypeError(message);
}

export function checkName(option: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(`${option} must be a string that is not empty, got ${show(value)}`);
}

export function checkBoolean(option: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${option} must be true or false, got ${show(value)}`);
  return value;
}

export function checkFunction<F extends (...args: never[]) => unknown>(option: string, value: F): F {
  if (typeof value !== 'function') throw new TypeError(`${option} must be a function, got ${show(value)}`);
  return value;
}

const none: readonly string[] = [];

/** A plain record of options; refuses names that are not among `known`, so that a misspelt option cannot do nothing. */
export function checkKeys(option: string, value: unknown, known: readonly string[], more: readonly string[] = none): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${option} must be an object, got ${show(value)}`);
  }
  for (const key of Object.keys(value)) {
    if (known.includes(key) || more.includes(key)) continue;
    throw new TypeError(`${option} has no option '${key}'; known are ${[...known, ...more].join(', ')}`);
  }
}

/** What a setting may be: refuses everything else, and answers with what is held of it. */
type Check = (option: string, value: never) => unknown;

/** One for each setting; there are no others. */
export type Checks<S> = { readonly [Name in keyof S]-?: Check };

/** Every setting in the form in which it is held; one that is not set stays as it was `before`. */
export function readSettings<S extends object>(checks: Readonly<Record<string, Check>>, settings: object, before: S): S {
  const given = settings as Readonly<Record<string, unknown>>;
  const setup = { ...before } as Record<string, unknown>;
  for (const [name, check] of Object.entries(checks)) {
    if (given[name] !== undefined) setup[name] = check(name, given[name] as never);
  }
  return setup as S;
}

function range(min: number, max: number): string {
  const from = min === Number.MIN_VALUE ? 'above 0' : `of at least ${min}`;
  if (max === Number.MAX_VALUE || max === Number.MAX_SAFE_INTEGER) return `${from} and finite`;
  if (max === Infinity) return from;
  return min === Number.MIN_VALUE ? `above 0 and at most ${max}` : `from ${min} to ${max}`;
}

/** The value as a reader would write it, short enough for a message. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`;
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}
