import { isObservable, type ObservableInput } from 'rxjs';
import { checkFunction, named, takes } from '../core/options.js';

/**
 * Whether something is still to come of this. What `from` takes besides is a value: the rows of a query are an array,
 * and a string would be asked for its letters.
 */
export function isAsyncInput(value: unknown): value is ObservableInput<unknown> {
  if (isObservable(value) || isPromise(value)) return true;
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  if (typeof (value as { readonly '@@observable'?: unknown })['@@observable'] === 'function') return true;
  const { observable } = Symbol as { readonly observable?: symbol };
  return Symbol.asyncIterator in value || (observable !== undefined && observable in value);
}

/** Refuses what is no function: a call that has begun already cannot be made, or made again. */
export function checkMake(option: string, make: (...given: never[]) => unknown): void {
  if (isAsyncInput(make) && typeof make !== 'function') {
    throw takes(`a function (${option}) that begins the call`, make, `${named('options')}(() => call())`);
  }
  checkFunction(option, make);
}

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
}

/**
 * A promise that is needed only later, if at all: it may reject before, and Node ends a process where nothing handles
 * that. Its error still reaches those who use it. A query builder begins its work with `then`, so only a true promise is asked.
 */
export function keepForLater(given: unknown): void {
  if (Object.prototype.toString.call(given) === '[object Promise]') (given as PromiseLike<unknown>).then(undefined, () => undefined);
}
