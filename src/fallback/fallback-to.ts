import { from, isObservable, type Observable, type ObservableInput, type ObservedValueOf, of } from 'rxjs';
import { show } from '../core/options.js';
import { isPromise } from '../operator/async-input.js';
import type { CallContext } from '../operator/context.js';
import { applied, policyOperator } from '../operator/policy.js';
import { stage } from '../operator/stage.js';
import { type Answer, FallbackCore, type FallbackCounters, type FallbackOperator } from './fallback-core.js';
import { checkFallbackOptions, type FallbackOptions } from './fallback-options.js';

/**
 * Goes on with another source when a call has failed: as `catchError`, for errors that a fallback should answer.
 *
 * By default it answers what is transient or was refused, not what is permanent, aborted or a bug (`when`). A chain is
 * `.pipe(fallbackTo(a), fallbackTo(b))`. The fallback's own error goes downstream unchanged. Leaving unsubscribes
 * whichever source runs.
 *
 * @param source an observable, a promise, or a function of the error that makes one (or any other `ObservableInput`)
 * @throws TypeError, RangeError
 *
 * ```ts
 * prices$.pipe(fallbackTo(() => cache.read('prices')))
 * ```
 */
export function fallbackTo<R>(
  source: Observable<R> | PromiseLike<R>,
  options?: FallbackOptions,
): FallbackOperator<R>;
export function fallbackTo<O extends ObservableInput<unknown>>(
  source: (error: unknown, context: CallContext) => O,
  options?: FallbackOptions,
): FallbackOperator<ObservedValueOf<O>>;
export function fallbackTo(
  source: Observable<unknown> | PromiseLike<unknown> | ((error: unknown, context: CallContext) => ObservableInput<unknown>),
  options: FallbackOptions = {},
): FallbackOperator<unknown> {
  return answering(answerOf(source), options);
}

/**
 * Answers a failed call with a value, or with what a function makes of the error. Everything else is as in `fallbackTo`.
 *
 * @throws TypeError, RangeError
 */
export function fallbackToValue<const V>(
  value: V | ((error: unknown, context: CallContext) => V),
  options: FallbackOptions = {},
): FallbackOperator<V> {
  const answer: Answer =
    typeof value === 'function'
      ? (error, context) => of((value as (error: unknown, context: CallContext) => V)(error, context))
      : () => of(value);
  return answering(answer, options);
}

function answering<R>(answer: Answer, options: FallbackOptions): FallbackOperator<R> {
  checkFallbackOptions(options);
  const core = new FallbackCore(options);
  const apply = applied(
    stage({
      policy: core,
      seesValues: true,
      admit: (call, at) => {
        call.tickets[at] = core.admitted();
        return undefined;
      },
      settle: (call, at, ending, error) => core.settle(call, at, ending, error, answer, call.tickets[at] as FallbackCounters),
    }),
  );
  const fallback = <T>(source: Observable<T>): Observable<T> => apply(source);
  return policyOperator(core, fallback);
}

function answerOf(source: unknown): Answer {
  if (typeof source === 'function') {
    const make = source as (error: unknown, context: CallContext) => ObservableInput<unknown>;
    return (error, context) => from(make(error, context));
  }
  if (isObservable(source)) return () => source;
  if (isPromise(source)) {
    const observable = from(source);
    return () => observable;
  }
  const hint = 'use fallbackToValue for a value, which here would emit its elements';
  throw new TypeError(`source must be an observable, a promise or a function, got ${show(source)}; ${hint}`);
}
