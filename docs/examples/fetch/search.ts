import { debounceTime, distinctUntilChanged, type Observable, switchMap } from 'rxjs';
import { readPipeline } from 'rxjs-resilience';
import { fetch$ } from 'rxjs-resilience/fetch';

const search = readPipeline({ name: 'search', tolerance: 'lenient' });

export const results = (terms$: Observable<string>, url: string): Observable<readonly string[]> =>
  terms$.pipe(
    debounceTime(200),
    distinctUntilChanged(),
    // A term that has changed aborts the request for the one before.
    switchMap((term) => fetch$(`${url}?q=${encodeURIComponent(term)}`, { resilience: search })),
    switchMap((response) => response.json() as Promise<readonly string[]>),
  );
