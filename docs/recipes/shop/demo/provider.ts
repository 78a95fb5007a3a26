import type { ChargeOutcome } from '../backends.ts';

export interface Charge {
  readonly amount: number;
  readonly outcome: ChargeOutcome;
}

/** The books of a payment provider: for one key there is one charge, however often it is asked for. */
export class ProviderBooks {
  readonly charges = new Map<string, Charge>();
  readonly #asked = new Map<string, number>();

  /** Takes the money, unless it was taken under this key before. A key stands for one amount. */
  charge(key: string, amount: number): ChargeOutcome | 'other amount' {
    const known = this.charges.get(key);
    if (known !== undefined) return known.amount === amount ? known.outcome : 'other amount';
    const outcome = amount > limit ? 'declined' : 'charged';
    this.charges.set(key, { amount, outcome });
    return outcome;
  }

  /** Notes a request. */
  asked(key: string): void {
    this.#asked.set(key, this.timesAsked(key) + 1);
  }

  timesAsked(key: string): number {
    return this.#asked.get(key) ?? 0;
  }

  get requests(): number {
    return [...this.#asked.values()].reduce((sum, times) => sum + times, 0);
  }
}

/** In cents: no card of these customers bears more. */
const limit = 200_000;
