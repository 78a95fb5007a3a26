import { checkInteger, checkKeys, checkNumber, show } from './options.js';
import { checkWindow, outcomeWindow, type OutcomeWindow, type WindowSpec } from './outcome-window.js';

/** When a circuit opens: a description that many breakers may share, each with a state of its own. */
export interface TripRule {
  /** @internal */
  readonly start: (before: TripState | undefined) => TripState;
}

/** What one breaker has counted for a rule. Times are milliseconds of its clock. */
export interface TripState {
  /** Whether a reading of the clock matters; 0 will do where it does not. */
  readonly timed: boolean;
  /** A call that ran for this long or longer was slow; `Infinity` where the rule does not ask. */
  readonly slowerThan: number;
  /** Whether it is about a rate. */
  readonly rated: boolean;
  /** `ran`: milliseconds, not a number where nobody measured. */
  record(failed: boolean, ran: number, now: number): void;
  trips(now: number): boolean;
  /** Of a rule about a rate: that rate, undefined below its minimum of calls. */
  rate(now: number): number | undefined;
  clear(): void;
}

/**
 * Opens at the `failures`-th failure in a row, once the row has lasted for `over` milliseconds: the restart of one
 * instance is one event and not five.
 *
 * @throws TypeError, RangeError
 */
export function consecutiveFailures(failures: number, options: { readonly over?: number | undefined } = {}): TripRule {
  checkInteger('failures', failures, 1);
  checkKeys('consecutiveFailures options', options, ['over']);
  const over = options.over === undefined ? 0 : checkNumber('over', options.over, 0);
  return { start: (before) => new Consecutive(failures, over, before instanceof Consecutive ? before : undefined) };
}

export interface FailureCountOptions {
  /** At least 1. */
  readonly failures: number;
  readonly window: WindowSpec;
}

/** Opens at so many failures within the window, whatever else there was: "three of the last five". */
export function failureCount(options: FailureCountOptions): TripRule {
  checkKeys('failureCount options', options, ['failures', 'window']);
  const failures = checkInteger('failures', options.failures, 1);
  const window = checkWindow('window', options.window);
  if ('calls' in window && failures > window.calls) {
    throw new RangeError(`failures must be at most window.calls (${window.calls}), got ${failures}`);
  }
  return { start: (before) => new Counted(window, { failures }, before) };
}

export interface RateOptions {
  /** Share of the calls, above 0 to 1; reached is enough. */
  readonly threshold: number;
  readonly window: WindowSpec;
  /** Fewer calls in the window say nothing. At least 1; default 20, or the length of a shorter window of calls. */
  readonly minimumCalls?: number | undefined;
}

/** Opens when this share of the calls in the window has failed. */
export function failureRate(options: RateOptions): TripRule {
  checkKeys('failureRate options', options, ['threshold', 'window', 'minimumCalls']);
  return rateRule(options, Infinity);
}

export interface SlowCallRateOptions extends RateOptions {
  /** Milliseconds, above 0: a call that ran for this long or longer was slow, however it ended. */
  readonly slowerThan: number;
}

/** Opens when this share of the calls in the window was slow. With it, a slow probe is a failed one. */
export function slowCallRate(options: SlowCallRateOptions): TripRule {
  checkKeys('slowCallRate options', options, ['threshold', 'slowerThan', 'window', 'minimumCalls']);
  return rateRule(options, checkNumber('slowerThan', options.slowerThan, Number.MIN_VALUE));
}

/** Opens when one of the rules says so. */
export function anyOf(...rules: readonly TripRule[]): TripRule {
  if (rules.length === 0) throw new TypeError('anyOf must have at least one rule, got none');
  rules.forEach((rule, at) => checkTrip(`rules[${at}]`, rule));
  return { start: (before) => new Any(rules, before instanceof Any ? before : undefined) };
}

export function checkTrip(option: string, rule: unknown): TripRule {
  if (typeof (rule as TripRule | null | undefined)?.start === 'function') return rule as TripRule;
  throw new TypeError(`${option} must be consecutiveFailures(), failureCount(), failureRate(), slowCallRate() or anyOf(), got ${show(rule)}`);
}

