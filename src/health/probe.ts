import { from, Observable, Subscription, take } from 'rxjs';
import { DeadlineExceededError, hungAfter, isStall } from '../core/deadline-exceeded-error.js';
import { discard } from '../core/response.js';
import { stackless } from '../core/stackless.js';
import { isAsyncInput, isPromise } from '../operator/async-input.js';
import { type AsyncScope, captureAsyncScope, runInAsyncScope } from '../operator/async-resource.js';
import { shared } from '../operator/shared.js';
import { TimerEntry, type TimeSource } from '../operator/timer-list.js';
import { failure, readResult, type Result } from './probe-result.js';

/** One asking of a dependency. It tells once what came of it; undefined where that proves nothing. */
export class Probe extends TimerEntry {
  private subscription: Subscription | undefined = new Subscription();
  private scope: AsyncScope = undefined;
  private start = 0;

  constructor(
    private readonly name: string,
    private readonly timeout: number,
    private readonly done: (result: Result | undefined) => void,
  ) {
    super();
  }

  run(ask: () => unknown, time: TimeSource): void {
    const { subscription } = this;
    this.start = time.clock.now();
    try {
      const answer = ask();
      if (!isAsyncInput(answer)) return this.answered(answer);
      subscription!.add(
        (isPromise(answer) ? discarding(answer) : from(answer))
          .pipe(take(1))
          .subscribe({
            next: (value) => this.answered(value),
            error: (error: unknown) => this.failed(error),
            complete: () => this.end(readResult(undefined)),
          }),
      );
    } catch (thrown) {
      this.failed(thrown);
    }
    if (this.subscription === undefined) return;
    this.scope = captureAsyncScope();
    this.arm(time);
  }

  /** Also anew, where its timer may have been lost. */
  arm(time: TimeSource): void {
    if (this.subscription !== undefined) time.add(this, this.timeout, this.start);
  }

  /** Nobody wants to know any more. */
  abandon(): void {
    this.cancel();
    const { subscription } = this;
    this.subscription = undefined;
    subscription?.unsubscribe();
  }

  override fire(late: number): void {
    // The timer may be one of calls, too.
    runInAsyncScope(this.scope, () => this.expire(late));
  }

  private expire(late: number): void {
    const { name, timeout } = this;
    const stalled = isStall(late, timeout);
    const facts = { started: true, budget: timeout, shortened: false, stalled, hungAfter: hungAfter(timeout), ran: timeout + late };
    const error = stackless(false, () => new DeadlineExceededError(name, facts));
    const { cause } = shared;
    shared.cause = { cut: error };
    try {
      this.subscription?.unsubscribe();
    } finally {
      shared.cause = cause;
    }
    this.end(stalled ? undefined : { status: 'down', details: { reason: 'timeout', timeout }, error });
  }

  /** Nobody reads the body of a response that was asked for its status alone. */
  private answered(value: unknown): void {
    const result = readResult(value);
    discard(value);
    this.end(result);
  }

  private failed(error: unknown): void {
    const result = failure(error);
    discard(responseOf(error));
    this.end(result);
  }

  private end(result: Result | undefined): void {
    if (this.subscription === undefined) return;
    this.abandon();
    this.done(result);
  }
}

/** A promise cannot be told that nobody waits any more: what it brings then is let go of. */
function discarding(promise: PromiseLike<unknown>): Observable<unknown> {
  return new Observable((subscriber) => {
    promise.then(
      (value) => {
        if (subscriber.closed) return discard(value);
        subscriber.next(value);
        subscriber.complete();
      },
      (error: unknown) => {
        if (subscriber.closed) discard(responseOf(error));
        else subscriber.error(error);
      },
    );
  });
}

function responseOf(error: unknown): unknown {
  try {
    return (Object(error) as { readonly response?: unknown }).response;
  } catch {
    // A foreign getter that throws says nothing.
    return undefined;
  }
}
