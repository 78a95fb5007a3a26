import { checkKeys, checkNumber, reading } from './options.js';
import { type RetryBudget, token, whole } from './retry-budget.js';

export interface TokenBudgetOptions {
  /** Tokens at the start and the most there can be, above 0 to 1,000. A retry needs more than half of them. */
  readonly maxTokens: number;
  /** Tokens given back by a call that ends well, at least 0.001; three decimals count. */
  readonly tokenRatio: number;
}

/**
 * gRPC's retry throttling (gRFC A6): a failure takes a token, a success gives `tokenRatio` back, and nothing is tried
 * again while half of the tokens or more are gone. It knows no time: after an outage only successes restore it.
 *
 * @throws TypeError, RangeError
 */
export function tokenBudget(options: TokenBudgetOptions): RetryBudget {
  return reading('tokenBudget', () => {
    const { maxTokens, tokenRatio } = checkKeys('options', options, ['maxTokens', 'tokenRatio']);
    checkNumber('maxTokens', maxTokens, Number.MIN_VALUE, 1_000);
    checkNumber('tokenRatio', tokenRatio, 0.001);
    return new TokenBudget(Math.round(maxTokens * token), whole(tokenRatio * token));
  });
}

class TokenBudget implements RetryBudget {
  private tokens: number;

  constructor(
    private readonly most: number,
    private readonly back: number,
  ) {
    this.tokens = most;
  }

  tried(): void {
    // What counts is how it ends.
  }

  succeeded(): void {
    this.tokens = Math.min(this.most, this.tokens + this.back);
  }

  failed(): void {
    this.tokens = Math.max(0, this.tokens - token);
  }

  take(): boolean {
    return this.tokens * 2 > this.most;
  }

  refilledIn(): number {
    return this.tokens * 2 > this.most + 2 * token ? 0 : Infinity;
  }

  left(): number {
    return Math.max(0, Math.ceil((this.tokens - this.most / 2) / token) - 1);
  }
}
