import { type Observable, of, type Subscription } from 'rxjs';
import { checkKeys, reading, refusal } from '../core/options.js';
import { onAbort } from '../operator/abort.js';
import { reasonOf } from '../operator/abort-reason.js';
import { checkMake, isAsyncInput } from '../operator/async-input.js';
import { attempt, type AttemptContext } from '../operator/attempt.js';

/** What `run` takes besides the function. */
export interface RunOptions {
  /** Leaves the call when it aborts: the promise rejects with its reason. Default none. */
  readonly signal?: AbortSignal | undefined;
}

/** What a promise has in the end of what a function gave back: the last value of a stream, if there is one. */
export type Settled<A> = A extends Observable<infer T> | AsyncIterable<infer T> ? T | undefined : Awaited<A>;

type Operator = (source: Observable<unknown>) => Observable<unknown>;
type Make = (context: AttemptContext) => unknown;

/** One call of `make` through `operator`, as a promise. Whatever goes wrong rejects. */
export function runCall(operator: Operator, make: Make, options: RunOptions): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const signal = reading('run', () => {
      checkMake('fn', make);
      return readSignal(options);
    });
    const source = attempt((context) => {
      const made = make(context);
      return isAsyncInput(made) ? made : of(made);
    });
    if (signal === undefined) follow(operator(source), resolve, reject);
    else followUntil(signal, operator(source), resolve, reject);
  });
}

type Settle = (outcome: unknown) => void;

function follow(call$: Observable<unknown>, resolve: Settle, reject: Settle): Subscription {
  let last: unknown;
  return call$.subscribe({ next: (value) => void (last = value), error: reject, complete: () => resolve(last) });
}

/** An abort is the caller who leaves. */
function followUntil(signal: AbortSignal, call$: Observable<unknown>, resolve: Settle, reject: Settle): void {
  let call: Subscription | undefined = undefined;
  let unfollow = (): void => undefined;
  const leave = (reason: unknown): void => {
    try {
      call?.unsubscribe();
    } finally {
      reject(reason);
    }
  };
  if (signal.aborted) return leave(reasonOf(signal));
  const settled =
    (settle: Settle): Settle =>
    (outcome) => {
      unfollow();
      settle(outcome);
    };
  // Before anything further in that listens to the same signal.
  unfollow = onAbort(signal, leave);
  call = follow(call$, settled(resolve), settled(reject));
  // While it was subscribed there was nothing to leave yet.
  if (isAborted(signal)) call.unsubscribe();
}

/** It may have changed since it was looked at. */
function isAborted({ aborted }: AbortSignal): boolean {
  return aborted;
}

function readSignal(options: RunOptions): AbortSignal | undefined {
  const { signal } = checkKeys('options', options, ['signal']);
  if (signal === undefined || typeof signal?.addEventListener === 'function') return signal;
  throw refusal('signal', 'an AbortSignal', signal);
}
