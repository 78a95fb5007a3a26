import { from, isObservable, Observable, type ObservableInput, type ObservedValueOf, of } from 'rxjs';
import { reading, show, takes } from '../core/options.js';
import { isPromise, keepForLater } from '../operator/async-input.js';
import { settleInto } from '../operator/last-value.js';
import type { CallContext } from '../operator/context.js';
import { applied, policyOperator } from '../operator/policy.js';
import { noOptions } from '../operator/policy-core.js';
import { fallbackOrder, stage } from '../operator/stage.js';
import { type Answer, FallbackCore, type FallbackCounters, type FallbackOperator } from './fallback-core.js';
import { checkFallbackOptions, type FallbackOptions } from './fallback-options.js';

/**
 * Goes on with another source when a call has failed: as `catchError`, for errors that a fallback should answer.
 *
 * By default it answers what is transient or was refused, and a certificate that is not valid. What is permanent,
 * aborted or a bug passes (`when`). A chain is `.pipe(fallbackTo(a), fallbackTo(b))`. The fallback's own error goes
 * downstream unchanged. Leaving unsubscribes the source that runs.
 * A `Response` with a transient status is answered too: the function gets it as its error, and its body is cancelled
 * unless the function has begun to read it.
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
  options: FallbackOptions = noOptions,
): FallbackOperator<unknown> {
  return answering('fallbackTo', reading('fallbackTo', () => answerOf(source)), options);
}

/** Anything; a text or a number keeps its literal type, while a list or an object is as changeable as it is written. */
type Answerable = string | number | bigint | boolean | symbol | object | null | undefined;

/**
 * Answers a failed call with a value, or with what a function makes of the error. Everything else is as in `fallbackTo`.
 *
 * @throws TypeError, RangeError
 */
export function fallbackToValue<V extends Answerable>(
  value: V | ((error: unknown, context: CallContext) => V),
  options: FallbackOptions = noOptions,
): FallbackOperator<V> {
  const answer: Answer =
    typeof value === 'function'
      ? (error, context) => of((value as (error: unknown, context: CallContext) => V)(error, context))
      : () => of(value);
  return answering('fallbackToValue', answer, options);
}

function answering<R>(factory: string, answer: Answer, options: FallbackOptions): FallbackOperator<R> {
  const core = new FallbackCore(reading(factory, () => checkFallbackOptions(options)));
  const apply = applied(
    stage({
      policy: core,
      order: fallbackOrder,
      seesValues: true,
      admit: (call, at) => {
        call.tickets[at] = core.admitted();
        return undefined;
      },
      keepsScope: true,
      first: (call, at, value) => core.first(call, at, value, answer, call.tickets[at] as FallbackCounters),
      settle: (call, at, ending, error) => core.settle(call, at, ending, error, answer, call.tickets[at] as FallbackCounters),
    }),
  );
  const fallback = <T>(source: Observable<T>): Observable<T> => apply(source);
  return policyOperator(core, fallback);
}

function answerOf(source: unknown): Answer {
  if (typeof source === 'function') {
    const make = source as (error: unknown, context: CallContext) => ObservableInput<unknown>;
    return (error, context) => {
      const made = make(error, context);
      return isPromise(made) ? settled(made) : from(made);
    };
  }
  if (isObservable(source)) return () => source;
  if (isPromise(source)) {
    keepForLater(source);
    const observable = settled(source);
    return () => observable;
  }
  const value = typeof source === 'object' ? 'value' : show(source);
  throw takes('a source (an observable, a promise or a function)', source, `fallbackToValue(${value}) for a value`);
}

function settled(promise: PromiseLike<unknown>): Observable<unknown> {
  return new Observable((subscriber) => settleInto(subscriber, promise));
}
