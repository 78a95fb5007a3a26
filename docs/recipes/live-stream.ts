import { concatWith, defer, filter, map, type Observable, type ObservableInput, share, tap, throwError, timeout } from 'rxjs';
import { attempt, circuitBreaker, classify, detachContext, exponential, retryWithBackoff, withDeadline } from 'rxjs-resilience';

/** What comes over the wire: a heartbeat is a message without data. */
export interface Message<T> {
  readonly id?: string | undefined;
  readonly data?: T | undefined;
}

/** What cannot be read is left out: as an error it would be sent again with each connection, for ever. */
export function readJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}

/** Opens one connection. `after` is the id of the last message that was seen, `signal` closes it. */
export type Connect<T> = (after: string | undefined, signal: AbortSignal) => ObservableInput<Message<T>>;

/** One stream for everybody who listens, which stays connected for as long as anybody does. */
export function liveStream<T>(name: string, connect: Connect<T>) {
  // A connection is a success with its first message, and one is enough to close the circuit: there is only this one.
  const breaker = circuitBreaker({ name, settleOn: 'firstValue', successThreshold: 1 });
  const reconnect = retryWithBackoff(exponential({ initial: 500, cap: 30_000, jitter: 'equal' }), {
    name,
    maxRetries: Infinity,
    budget: false, //               it is one connection, and not a share of many calls
    resetOnValue: true, //          what has worked begins again with short waits
    maxRetryAfter: 300_000, //      longer than the circuit is ever open
    retryIf: (error) => ['transient', 'refused'].includes(classify(error)),
  });
  const opened = withDeadline({ within: 5_000, until: 'firstValue' }, { name });

  const messages$ = defer(() => {
    let after: string | undefined;
    return attempt(({ signal }) => connect(after, signal)).pipe(
      concatWith(throwError(() => new Error('the server has ended the stream'))),
      timeout({ each: 30_000 }), // the longest gap: two heartbeats
      opened, //                    the first message has to come sooner
      breaker,
      reconnect,
      tap(({ id }) => (after = id ?? after)),
    );
  });

  return {
    breaker,
    health$: breaker.health$,
    data$: messages$.pipe(
      filter((message): message is Message<T> & { readonly data: T } => message.data !== undefined),
      map(({ data }) => data),
      // The first listener's deadline is not that of the others.
      detachContext(),
      share(),
    ) as Observable<T>,
  };
}
