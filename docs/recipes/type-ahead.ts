import { catchError, debounceTime, distinctUntilChanged, map, type Observable, type ObservableInput, of, switchMap } from 'rxjs';
import { attempt, classify, exponential, resiliencePipeline } from 'rxjs-resilience';

/** What the list below the field shows. */
export interface Suggestions<T> {
  readonly text: string;
  readonly items: readonly T[];
  /** Why there are none: the search is away for a while, or it does not take this text. */
  readonly problem?: 'unavailable' | 'not understood';
}

export type Search<T> = (text: string, signal: AbortSignal) => ObservableInput<readonly T[]>;

/** Made once for each search service: the circuit and the budget of retries are those of the service. */
export function typeAhead<T>(search: Search<T>) {
  const policies = resiliencePipeline({
    name: 'search',
    attemptDeadline: 1_000,
    breaker: {
      // Who types fast leaves each call before its deadline: without this, a search that hangs would never be noticed.
      hungAfter: 500,
    },
    retry: { backoff: exponential({ initial: 100 }), maxRetries: 1 },
    deadline: 2_000,
  });

  const suggest = (text: string): Observable<Suggestions<T>> => {
    if (text === '') return of({ text, items: [] });
    return attempt(({ signal }) => search(text, signal)).pipe(
      policies,
      map((items) => ({ text, items })),
      // Inside of switchMap: one error further out would end the field for good.
      catchError((error: unknown) => {
        const kind = classify(error);
        if (kind === 'bug') throw error;
        return of<Suggestions<T>>({ text, items: [], problem: kind === 'permanent' ? 'not understood' : 'unavailable' });
      }),
    );
  };

  return {
    breaker: policies.parts.breaker,
    health$: policies.health$,
    /** Each text that stands for a quarter of a second; the next one cancels the call of the one before. */
    suggestions: (text$: Observable<string>) =>
      text$.pipe(
        map((text) => text.trim()),
        debounceTime(250),
        distinctUntilChanged(),
        switchMap(suggest),
      ),
  };
}
