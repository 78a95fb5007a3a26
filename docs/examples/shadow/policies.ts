import { bulkhead, circuitBreaker, type PolicyMode, withDeadline } from 'rxjs-resilience';

/** From the configuration: `shadow` at first. */
const mode: PolicyMode = 'shadow';

export const catalog = circuitBreaker({ name: 'catalog', mode });
export const pool = bulkhead(10, { size: 20, timeout: 1_000 }, { name: 'catalog pool', mode });
export const limit = withDeadline(3_000, { name: 'catalog deadline', mode });

/** What they would have done: for a page or a metric. */
export const wouldHave = () => ({
  refused: catalog.metrics().refused,
  queuedOrFull: pool.metrics().queued + pool.metrics().refused.full,
  cut: limit.metrics().expired + limit.metrics().expiredOnArrival,
});

/** Once the figures are as they should be. Calls that run go on; nobody waits for the change. */
export const enforce = () => {
  for (const policy of [catalog, pool, limit]) policy.update({ mode: 'enforce' });
};
