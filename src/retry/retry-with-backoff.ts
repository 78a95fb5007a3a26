import type { Observable } from 'rxjs';
import { checkStrategy } from '../core/backoff.js';
import { checkKeys, reading, takes } from '../core/options.js';
import { applied, policyOperator } from '../operator/policy.js';
import { checkPolicyOptions } from '../operator/policy-core.js';
import type { PolicyOperator } from '../operator/policy-types.js';
import { retryOrder, type Stage, stage } from '../operator/stage.js';
import { RetryCore } from './retry-core.js';
import type { RetryEvent, RetryMetrics } from './retry-events.js';
import { type BackoffStrategy, retryOptionNames, type RetryOptions, type RetryUpdate } from './retry-options.js';

/** An operator for `.pipe()`, and the budget and counters that all its pipes share. */
export type RetryPolicy = PolicyOperator<RetryEvent, RetryUpdate, RetryMetrics>;

/**
 * Subscribes again to a source that has failed in a way that may pass: as RxJS's `retry`, with backoff, a budget that
 * bounds what all calls together add to the load, and respect for deadlines and for `Retry-After`.
 *
 * By default it tries again what is `transient` (see `classify`), a `Response` with such a status too, at most three times, and never what another retry has
 * just given up on. It does not begin a wait that the deadline of the call would cut. A call that is given up ends with
 * its last error itself, or a `RetryExhaustedError` where `exhausted` is `wrap`; `events$` says why. What is not
 * retryable passes unchanged. A delay of 0 subscribes again in the same turn. A consumer that leaves ends the wait.
 *
 * Make it once and pipe it everywhere: the budget belongs to the policy. Writes need an idempotency key that is made
 * once, outside of what is tried again.
 *
 * @param strategy how long to wait, default `exponential()`; or options, which may carry it as `backoff`
 * @throws TypeError, RangeError for an option that is unknown, of a wrong type or out of its range
 *
 * ```ts
 * const retry = retryWithBackoff(exponential({ initial: 100 }), { maxRetries: 2 });
 * attempt(({ signal }) => fetch(url, { signal })).pipe(retry)
 * ```
 */
export function retryWithBackoff(strategy?: BackoffStrategy, options?: Omit<RetryOptions, 'backoff'>): RetryPolicy;
export function retryWithBackoff(options: RetryOptions): RetryPolicy;
export function retryWithBackoff(first?: BackoffStrategy | RetryOptions, options: RetryOptions = {}): RetryPolicy {
  const core = reading('retryWithBackoff', () => new RetryCore(readOptions(first, options)));
  const apply = applied(retryStage(core));
  const retry = <T>(source: Observable<T>): Observable<T> => apply(source);
  return policyOperator(core, retry);
}

function readOptions(first: BackoffStrategy | RetryOptions | undefined, options: RetryOptions): RetryOptions {
  if (typeof first === 'object') {
    checkKeys('options', options, []);
    return checkPolicyOptions(first, retryOptionNames);
  }
  if (typeof first === 'number') {
    const instead = `retryWithBackoff({ maxRetries: ${String(first)} }) for so many tries, or constant(${String(first)}) for a delay`;
    throw takes('a strategy or options', first, instead);
  }
  if (first !== undefined) checkStrategy('strategy', first);
  const others = retryOptionNames.filter((name) => name !== 'backoff');
  return { ...checkPolicyOptions(options, others), backoff: first };
}

function retryStage(core: RetryCore): Stage {
  return stage({
    policy: core,
    order: retryOrder,
    seesValues: true,
    judgesValues: true,
    admit: (call, at) => core.admit(call, at),
    value: (call, at, value) => core.value(call, at, value),
    keepsScope: true,
    settle: (call, at, ending, error) => core.settle(call, at, ending, error),
    context: (_call, _at, frame) => core.contribute(frame),
  });
}
