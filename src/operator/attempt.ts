import { from, Observable, type ObservableInput, type ObservedValueOf, type Subscriber } from 'rxjs';
import { reading } from '../core/options.js';
import type { Priority } from '../core/priority.js';
import { discard } from '../core/response.js';
import { checkMake, isPromise } from './async-input.js';
import type { Deadline } from './deadline.js';
import { emitLast, Hearing } from './last-value.js';
import { ambient, carrying, shared } from './shared.js';

/** What the function given to `attempt` is called with. */
export interface AttemptContext {
  /**
   * Fires when the call is unsubscribed before it has ended. Its reason is the `DeadlineExceededError` of the deadline
   * that cut it, else an `AbortError`.
   */
  readonly signal: AbortSignal;
  readonly deadline: Deadline | undefined;
  readonly priority: Priority | undefined;
  /** Number of the try of the nearest retry, the first is 1. */
  readonly attempt: number;
  readonly tags: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The source of a call: runs `make` anew for each subscription, with the context in which it is subscribed and an abort
 * signal. As `defer`, and what it throws is the call's error.
 *
 * Once `rxjs-resilience/node` is imported, `make` is in that context also after an `await`.
 *
 * A promise has ended as soon as it has settled, before its value is emitted, so that `firstValueFrom(attempt(({ signal
 * }) => fetch(url, { signal })))` does not abort the body that is still to be read. The policies directly around it have
 * settled by then too: a next call that is made for the value, as by `switchMap`, meets a free place. A `Response` that
 * comes when the call is over is cancelled.
 *
 * ```ts
 * attempt(({ signal }) => fetch(`/items/${id}`, { signal }))
 * ```
 */
export function attempt<O extends ObservableInput<unknown>>(
  make: (context: AttemptContext) => O,
): Observable<ObservedValueOf<O>> {
  reading('attempt', () => checkMake('make', make));
  return new Observable((subscriber) => new Attempt(subscriber).run(make));
}

class Attempt implements AttemptContext {
  readonly deadline: Deadline | undefined;
  readonly priority: Priority | undefined;
  readonly attempt: number;
  readonly tags: Readonly<Record<string, unknown>> | undefined;
  private controller: AbortController | undefined = undefined;
  private ended = false;

  constructor(private readonly subscriber: Subscriber<unknown>) {
    const { deadline, priority, attempt, tags } = ambient();
    this.deadline = deadline;
    this.priority = priority;
    this.attempt = attempt;
    this.tags = tags;
  }

  /** Made on first use: most calls are never aborted, and many never ask. */
  get signal(): AbortSignal {
    return (this.controller ??= new AbortController()).signal;
  }

  run(make: (context: AttemptContext) => ObservableInput<unknown>): () => void {
    const input = shared.carrier === undefined ? make(this) : carrying(ambient(), () => make(this));
    if (isPromise(input)) this.settle(input);
    else this.follow(from(input));
    return () => this.leave();
  }

  private settle(promise: PromiseLike<unknown>): void {
    const { subscriber } = this;
    promise.then(
      (value) => {
        this.ended = true;
        // Nobody gets it any more.
        if (subscriber.closed) discard(value);
        else emitLast(subscriber, value);
      },
      (error: unknown) => {
        this.ended = true;
        subscriber.error(error);
      },
    );
  }

  private follow(source: Observable<unknown>): void {
    const { subscriber } = this;
    const hearing = new Hearing({
      next: (value) => subscriber.next(value),
      error: (error) => {
        this.ended = true;
        subscriber.error(error);
      },
      complete: () => {
        this.ended = true;
        subscriber.complete();
      },
      last: (value) => {
        this.ended = true;
        emitLast(subscriber, value);
      },
    });
    subscriber.add(hearing);
    source.subscribe(hearing);
  }

  private leave(): void {
    if (this.ended) return;
    this.ended = true;
    const { cause } = shared;
    if (cause?.cut === undefined) this.controller?.abort();
    else this.controller?.abort(cause.cut);
  }
}
