import type { Observable } from 'rxjs';
import { reading } from '../core/options.js';
import { applied, policyOperator } from '../operator/policy.js';
import { checkPolicyOptions } from '../operator/policy-core.js';
import type { PolicyOperator } from '../operator/policy-types.js';
import { stage } from '../operator/stage.js';
import { BulkheadCore } from './bulkhead-core.js';
import type { BulkheadEvent, BulkheadMetrics } from './bulkhead-events.js';
import {
  bulkheadOptionNames, type BulkheadOptions, type BulkheadQueue, type BulkheadUpdate, checkBulkheadOptions,
  checkMaxConcurrent,
} from './bulkhead-options.js';

/** What `bulkhead` makes: an operator for `.pipe()` with the figures of its permits and its queue. */
export interface Bulkhead extends PolicyOperator<BulkheadEvent, BulkheadUpdate, BulkheadMetrics> {
  /** Calls that hold a permit. */
  readonly active: number;
  /** Calls that wait for one. */
  readonly queued: number;
  /** Calls that may hold one. */
  readonly limit: number;
  /** Places in the queue. */
  readonly capacity: number;
}

/**
 * Lets so many calls run at once, and so many more wait for their turn; the rest is refused with a
 * `BulkheadFullError` (`reason` 'full') without being made. Make it once for each dependency and pipe it everywhere.
 *
 * A call holds its permit from its subscription until it has ended or its consumer has left, and the source has been
 * torn down; `attempt` of a promise has ended as it has settled, so that a call made for its value finds the permit. A permit is free for a newcomer only if nobody waits. A waiter goes on in the context and the asynchronous
 * scope in which it came; one that leaves frees its place at once; after `queue.timeout` it is refused ('queue-timeout'),
 * and with a `DeadlineExceededError` that never started where it comes, or its turn, after its deadline.
 *
 * In shadow mode nobody waits and nobody is refused: what would have been refused is only counted as such, what would
 * have waited is counted as queued until a permit would have been free for it.
 *
 * @param maxConcurrent calls that run at once, at least 1; or an observable of it, subscribed with the first call until
 * `dispose`: 1 before its first value, its error or completion keeps the last; fractions are dropped, what is no finite
 * number of at least 1 is ignored. A smaller limit disturbs nobody who runs.
 * @param queue calls that may wait, default 0, or more of it
 * @throws TypeError, RangeError where an argument is out of its range; and a TypeError where it is applied twice in one
 * pipe, which would wait for itself for ever
 *
 * ```ts
 * const pool = bulkhead(10, { size: 20, timeout: 1_000 }, { name: 'catalog' });
 * const find = (id: string) => attempt(() => api.find(id)).pipe(pool);
 * ```
 */
export function bulkhead(
  maxConcurrent: number | Observable<number>,
  queue: number | BulkheadQueue = 0,
  options: BulkheadOptions = {},
): Bulkhead {
  const core = reading('bulkhead', () => {
    checkMaxConcurrent(maxConcurrent);
    const given = checkPolicyOptions(options, bulkheadOptionNames);
    checkBulkheadOptions(given);
    return new BulkheadCore(maxConcurrent, queue, given);
  });
  const only = stage({
    policy: core,
    key: core,
    admit: (call, at) => core.admit(call, at),
    // Without a queue there is nothing to time; one may come by `update`.
    arm: (call, at) => core.arm(call, at),
    settle: (call, at) => core.settle(call, at),
    line: core.line,
  });
  const figures = (['active', 'queued', 'limit', 'capacity'] as const).map(
    (name) => [name, { get: () => core[name], enumerable: true }] as const,
  );
  return policyOperator(core, applied(only), Object.fromEntries(figures));
}
