import { map, type Observable } from 'rxjs';
import { attempt, fallbackToValue } from 'rxjs-resilience';
import type { Backends } from './backends.ts';
import { catalogue } from './catalogue.ts';
import type { ShopPolicies } from './policies.ts';

export interface Recommendations {
  readonly items: readonly string[];
  readonly from: 'recommendations' | 'trending';
}

/** What is being bought. Everything that is needed for it is here, so it is always there. */
export class Trending {
  readonly #bought = new Map(catalogue.map(({ id }) => [id, 0]));

  bought(item: string, quantity: number): void {
    this.#bought.set(item, (this.#bought.get(item) ?? 0) + quantity);
  }

  top(count: number): string[] {
    return [...this.#bought].sort(([, a], [, b]) => b - a).slice(0, count).map(([id]) => id);
  }
}

/** What a user may like, else what everybody buys. */
export function recommendations(
  backends: Backends,
  policies: ShopPolicies,
  trending: Trending,
): (user: string) => Observable<Recommendations> {
  return (user) =>
    attempt(({ signal }) => backends.recommend(user, signal)).pipe(
      policies.recommendations,
      map((items): Recommendations => ({ items, from: 'recommendations' })),
      fallbackToValue((): Recommendations => ({ items: trending.top(3), from: 'trending' }), { name: 'trending items' }),
    );
}
