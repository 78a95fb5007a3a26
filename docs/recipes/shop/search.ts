import { map, type Observable, of } from 'rxjs';
import { attempt, fallbackToValue } from 'rxjs-resilience';
import type { Backends } from './backends.ts';
import { catalogue } from './catalogue.ts';
import type { ShopPolicies } from './policies.ts';

export interface SearchResult {
  readonly items: readonly string[];
  /** `best` by the ranking service; `cheap`: in the order of their prices, which needs nobody. */
  readonly ranking: 'best' | 'cheap';
}

/** A request with less time than this is not worth a call: the answer would come when its caller has gone. */
const worthACall = 50;

/** The items that match a query, ranked as well as the time allows that the request has left. */
export function search(backends: Backends, policies: ShopPolicies): (query: string) => Observable<SearchResult> {
  return (query) => {
    const words = query.toLowerCase().split(/\s+/);
    const found = catalogue.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
    const cheap: SearchResult = { items: found.sort((a, b) => a.price - b.price).map(({ id }) => id), ranking: 'cheap' };

    return attempt(({ deadline }) => {
      if (deadline !== undefined && deadline.remaining() < worthACall) return of(cheap);
      return attempt(({ signal }) => backends.rank(query, cheap.items, signal)).pipe(
        policies.ranking,
        map((items): SearchResult => ({ items, ranking: 'best' })),
        fallbackToValue(cheap, { name: 'cheap ranking' }),
      );
    });
  };
}
