import { withoutCredentials } from './credentials.js';

/**
 * Refuses what an option may not be, at construction. A wrong type is a `TypeError`, a value out of range (NaN
 * included) a `RangeError`; both name the factory, the option, the value and what is allowed.
 */

/** Whose options are read, and the path of those that it passes on. The names are put together only for a refusal. */
let factory = '';
let path = '';
let passesOn = false;

/** What the options of a factory as a whole are called. */
const self = 'options';

/**
 * Refusals of `read` name `what`. With `forParts`, they do so also while `read` calls other factories: it passes options
 * on to them.
 */
export function reading<T>(what: string, read: () => T, forParts: boolean = false): T {
  if (passesOn) return read();
  const [before, pathBefore] = [factory, path];
  factory = what;
  path = '';
  passesOn = forParts;
  try {
    return read();
  } finally {
    factory = before;
    path = pathBefore;
    passesOn = false;
  }
}

/** Refusals of `read`, to which the value of `option` is passed on, name the option as well. */
export function readingPart<T>(option: string, read: () => T): T {
  const before = path;
  path += `${option}.`;
  try {
    return read();
  } finally {
    path = before;
  }
}

/** The option with the factory that takes it; for `options` the factory, or the option of a pipeline that they are given as. */
export function named(option: string): string {
  const whole = option === self && path !== '' ? path.slice(0, -1) : `${path}${option}`;
  if (factory === '') return whole;
  return whole === self ? factory : `${factory}: ${whole}`;
}

/** The refusal of a value that has the wrong type, and what to write instead where that is known. */
export function refusal(option: string, allowed: string, value: unknown, instead?: string): TypeError {
  return new TypeError(`${named(option)} must be ${allowed}, got ${show(value)}${instead === undefined ? '' : `; write ${instead}`}`);
}

/** The refusal of what a factory was called with, or of the value of an option, and what to write instead. */
export function takes(allowed: string, value: unknown, instead: string, option: string = self): TypeError {
  return new TypeError(`${named(option)} takes ${allowed}, got ${show(value)}; write ${instead}`);
}

/** A number within `[min, max]`; `Infinity` only where `max` is infinite. */
export function checkNumber(option: string, value: unknown, min: number, max: number = Number.MAX_VALUE): number {
  if (typeof value !== 'number') {
    throw refusal(option, `a number ${range(min, max)}`, value, isNumeric(value) ? String(Number(value)) : undefined);
  }
  if (!(value >= min && value <= max)) throw new RangeError(`${named(option)} must be ${range(min, max)}, got ${show(value)}`);
  return value;
}

/** A number as an environment variable has it. */
export function isNumeric(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
}

/** A whole number within `[min, max]`; `Infinity` only where `max` is infinite. */
export function checkInteger(option: string, value: unknown, min: number, max: number = Number.MAX_SAFE_INTEGER): number {
  const number = checkNumber(option, value, min, max);
  if (number !== Infinity && !Number.isInteger(number)) {
    throw new RangeError(`${named(option)} must be a whole number ${range(min, max)}, got ${show(value)}`);
  }
  return number;
}

/** One of the listed values. */
export function checkOneOf<T>(option: string, value: unknown, allowed: readonly T[]): T {
  if ((allowed as readonly unknown[]).includes(value)) return value as T;
  const message = `${named(option)} must be one of ${allowed.map(show).join(', ')}, got ${show(value)}`;
  throw typeof value === typeof allowed[0] ? new RangeError(message) : new TypeError(message);
}

export function checkName(option: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw refusal(option, 'a string that is not empty', value);
}

export function checkBoolean(option: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw refusal(option, 'true or false', value);
  return value;
}

export function checkFunction<F extends (...args: never[]) => unknown>(option: string, value: F): F {
  if (typeof value !== 'function') throw refusal(option, 'a function', value);
  return value;
}

const none: readonly string[] = [];

/** An object, whose names are the caller's own. */
export function checkRecord(option: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refusal(option, 'an object', value);
}

/**
 * Options by name as a plain object, each read once: they may be an instance of a class with accessors, which neither a
 * spread nor `Object.keys` sees. What is `undefined` is left out. Refuses names that are not among `known`, so that a
 * misspelt option cannot do nothing. `option`: whose value they are; `options` for those of the factory itself.
 */
export function checkKeys<O extends object>(option: string, value: O, known: readonly string[], more: readonly string[] = none): O {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isNoRecord(value)) {
    const isArgument = option === self && path === '' && factory !== '';
    throw new TypeError(`${named(option)}${isArgument ? `: ${self}` : ''} must be an object, got ${show(value)}`);
  }
  const names = more === none ? known : [...known, ...more];
  refuseUnknown(option, value, names);
  const given = value as Readonly<Record<string, unknown>>;
  const plain: Record<string, unknown> = {};
  for (const name of names) {
    const set = given[name];
    if (set !== undefined) plain[name] = set;
  }
  return plain as O;
}

/** A promise that was not awaited, what an operator that was not called is given by `.pipe()`, or a value of another kind. */
function isNoRecord(value: object): boolean {
  const { subscribe, then } = value as { readonly subscribe?: unknown; readonly then?: unknown };
  const isCollection = /^\[object (Date|Map|Set|Weak|RegExp)/.test(Object.prototype.toString.call(value));
  return isCollection || typeof subscribe === 'function' || typeof then === 'function';
}

/**
 * Of a plain object every name counts, of a prototype what is enumerable. Accessors of a class may serve other purposes:
 * only one that looks like a misspelt option is refused.
 */
function refuseUnknown(option: string, value: object, names: readonly string[]): void {
  for (const key in value) if (!names.includes(key) && !(key in Object.prototype)) throw unknown(option, key, names);
  let from: object | null = Object.getPrototypeOf(value) as object | null;
  for (; from !== null && from !== Object.prototype; from = Object.getPrototypeOf(from) as object | null) {
    for (const [key, { get }] of Object.entries(Object.getOwnPropertyDescriptors(from))) {
      if (get !== undefined && !names.includes(key) && nearest(key, names) !== undefined) throw unknown(option, key, names);
    }
  }
}

function unknown(option: string, key: string, names: readonly string[]): TypeError {
  const near = nearest(key, names);
  const hint = near === undefined ? `known are ${names.join(', ')}` : `did you mean '${near}'?`;
  return new TypeError(`${named(option)} has no option '${key}'; ${hint}`);
}

/** The known name that takes the fewest letters to change: a third of those given, or any number to put in. */
function nearest(key: string, names: readonly string[]): string | undefined {
  let least = Infinity;
  let best: string | undefined;
  for (const name of names) {
    const distance = lettersBetween(key.toLowerCase(), name.toLowerCase());
    const isNear = distance <= key.length / 3 || (key.length > 4 && distance === name.length - key.length);
    if (!isNear || distance >= least) continue;
    least = distance;
    best = name;
  }
  return best;
}

/** Letters to put in, take out or replace: Levenshtein's distance, row by row. */
function lettersBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
  }
  return row[b.length]!;
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

/** The value as a reader would write it, short enough for a message and without the credentials of a URL. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    const text = withoutCredentials(value);
    return `'${text.length > 40 ? `${text.slice(0, 40)}…` : text}'`;
  }
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (typeof value === 'object' && value !== null) {
    const { subscribe, then } = value as { readonly subscribe?: unknown; readonly then?: unknown };
    if (typeof then === 'function') return 'a promise';
    if (typeof subscribe === 'function') return 'an observable';
    return Array.isArray(value) ? 'an array' : 'an object';
  }
  return typeof value === 'bigint' ? `${value}n` : String(value);
}
