import { isObservable, type ObservableInput } from 'rxjs';

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

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
}
