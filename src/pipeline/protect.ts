import type { Observable } from 'rxjs';
import { checkFunction, show } from '../core/options.js';
import type { Health } from '../core/health.js';
import { coreOf } from '../operator/policy.js';
import { isPipeline } from './part-options.js';
import { runCall, type Settled } from './run-call.js';

/** A policy or a pipeline. `R` is what its fallback may emit. */
export interface Protection<R> {
  <T>(source: Observable<T>): Observable<T | R>;
  readonly health$: Observable<Health>;
  metrics(): object;
}

/**
 * A function with the arguments of `fn` that makes each call of it through a policy or a pipeline and returns a promise.
 * `fn` may return a promise, an observable (its last value is what counts, `undefined` without one) or a value, and may
 * throw; it is called anew for each try, with the same arguments and the same `this`. What is returned never throws:
 * whatever goes wrong rejects.
 *
 * For the abort signal of the try use `run` of a pipeline, or `attempt`.
 *
 * @throws TypeError where it is given no function or no policy
 *
 * ```ts
 * const findItem = protect((id: string) => api.find(id), standardPipeline({ name: 'catalog' }));
 * const item = await findItem('7');
 * ```
 */
export function protect<This, A extends unknown[], O, R = never>(
  fn: (this: This, ...given: A) => O,
  policy: Protection<R>,
): (this: This, ...given: A) => Promise<Settled<O> | R> {
  checkFunction('fn', fn);
  if (coreOf(policy) === undefined && !isPipeline(policy)) {
    throw new TypeError(`policy must be a policy or a pipeline, got ${show(policy)}`);
  }
  return function (this: This, ...given: A): Promise<Settled<O> | R> {
    return runCall(policy, () => fn.apply(this, given), {}) as Promise<Settled<O> | R>;
  };
}
