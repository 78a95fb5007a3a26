import { outcomeWindow, type OutcomeWindow, type WindowSpec } from './outcome-window.js';

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

/** Failures in a row, and when the row began. */
export class Consecutive implements TripState {
  readonly timed: boolean;
  readonly rated: boolean = false;
  readonly slowerThan: number = Infinity;
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

export type Limit =
  | { readonly failures: number; readonly threshold?: never }
  | { readonly failures?: never; readonly threshold: number; readonly minimum: number; readonly slowerThan: number };

/** Outcomes in a window, against a number or a share. */
export class Counted implements TripState {
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
    // Nearly always there is nothing to divide.
    const bad = this.bad(now);
    if (bad === 0) return false;
    const calls = window.calls(now);
    return calls >= limit.minimum && bad / calls >= limit.threshold;
  }

  rate(now: number): number | undefined {
    const { limit, window } = this;
    if (limit.threshold === undefined) return undefined;
    const calls = window.calls(now);
    return calls < limit.minimum ? undefined : this.bad(now) / calls;
  }

  clear(): void {
    this.window.clear();
  }

  private bad(now: number): number {
    return this.slowerThan === Infinity ? this.window.failures(now) : this.window.slow(now);
  }
}

/** Several rules, each with a state of its own. */
export class Any implements TripState {
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
    const { parts } = this;
    for (let at = 0; at < parts.length; at++) parts[at]!.record(failed, ran, now);
  }

  trips(now: number): boolean {
    const { parts } = this;
    for (let at = 0; at < parts.length; at++) if (parts[at]!.trips(now)) return true;
    return false;
  }

  rate(now: number): number | undefined {
    return this.parts.find(({ rated }) => rated)?.rate(now);
  }

  clear(): void {
    for (const part of this.parts) part.clear();
  }
}
