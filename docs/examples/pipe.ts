import { attempt, bulkhead, circuitBreaker, exponential } from 'rxjs-resilience';
import { fallbackToLast, lastValues, loadShed, retryWithBackoff, withDeadline } from 'rxjs-resilience';

const catalog = circuitBreaker({ name: 'catalog' });
const pool = bulkhead(10, 20, { name: 'catalog' });
const retry = retryWithBackoff(exponential(), { name: 'catalog' });
const shed = loadShed('critical');
const last = lastValues<{ name: string }>({ maxAge: 60_000 });

export const find = (id: string) =>
  attempt(async ({ signal }) => {
    const response = await fetch(`/items/${id}`, { signal });
    if (!response.ok) throw response; // a 503 is tried again, a 404 is an answer
    return response.json();
  }).pipe(
    withDeadline(800), //     each try
    pool, //                  10 at once, 20 wait
    catalog, //               refused while it is down
    retry, //                 what is transient, three times
    shed, //                  the least important first
    withDeadline(3_000), //   the whole operation
    fallbackToLast(last, id), // the last good answer
  );

catalog.health$.subscribe(({ name, status }) => console.log(name, status)); // catalog up
