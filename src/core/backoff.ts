import { jittered, type Jitter, readJitter } from './jitter.js';
import { checkFunction, checkKeys, checkNumber, reading, takes } from './options.js';

/** What a strategy is told. */
export interface BackoffContext {
  /** 1 for the first retry (of a breaker: for the first opening since it was last closed). */
  readonly attempt: number;
  /** The delay before the last one of this call, 0 at first. Milliseconds. */
  readonly previousDelay: number;
  readonly error: unknown;
  /** Numbers from 0 (included) to 1 (excluded). */
  readonly random: () => number;
}

/**
 * Answers with the milliseconds to wait, or with `null` for "no more". It keeps no state: the context holds everything
 * that it needs, so that calls do not disturb each other.
 */
export type DelayStrategy = (context: BackoffContext) => number | null;

/** A wait as a timer takes it: `NaN` and negative numbers are 0. */
export function delayOf(answer: number): number {
  return answer > 0 ? answer : 0;
}

/** Refuses what is no strategy, and a function of this file that was not called: such a function makes one. */
export function checkStrategy<S extends (context: BackoffContext) => unknown>(option: string, strategy: S): S {
  checkFunction(option, strategy);
  if (!isUncalled(strategy)) return strategy;
  const called = `${strategy.name}(${strategy.name === 'constant' ? '200' : ''})`;
  throw takes('a strategy', strategy, option === 'strategy' ? `retryWithBackoff(${called})` : `${option}: ${called}`, option);
}

/** It refuses what a strategy is told. A strategy of the user may have the same name. */
function isUncalled(strategy: (context: BackoffContext) => unknown): boolean {
  if (!/^(constant|exponential|linear|fibonacci|decorrelatedJitter)$/.test(strategy.name)) return false;
  try {
    strategy({ attempt: 1, previousDelay: 0, error: undefined, random: () => 0 });
    return false;
  } catch (error) {
    return (error as Partial<Error> | null)?.name === 'TypeError';
  }
}

/** The same delay each time, in milliseconds, at least 0. */
export function constant(ms: number): DelayStrategy {
  reading('constant', () => checkNumber('ms', ms, 0));
  return () => ms;
}

export interface BackoffOptions {
  /** The first delay before jitter, in milliseconds, at least 0. Default 200. */
  readonly initial?: number | undefined;
  /** No delay is longer, jitter included. Milliseconds, at least 0; default 10,000; `Infinity`: none. */
  readonly cap?: number | undefined;
  /** How chance spreads the delays, so that clients do not come back in step. Default `full`. */
  readonly jitter?: Jitter | undefined;
}

export interface ExponentialOptions extends BackoffOptions {
  /** Each delay is so many times the one before, at least 1. Default 2. */
  readonly factor?: number | undefined;
}

export interface LinearOptions extends BackoffOptions {
  /** Each delay is so many milliseconds longer, at least 0. Default: `initial`. */
  readonly step?: number | undefined;
}

/** `initial * factor ** (attempt - 1)`, to the cap. */
export function exponential(options: ExponentialOptions = {}): DelayStrategy {
  const { initial, cap, jitter, own: factor = 2 } = readOptions('exponential', options, 'factor', 1);
  return ({ attempt, random }) => jittered(jitter, Math.min(cap, grown(initial, factor, attempt)), cap, random);
}

/** `initial + step * (attempt - 1)`, to the cap. */
export function linear(options: LinearOptions = {}): DelayStrategy {
  const { initial, cap, jitter, own: step = initial } = readOptions('linear', options, 'step', 0);
  return ({ attempt, random }) => jittered(jitter, Math.min(cap, initial + step * (attempt - 1)), cap, random);
}

/** `initial` times 1, 2, 3, 5, 8, ..., to the cap. */
export function fibonacci(options: BackoffOptions = {}): DelayStrategy {
  const { initial, cap, jitter } = readOptions('fibonacci', options);
  return ({ attempt, random }) => jittered(jitter, Math.min(cap, initial === 0 ? 0 : initial * fibonacciNumber(attempt)), cap, random);
}

export interface DecorrelatedJitterOptions {
  /** No delay is shorter, in milliseconds, at least 0. Default 200. */
  readonly base?: number | undefined;
  /** No delay is longer. Milliseconds, at least `base`; default 10,000 (or `base` where that is more). */
  readonly cap?: number | undefined;
}

/**
 * A number between `base` and three times the delay before, to the cap: the "decorrelated jitter" of the AWS
 * Architecture Blog, with the upper end of the draw bounded and not its result. (Bounding the result puts a third of a
 * fleet on exactly the cap.)
 */
export function decorrelatedJitter(options: DecorrelatedJitterOptions = {}): DelayStrategy {
  const { base, cap } = reading('decorrelatedJitter', () => readBounds(checkKeys('options', options, ['base', 'cap'])));
  return ({ previousDelay, random }) => {
    const top = Math.min(cap, 3 * Math.max(base, previousDelay));
    return base + random() * (top - base);
  };
}

/** An `initial` of 0 stays 0 however large the power. */
function grown(initial: number, factor: number, attempt: number): number {
  return initial === 0 ? 0 : initial * factor ** (attempt - 1);
}

interface Shape {
  readonly initial: number;
  readonly cap: number;
  readonly jitter: number | 'full' | 'equal';
  /** Of the option that this kind alone has. */
  readonly own: number | undefined;
}

function readOptions(name: string, options: BackoffOptions, own?: string, least: number = 0): Shape {
  return reading(name, () => {
    const given = checkKeys('options', options, ['initial', 'cap', 'jitter'], own === undefined ? [] : [own]);
    const { initial = 200, cap = 10_000, jitter = 'full' } = given;
    const value = own === undefined ? undefined : (given as Readonly<Record<string, unknown>>)[own];
    return {
      initial: checkNumber('initial', initial, 0),
      // What is not finite would not survive a jitter that draws 0.
      cap: Math.min(checkNumber('cap', cap, 0, Infinity), Number.MAX_VALUE),
      jitter: readJitter(jitter),
      own: value === undefined ? undefined : checkNumber(own!, value, least),
    };
  });
}

function readBounds({ base = 200, cap }: DecorrelatedJitterOptions): { readonly base: number; readonly cap: number } {
  checkNumber('base', base, 0);
  const most = cap === undefined ? Math.max(base, 10_000) : checkNumber('cap', cap, base, Infinity);
  return { base, cap: Math.min(most, Number.MAX_VALUE) };
}

/** 1, 2, 3, 5, 8, ... for 1, 2, 3, ...; beyond what a number holds it is infinite, and the cap decides. */
function fibonacciNumber(n: number): number {
  let before = 1;
  let number = 1;
  for (let i = 1; i < n && number !== Infinity; i++) [before, number] = [number, before + number];
  return number;
}
