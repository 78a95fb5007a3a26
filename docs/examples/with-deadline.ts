import { attempt, isDeadlineExceededError, retryWithBackoff, withDeadline } from 'rxjs-resilience';
import { catchError, EMPTY } from 'rxjs';

const retry = retryWithBackoff({ name: 'items' });

/** Each try has 800 ms, all of them together have 3 s. What is sent along says how much is left. */
export const find = (id: string) =>
  attempt(({ signal, deadline }) => {
    const headers = { 'x-time-left': String(Math.floor(deadline?.remaining() ?? 0)) };
    return fetch(`/items/${id}`, { signal, headers });
  }).pipe(
    withDeadline(800),
    retry,
    withDeadline(3_000),
    catchError((error: unknown) => {
      if (isDeadlineExceededError(error)) console.log(`gave up after ${error.budget} ms`);
      return EMPTY;
    }),
  );

/** A write that has begun may finish; a feed has to begin within 2 s and then lives for as long as it likes. */
export const inTime = withDeadline({ within: 1_000, onExpire: 'detach' }, { name: 'save' });
export const begins = withDeadline({ within: 2_000, until: 'firstValue' }, { name: 'feed' });
