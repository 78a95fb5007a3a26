import { outcomeWindow, type OutcomeWindow, type WindowSpec } from './outcome-window.js';

/** When a circuit opens: a description that many breakers may share, each with a state of its own. */
export interface TripRule {
  /** @internal */
  readonly start: (before: Before) => TripState;
}

/** What the rule that is replaced has counted: it alone, or the parts of several. */
export type Before = TripState | Pick<TripState, 'parts'> | undefined;

/** What one breaker has counted for a rule. Times are milliseconds of its clock. */
export interface TripState {
  /** Whether a reading of the clock matters; 0 will do where it does not. */
  readonly timed: boolean;
  /** A call that ran for this long or longer was slow; `Infinity` where the rule does not ask. */
  readonly slowerThan: number;
  /** Whether it is about a rate. */
  readonly rated: boolean;
  /** What is counted, for a rule that replaces this one. */
  readonly counts?: 'row' | 'failures' | 'slow' | undefined;
  /** The states of several rules, those within rules among them. */
  readonly parts?: TripState[] | undefined;
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
  readonly counts = 'row' as const;
  private row: number;
  private since: number;

  constructor(
    private readonly failures: number,
    private readonly over: number,
    before: Before,
  ) {
    const taken = takeOver(before, 'row') as Consecutive | undefined;
    this.timed = over > 0;
    this.row = taken?.row ?? 0;
    this.since = taken?.timed === true ? taken.since : Infinity;
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
  readonly counts: 'failures' | 'slow';
  private readonly window: OutcomeWindow;

  constructor(
    spec: WindowSpec,
    private readonly limit: Limit,
    before: Before,
  ) {
    this.rated = limit.threshold !== undefined;
    this.slowerThan = limit.threshold === undefined ? Infinity : limit.slowerThan;
    this.counts = this.slowerThan === Infinity ? 'failures' : 'slow';
    // Who counts what is slow counts failures, too; the other way round nothing was known to be slow.
    const taken = (takeOver(before, this.counts) ?? takeOver(before, 'slow')) as Counted | undefined;
    this.window = taken?.window.resize(spec) ?? outcomeWindow(spec);
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
  readonly parts: TripState[];

  constructor(rules: readonly TripRule[], before: Before) {
    // What one has taken over the others do not see.
    const all = { parts: partsOf(before) };
    this.parts = rules.flatMap((rule) => partsOf(rule.start(all)));
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

const partsOf = (state: Before): TripState[] => state?.parts ?? (state === undefined ? [] : [state as TripState]);

/** What has counted the same until now: for one rule alone, for it is written on. */
function takeOver(before: Before, counts: TripState['counts']): TripState | undefined {
  const parts = partsOf(before);
  const at = parts.findIndex((part) => part.counts === counts);
  return at < 0 ? undefined : parts.splice(at, 1)[0];
}
