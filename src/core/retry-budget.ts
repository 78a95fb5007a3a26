import { checkKeys, checkNumber, reading } from './options.js';

/**
 * How many retries a dependency can bear. One object may serve several policies. Times are milliseconds of the asking
 * policy's clock; a success needs none.
 */
export interface RetryBudget {
  /** A policy begins to use it; of several the first counts. */
  started?(now: number): void;
  /** A first try was made. */
  tried(): void;
  /** A call has ended well. */
  succeeded(): void;
  /** A try has failed in a way that could be tried again. */
  failed(): void;
  /** Whether it may be; that is taken from the budget. */
  take(now: number): boolean;
  /** Retries there are at `now`; changes nothing. */
  left(now: number): number;
  /** Milliseconds from `now` until there is one without any traffic; 0 where there is, `Infinity` where only traffic helps. */
  refilledIn(now: number): number;
}

/** Thousandths of a token are counted in whole numbers: 0.1 added ten times is not 1. */
export const token = 1_000;

export interface RetryBudgetOptions {
  /** Retries earned by each first try, 0 to 10. Default 0.2. */
  readonly ratio?: number | undefined;
  /** Retries that come by themselves each second, at least 0, up to `burst`. Default 1. */
  readonly minPerSecond?: number | undefined;
  /** Retries there are at the start, at least 0. Default 10. */
  readonly burst?: number | undefined;
  /** Milliseconds after which what first tries have earned lapses, at least 1. Default 10,000. */
  readonly window?: number | undefined;
}

/**
 * A budget in proportion to traffic, as Finagle's: a fleet of clients that all fail adds `ratio` to the load and not a
 * multiple of it. `ratio: 0.2` lets one retry through for five first tries, `minPerSecond` keeps a quiet client able to
 * retry at all.
 *
 * The clock is read where a try fails: what first tries have earned since the last failure, or since a policy began to
 * use it, is added then, less what has lapsed meanwhile. There is never more than `burst` and what was earned in two
 * windows: where now and then a try fails, an hour of traffic would be saved up otherwise, and nothing would hold back
 * the retries of an outage.
 *
 * @throws TypeError, RangeError
 */
export function retryBudget(options: RetryBudgetOptions = {}): RetryBudget {
  return reading('retryBudget', () => {
    const given = checkKeys('options', options, ['ratio', 'minPerSecond', 'burst', 'window']);
    const { ratio = 0.2, minPerSecond = 1, burst = 10, window = 10_000 } = given;
    checkNumber('ratio', ratio, 0, 10);
    checkNumber('minPerSecond', minPerSecond, 0);
    checkNumber('burst', burst, 0);
    checkNumber('window', window, 1);
    return new ProportionalBudget(ratio, minPerSecond, Math.round(burst * token), window);
  });
}

class ProportionalBudget implements RetryBudget {
  private tokens: number;
  private fraction = 0;
  private tries = 0;
  private last: number | undefined = undefined;
  /** Earned in the present window, spent or not, and how long that has lasted. */
  private earned = 0;
  private age = 0;

  constructor(
    private readonly ratio: number,
    private readonly minPerSecond: number,
    private readonly burst: number,
    private readonly window: number,
  ) {
    this.tokens = burst;
  }

  started(now: number): void {
    this.last ??= now;
  }

  tried(): void {
    this.tries++;
  }

  succeeded(): void {
    // What counts is how much was tried.
  }

  failed(): void {
    // What counts is how much was tried.
  }

  take(now: number): boolean {
    const passed = this.passedAt(now);
    const exact = this.tokensAt(now);
    this.tokens = whole(exact);
    // Failures in quick succession earn less than a thousandth each.
    this.fraction = Math.max(0, exact - this.tokens);
    this.age += passed;
    if (this.age >= this.window) {
      this.earned = 0;
      this.age %= this.window;
    }
    this.earned += this.earnedIn(passed);
    this.tries = 0;
    this.last = now;
    if (this.tokens < token) return false;
    this.tokens -= token;
    return true;
  }

  left(now: number): number {
    return Math.floor(whole(this.tokensAt(now)) / token);
  }

  private tokensAt(now: number): number {
    const passed = this.passedAt(now);
    const tokens = this.lasting(passed);
    const refilled = Math.min(this.burst, tokens + this.minPerSecond * passed);
    return Math.max(tokens, refilled) + this.earnedIn(passed);
  }

  private passedAt(now: number): number {
    // Two policies may have different clocks: time that runs backwards is no time.
    return this.last === undefined ? this.window : Math.max(0, now - this.last);
  }

  /** What there was at the last failure and has not lapsed: as a window ends, what was earned before it does. */
  private lasting(passed: number): number {
    const { age, burst, earned, window } = this;
    const tokens = this.tokens + this.fraction;
    if (passed >= window) return Math.min(tokens, burst);
    return age + passed >= window ? Math.min(tokens, burst + earned) : tokens;
  }

  /** What first tries have earned since the last failure, of which the last window counts. */
  private earnedIn(passed: number): number {
    return this.ratio * this.tries * Math.min(1, this.window / passed) * token;
  }

  refilledIn(now: number): number {
    const tokens = this.tokensAt(now);
    if (whole(tokens) >= token) return 0;
    // `burst` is the most that comes by itself.
    return this.burst >= token ? (token - tokens) / this.minPerSecond : Infinity;
  }
}

/** What sums of fractions fall short of is rounding, not a debt. */
export function whole(thousandths: number): number {
  return Math.floor(thousandths + 1e-6);
}
