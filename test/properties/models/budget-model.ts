/** What rounding may make of a sum of fractions. */
const rounding = 1e-9;

export interface BudgetSettings {
  readonly ratio: number;
  readonly minPerSecond: number;
  readonly burst: number;
  /** Milliseconds. */
  readonly window: number;
}

/** The formula of `retryBudget`, in tokens: everything happens where a try has failed, `dt` after the last one. */
export class ModelBudget {
  private tokens: number;
  private tries = 0;
  private last: number | undefined;

  constructor(private readonly settings: BudgetSettings) {
    this.tokens = settings.burst;
  }

  tried(): void {
    this.tries++;
  }

  take(now: number): boolean {
    this.tokens = this.tokensAt(now);
    this.tries = 0;
    this.last = now;
    if (this.tokens < 1 - rounding) return false;
    this.tokens -= 1;
    return true;
  }

  tokensAt(now: number): number {
    const { burst, minPerSecond, ratio, window } = this.settings;
    // Before the first failure there was nothing that could have lapsed.
    const dt = this.last === undefined ? window : Math.max(0, now - this.last);
    const kept = dt >= window ? Math.min(this.tokens, burst) : this.tokens;
    const refilled = Math.max(kept, Math.min(burst, kept + (minPerSecond * dt) / 1_000));
    return refilled + ratio * this.tries * Math.min(1, window / Math.max(dt, 1e-9));
  }

  left(now: number): number {
    return Math.floor(this.tokensAt(now) + rounding);
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