function rateRule(options: RateOptions, slowerThan: number): TripRule {
  const threshold = checkNumber('threshold', options.threshold, Number.MIN_VALUE, 1);
  const window = checkWindow('window', options.window);
  const most = 'calls' in window ? window.calls : Number.MAX_SAFE_INTEGER;
  const { minimumCalls } = options;
  const minimum = minimumCalls === undefined ? Math.min(20, most) : checkInteger('minimumCalls', minimumCalls, 1, most);
  return { start: (before) => new Counted(window, { threshold, minimum, slowerThan }, before) };
}

class Consecutive implements TripState {
  readonly timed: boolean;
  readonly rated = false;
  readonly slowerThan = Infinity;
  private row: number;
  private since: number;

  constructor(
    private readonly failures: number,
    private readonly over: number,
    before: Consecutive | undefined,
  ) {
    this.timed = over > 0;
    this.row = before?.row ?? 0;
    this.since = before?.timed === true ? before.since : Infinity;
  }

  record(failed: boolean, _ran: number, now: number): void {
    if (!failed) {
      this.row = 0;
      return;
    }
    if (this.row === 0 || this.since === Infinity) this.since = now;
    this.row++;
  }

  trips(now: number): boolean {
    return this.row >= this.failures && now - this.since >= this.over;
  }

  rate(): undefined {
    return undefined;
  }

  clear(): void {
    this.row = 0;
  }
}

type Limit =
  | { readonly failures: number; readonly threshold?: never }
  | { readonly failures?: never; readonly threshold: number; readonly minimum: number; readonly slowerThan: number };

class Counted implements TripState {
  readonly timed: boolean;
  readonly rated: boolean;
  readonly slowerThan: number;
  private readonly window: OutcomeWindow;

  constructor(
    spec: WindowSpec,
    private readonly limit: Limit,
    before: TripState | undefined,
  ) {
    this.rated = limit.threshold !== undefined;
    this.slowerThan = limit.threshold === undefined ? Infinity : limit.slowerThan;
    this.window = before instanceof Counted ? before.window.resize(spec) : outcomeWindow(spec);
    this.timed = this.window.timed;
  }

  record(failed: boolean, ran: number, now: number): void {
    this.window.record(failed, ran >= this.slowerThan, now);
  }

  trips(now: number): boolean {
    const { limit, window } = this;
    if (limit.threshold === undefined) return window.failures(now) >= limit.failures;
    const rate = this.rate(now);
    return rate !== undefined && rate >= limit.threshold;
  }

  rate(now: number): number | undefined {
    const { limit, window } = this;
    if (limit.threshold === undefined) return undefined;
    const calls = window.calls(now);
    if (calls < limit.minimum) return undefined;
    return (this.slowerThan === Infinity ? window.failures(now) : window.slow(now)) / calls;
  }

  clear(): void {
    this.window.clear();
  }
}

class Any implements TripState {
  readonly timed: boolean;
  readonly rated: boolean;
  readonly slowerThan: number;
  private readonly parts: readonly TripState[];

  constructor(rules: readonly TripRule[], before: Any | undefined) {
    this.parts = rules.map((rule, at) => rule.start(before?.parts[at]));
    this.timed = this.parts.some(({ timed }) => timed);
    this.rated = this.parts.some(({ rated }) => rated);
    this.slowerThan = Math.min(...this.parts.map(({ slowerThan }) => slowerThan));
  }

  record(failed: boolean, ran: number, now: number): void {
    for (const part of this.parts) part.record(failed, ran, now);
  }

  trips(now: number): boolean {
    for (const part of this.parts) if (part.trips(now)) return true;
    return false;
  }

  rate(now: number): number | undefined {
    return this.parts.find(({ rated }) => rated)?.rate(now);
  }

  clear(): void {
    for (const part of this.parts) part.clear();
  }
}
