/** What rounding may make of a sum of fractions. */
const rounding = 1e-9;

export interface BudgetSettings {
  readonly ratio: number;
  readonly minPerSecond: number;
  readonly burst: number;
  /** Milliseconds. */
  readonly window: number;
}

/**
 * The formula of `retryBudget`, in tokens: everything happens where a try has failed, `dt` after the last one. There is
 * never more than the burst and what was earned in the present window and the one before.
 */
export class ModelBudget {
  private tokens: number;
  private tries = 0;
  /** Time as far as somebody has asked. */
  private passed = 0;
  private earned: readonly { readonly window: number; readonly tokens: number }[] = [];

  /** When somebody began to use it, then when a try failed last; undefined where nobody has said. */
  private last: number | undefined;

  constructor(private readonly settings: BudgetSettings) {
    this.tokens = settings.burst;
  }

  started(now: number): void {
    this.last ??= now;
  }

  tried(): void {
    this.tries++;
  }

  take(now: number): boolean {
    const dt = this.timeUntil(now);
    this.tokens = this.tokensAt(now);
    this.passed += dt;
    if (dt >= this.settings.window) this.earned = [];
    this.earned = [...this.earned, { window: this.windowAt(this.passed), tokens: this.earnedIn(dt) }];
    this.tries = 0;
    this.last = now;
    if (this.tokens < 1 - rounding) return false;
    this.tokens -= 1;
    return true;
  }

  tokensAt(now: number): number {
    const { burst, minPerSecond, window } = this.settings;
    const dt = this.timeUntil(now);
    const present = this.windowAt(this.passed + dt);
    const recent = dt >= window ? [] : this.earned.filter((one) => one.window >= present - 1);
    const kept = Math.min(this.tokens, burst + recent.reduce((sum, one) => sum + one.tokens, 0));
    const refilled = Math.max(kept, Math.min(burst, kept + (minPerSecond * dt) / 1_000));
    return refilled + this.earnedIn(dt);
  }

  left(now: number): number {
    return Math.floor(this.tokensAt(now) + rounding);
  }

  /** What first tries have earned in the last `dt`, of which the last window counts. */
  earnedIn(dt: number): number {
    const { ratio, window } = this.settings;
    return ratio * this.tries * Math.min(1, window / Math.max(dt, 1e-9));
  }

  /** Since the last failure or the beginning; before a first failure of which no beginning is known nothing lapses. */
  timeUntil(now: number): number {
    return this.last === undefined ? this.settings.window : Math.max(0, now - this.last);
  }

  private windowAt(passed: number): number {
    return Math.floor(passed / this.settings.window);
  }

  /** Milliseconds of doing nothing until there is one. */
  refilledIn(now: number): number {
    const { burst, minPerSecond } = this.settings;
    const tokens = this.tokensAt(now);
    if (tokens >= 1 - rounding) return 0;
    return minPerSecond > 0 && burst >= 1 ? ((1 - tokens) * 1_000) / minPerSecond : Infinity;
  }
}

/** gRFC A6, in thousandths of a token. */
export class ModelTokens {
  private tokens: number;

  constructor(
    private readonly most: number,
    private readonly back: number,
  ) {
    this.tokens = most;
  }

  get mayRetry(): boolean {
    return this.tokens > this.most / 2;
  }

  succeeded(): void {
    this.tokens = Math.min(this.most, this.tokens + this.back);
  }

  failed(): void {
    this.tokens = Math.max(0, this.tokens - 1_000);
  }

  /** How many failures in a row would be tried again. */
  get left(): number {
    const rest = new ModelTokens(this.most, this.back);
    rest.tokens = this.tokens;
    let left = 0;
    for (rest.failed(); rest.mayRetry; rest.failed()) left++;
    return left;
  }
}
