import type { Observable } from 'rxjs';
import { bulkhead, circuitBreaker, fallbackToValue, retryWithBackoff, withDeadline } from 'rxjs-resilience';

/** Room for every call of a case, so that none waits. */
export const room = 10_000;

/** Milliseconds: more than a repeat takes on a slow machine, or deadlines would fire. */
export const allowed = 60_000;

/** Applies five policies that are kept. */
export type Stack = (source: Observable<number>) => Observable<number>;

/** Five with their defaults: the window of the breaker and the budget of the retry included. */
export function ourStack(): Stack {
  const deadline = withDeadline(allowed);
  const pool = bulkhead(room);
  const breaker = circuitBreaker();
  const retry = retryWithBackoff();
  const fallback = fallbackToValue(0);
  return (source) => source.pipe(deadline, pool, breaker, retry, fallback);
}
