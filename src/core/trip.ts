import { checkInteger, checkKeys, checkNumber, named, reading, refusal } from './options.js';
import { checkWindow, type WindowSpec } from './outcome-window.js';
import { Any, Consecutive, Counted, type TripRule } from './trip-state.js';

/**
 * Opens at the `failures`-th failure in a row, once the row has lasted for `over` milliseconds: the restart of one
 * instance is one event and not five.
 *
 * @throws TypeError, RangeError
 */
export function consecutiveFailures(failures: number, options: { readonly over?: number | undefined } = {}): TripRule {
  const over = reading('consecutiveFailures', () => {
    checkInteger('failures', failures, 1);
    const { over: least = 0 } = checkKeys('options', options, ['over']);
    return checkNumber('over', least, 0);
  });
  return { start: (before) => new Consecutive(failures, over, before) };
}

export interface FailureCountOptions {
  /** At least 1. */
  readonly failures: number;
  readonly window: WindowSpec;
}

/** Opens at so many failures within the window, whatever else there was: "three of the last five". */
export function failureCount(options: FailureCountOptions): TripRule {
  return reading('failureCount', () => {
    const given = checkKeys('options', options, ['failures', 'window']);
    const failures = checkInteger('failures', given.failures, 1);
    const window = checkWindow('window', given.window);
    if ('calls' in window && failures > window.calls) {
      throw new RangeError(`${named('failures')} must be at most window.calls (${window.calls}), got ${failures}`);
    }
    return { start: (before) => new Counted(window, { failures }, before) };
  });
}

export interface RateOptions {
  /** Share of the calls, above 0 to 1; reached is enough. */
  readonly threshold: number;
  readonly window: WindowSpec;
  /** Fewer calls in the window say nothing. At least 1; default 20, or the length of a shorter window of calls. */
  readonly minimumCalls?: number | undefined;
}

const rateNames: readonly string[] = ['threshold', 'window', 'minimumCalls'];

/** Opens when this share of the calls in the window has failed. */
export function failureRate(options: RateOptions): TripRule {
  return reading('failureRate', () => rateRule(checkKeys('options', options, rateNames), Infinity));
}

export interface SlowCallRateOptions extends RateOptions {
  /** Milliseconds, above 0: a call that ran for this long or longer was slow, however it ended. */
  readonly slowerThan: number;
}

/** Opens when this share of the calls in the window was slow. With it, a slow probe is a failed one. */
export function slowCallRate(options: SlowCallRateOptions): TripRule {
  return reading('slowCallRate', () => {
    const given = checkKeys('options', options, rateNames, ['slowerThan']);
    return rateRule(given, checkNumber('slowerThan', given.slowerThan, Number.MIN_VALUE));
  });
}

/** Opens when one of the rules says so. */
export function anyOf(...rules: readonly TripRule[]): TripRule {
  if (rules.length === 0) throw new TypeError('anyOf must have at least one rule, got none');
  reading('anyOf', () => rules.forEach((rule, at) => checkTrip(`rules[${at}]`, rule)));
  return { start: (before) => new Any(rules, before) };
}

export function checkTrip(option: string, rule: unknown): TripRule {
  if (typeof (rule as TripRule | null | undefined)?.start === 'function') return rule as TripRule;
  throw refusal(option, 'consecutiveFailures(), failureCount(), failureRate(), slowCallRate() or anyOf()', rule);
}

function rateRule(options: RateOptions, slowerThan: number): TripRule {
  const threshold = checkNumber('threshold', options.threshold, Number.MIN_VALUE, 1);
  const window = checkWindow('window', options.window);
  const most = 'calls' in window ? window.calls : Number.MAX_SAFE_INTEGER;
  const { minimumCalls } = options;
  const minimum = minimumCalls === undefined ? Math.min(20, most) : checkInteger('minimumCalls', minimumCalls, 1, most);
  return { start: (before) => new Counted(window, { threshold, minimum, slowerThan }, before) };
}
