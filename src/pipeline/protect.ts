import type { Observable } from 'rxjs';
import { reading, refusal } from '../core/options.js';
import type { Health } from '../core/health.js';
import type { FallbackOperator } from '../fallback/fallback-core.js';
import { checkMake } from '../operator/async-input.js';
import { coreOf } from '../operator/policy.js';
import { isPipeline } from './part-options.js';
import type { ResiliencePipeline } from './resilience-pipeline.js';
import { runCall, type Settled } from './run-call.js';

/** A policy or a pipeline. */
export interface Protection {
  (source: Observable<never>): Observable<unknown>;
  readonly health$: Observable<Health>;
  metrics(): object;
}

export function isProtection(value: unknown): value is Protection {
  return coreOf(value) !== undefined || isPipeline(value);
}

/** Refuses what is neither a policy nor a pipeline. */
export function checkProtection(option: string, value: unknown): Protection {
  if (isProtection(value)) return value;
  throw refusal(option, 'a policy or a pipeline', value);
}

/** What the fallback of a policy or a pipeline may emit. */
export type Instead<P> = P extends ResiliencePipeline<infer R> ? R : P extends FallbackOperator<infer R> ? R : never;

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
export function protect<This, A extends unknown[], O, P extends Protection>(
  fn: (this: This, ...given: A) => O,
  policy: P,
): (this: This, ...given: A) => Promise<Settled<O> | Instead<P>> {
  reading('protect', () => {
    checkMake('fn', fn);
    checkProtection('policy', policy);
  });
  const operator = policy as unknown as (source: Observable<unknown>) => Observable<unknown>;
  return function (this: This, ...given: A) {
    return runCall(operator, () => fn.apply(this, given), {}) as Promise<Settled<O> | Instead<P>>;
  };
}
