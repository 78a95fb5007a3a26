import { from, Observable, type ObservableInput, type ObservedValueOf, type Subscriber } from 'rxjs';
import { reading } from '../core/options.js';
import type { Priority } from '../core/priority.js';
import { abortWith } from './abort-reason.js';
import { checkMake, isPromise } from './async-input.js';
import type { Deadline } from './deadline.js';
import type { Frame } from './frame.js';
import { emitLast, Hearing, settleInto } from './last-value.js';
import { ambient, carrying, shared } from './shared.js';

/** What the function given to `attempt` is called with. It can be destructured and spread. */
export interface AttemptContext {
  /**
   * Fires when the call is unsubscribed before it has ended, and is aborted already where it is first read after that.
   * Its reason is the `DeadlineExceededError` of the deadline that cut it, else an `AbortError`.
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

/** One subscription. It is also the handler of the context that user code gets. */
class Attempt implements ProxyHandler<AttemptContext> {
  private controller: AbortController | undefined = undefined;
  private ended = false;
  /** It was left before it had ended. */
  private left: { readonly reason: unknown } | undefined = undefined;

  constructor(private readonly subscriber: Subscriber<unknown>) {}

  run(make: (context: AttemptContext) => ObservableInput<unknown>): () => void {
    const context = this.contextOf(ambient());
    const input = shared.carrier === undefined ? make(context) : carrying(ambient(), () => make(context));
    if (isPromise(input)) settleInto(this.subscriber, input, () => void (this.ended = true));
    else this.follow(from(input));
    return () => this.leave();
  }

  /**
   * The context has own properties, so that it can be spread. Its `signal` is made on first use: most calls are never
   * aborted, and many never ask. A getter in each context would cost ten times as much as a proxy.
   */
  private contextOf({ attempt, deadline, priority, tags }: Frame): AttemptContext {
    const signal = undefined as unknown as AbortSignal;
    return new Proxy<AttemptContext>({ signal, deadline, priority, attempt, tags }, this);
  }

  get(context: AttemptContext, key: string | symbol): unknown {
    return key === 'signal' ? this.signal() : context[key as keyof AttemptContext];
  }

  /** A spread, or a copy by descriptors, takes the signal along. */
  getOwnPropertyDescriptor(context: AttemptContext, key: string | symbol): PropertyDescriptor | undefined {
    if (key === 'signal') (context as { signal: AbortSignal }).signal = this.signal();
    return Reflect.getOwnPropertyDescriptor(context, key);
  }

  private signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      // The call is over: work that begins with this signal now could not be stopped later.
      if (this.left !== undefined) abortWith(this.controller, this.left.reason);
    }
    return this.controller.signal;
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
    const reason = shared.cause?.cut;
    this.left = { reason };
    if (this.controller !== undefined) abortWith(this.controller, reason);
  }
}
