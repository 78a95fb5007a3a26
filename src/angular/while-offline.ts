import { Observable, type Subscription } from 'rxjs';
import { captureAsyncScope, runInAsyncScope } from '../operator/async-resource.js';
import { runInFrame } from '../operator/context.js';
import { ambient, shared } from '../operator/shared.js';
import { isUnanswered, type Network } from './network.js';

type Operator = (source: Observable<unknown>) => Observable<unknown>;

/**
 * Pipes `source` through `call`, and takes the call back where the source fails while this device is offline: that says
 * nothing of the dependency, whatever the policies in `call` think of the error. They hear what they hear when a hedged
 * call was slower: permits and probes come back, and nothing is counted.
 *
 * Then it waits until it is online, without holding anything, and calls again; or, where it may not, and where its
 * application has ended meanwhile, ends with the error.
 * Whoever unsubscribes, a deadline further out for one, ends the wait.
 */
export function whileOffline(network: Network, waits: boolean, call: Operator, source: Observable<unknown>): Observable<unknown> {
  return new Observable((subscriber) => {
    const frame = ambient();
    const scope = captureAsyncScope();
    let inner: Subscription | undefined;
    let stopWaiting: (() => void) | undefined;
    let failed: { readonly error: unknown } | undefined;

    const watched = new Observable((tried) =>
      source.subscribe({
        next: (value) => tried.next(value),
        error: (error: unknown) => {
          if (!isUnanswered(error) || !network.isOffline()) tried.error(error);
          else {
            failed = { error };
            // Not while it is still being subscribed.
            if (inner !== undefined) takeBack(error);
          }
        },
        complete: () => tried.complete(),
      }),
    );
    const start = (): void => {
      stopWaiting = inner = failed = undefined;
      const started = runInFrame(frame, () => call(watched).subscribe(forward));
      inner = started;
      if (subscriber.closed) started.unsubscribe();
      else if (failed !== undefined) takeBack((failed as { readonly error: unknown }).error);
    };
    const forward = {
      next: (value: unknown) => subscriber.next(value),
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    };
    const takeBack = (error: unknown): void => {
      lose(inner!);
      const giveUp = (): void => subscriber.error(error);
      if (waits) stopWaiting = network.onceOnline(() => runInAsyncScope(scope, start), giveUp);
      else giveUp();
    };

    start();
    return () => {
      stopWaiting?.();
      if (inner === undefined) return;
      // A deadline further out: what hangs while there is no network has not been too slow.
      if (shared.cause !== undefined && network.isOffline()) lose(inner);
      else inner.unsubscribe();
    };
  });
}

/** Unsubscribes a call as one that was not needed any more. */
function lose(call: Subscription): void {
  const { cause } = shared;
  shared.cause = { lost: true };
  try {
    call.unsubscribe();
  } finally {
    shared.cause = cause;
  }
}
