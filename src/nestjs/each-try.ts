import { from, Observable, type ObservableInput } from 'rxjs';
import { attempt } from '../operator/attempt.js';
import { runInContext } from '../operator/context.js';

/**
 * `make`, called anew for each try, under a context whose signal aborts when the try is cut. A promise runs on whatever
 * becomes of the call; the policies, requests and queues that it is in the middle of then end with it.
 */
export function eachTry<T>(make: () => ObservableInput<T>): Observable<T> {
  return attempt(
    ({ signal }) => new Observable<T>((subscriber) => runInContext({ signal }, () => from(make()).subscribe(subscriber))),
  );
}
