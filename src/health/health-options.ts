import type { SchedulerLike } from 'rxjs';
import { checkBoolean, checkFunction, checkInteger, checkKeys, checkNumber } from '../core/options.js';
import { checkScheduler } from '../operator/clock.js';

export interface HealthCheckOptions {
  /** Milliseconds from the start of one probe to that of the next, at least 1. Default 10,000. */
  readonly every?: number | undefined;
  /** Milliseconds after which a probe without an answer is given up and counts as failed, at least 1. Default 2,000. */
  readonly timeout?: number | undefined;
  /** Results in a row that make it worse, at least 1. Default 2. */
  readonly failAfter?: number | undefined;
  /** Results in a row that make it better, at least 1. Default 2. */
  readonly recoverAfter?: number | undefined;
  /** Part of `every` by which each interval is shorter or longer at random, 0 to 0.9. Default 0.1. */
  readonly spread?: number | undefined;
  /** Milliseconds after which a result says nothing any more, at least 1, or `Infinity`. Default `3 * every`. */
  readonly staleAfter?: number | undefined;
  /** Whether the whole is down without it. Default false. */
  readonly required?: boolean | undefined;
  /** Clock and timers. Default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
  /** Numbers from 0 (included) to 1 (excluded). Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** With every default. */
export interface CheckSetup {
  readonly every: number;
  readonly timeout: number;
  readonly failAfter: number;
  readonly recoverAfter: number;
  readonly spread: number;
  readonly staleAfter: number;
  readonly required: boolean;
  readonly scheduler: SchedulerLike | undefined;
  readonly random: () => number;
}

export const checkOptionNames: readonly string[] = [
  ...['every', 'timeout', 'failAfter', 'recoverAfter', 'spread', 'staleAfter', 'required', 'scheduler', 'random'],
];

export function readCheck(options: HealthCheckOptions): CheckSetup {
  const given = checkKeys('options', options, checkOptionNames);
  const { every = 10_000, timeout = 2_000, failAfter = 2, recoverAfter = 2, spread = 0.1 } = given;
  const { staleAfter = 3 * every, required = false, scheduler, random = Math.random } = given;
  checkNumber('every', every, 1);
  checkNumber('timeout', timeout, 1);
  checkInteger('failAfter', failAfter, 1);
  checkInteger('recoverAfter', recoverAfter, 1);
  checkNumber('spread', spread, 0, 0.9);
  checkNumber('staleAfter', staleAfter, 1, Infinity);
  checkBoolean('required', required);
  checkScheduler(scheduler);
  checkFunction('random', random);
  return { every, timeout, failAfter, recoverAfter, spread, staleAfter, required, scheduler, random };
}
