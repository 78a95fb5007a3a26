import { AggregatorRegistry, Gauge, Registry } from 'prom-client';
import { NEVER, of } from 'rxjs';
import { bulkhead, circuitBreaker, type Health, policyRegistry, type PolicyRegistry, retryBudget, retryWithBackoff } from 'rxjs-resilience';
import { prometheusMetrics } from 'rxjs-resilience/prometheus';
import { describe, expect, it } from 'vitest';
import { parseExposition } from './exposition.js';
import { failing, ok, run } from './shop.js';

interface Worker {
  readonly registry: PolicyRegistry;
  readonly register: Registry;
}

function worker(): Worker {
  const [register, registry] = [new Registry(), policyRegistry()];
  prometheusMetrics(registry, { register });
  return { register, registry };
}

/** What the primary process of a cluster shows: each worker sends its figures as JSON. */
async function aggregated(workers: readonly Worker[]): Promise<Readonly<Record<string, number>>> {
  const sent = await Promise.all(workers.map(async ({ register }) => JSON.parse(JSON.stringify(await register.getMetricsAsJSON())) as object));
  const families = parseExposition(await AggregatorRegistry.aggregate(sent as never).metrics());
  const samples = families.flatMap((family) => family.samples);
  return Object.fromEntries(samples.map(({ labels, name, value }) => [`${name} ${Object.values(labels).join()}`, value]));
}

describe('the workers of a cluster', () => {
  it('are in each state and mode in which one of them is', async () => {
    const workers = [worker(), worker(), worker()];
    const breakers = workers.map(({ registry }) => registry.register(circuitBreaker({ name: 'catalog', failureThreshold: 1 })));
    run(failing.pipe(breakers[0]!));
    breakers[1]!.update({ mode: 'shadow' });
    const seen = await aggregated(workers);
    const state = (name: string) => seen[`resilience_circuit_state catalog,${name}`];
    expect([state('closed'), state('open'), state('half-open'), state('isolated')]).toStrictEqual([1, 1, 0, 0]);
    const mode = (name: string) => seen[`resilience_policy_mode catalog,circuitBreaker,${name}`];
    expect([mode('enforce'), mode('shadow'), mode('disabled')]).toStrictEqual([1, 1, 0]);
  });

  it('are as well as the worst of them, and have as many retries left as the one with the fewest', async () => {
    const workers = [worker(), worker()];
    const policies = workers.map(({ registry }) => ({
      breaker: registry.register(circuitBreaker({ name: 'catalog', failureThreshold: 1 })),
      fine: registry.register(circuitBreaker({ name: 'fine' })),
      retry: registry.register(retryWithBackoff({ name: 'retry', maxRetries: 1, backoff: () => 0, budget: retryBudget({ burst: 2, minPerSecond: 0 }) })),
    }));
    run(failing.pipe(policies[1]!.breaker));
    for (let n = 0; n < 3; n++) run(failing.pipe(policies[0]!.retry));
    const seen = await aggregated(workers);
    const health = (name: string, kind = 'circuitBreaker') => seen[`resilience_health ${name},${kind}`];
    expect([health('catalog'), health('fine'), health('policies', 'registry')]).toStrictEqual([0, 1, 0.5]);
    expect(seen['resilience_retry_budget_remaining retry']).toBeLessThan(1);
  });

  it('count together what runs, what waits and what may run', async () => {
    const workers = [worker(), worker()];
    for (const { registry } of workers) {
      const pool = registry.register(bulkhead(2, 5, { name: 'pool' }));
      for (let n = 0; n < 3; n++) run(NEVER.pipe(pool));
      run(ok.pipe(registry.register(circuitBreaker({ name: 'catalog' }))));
    }
    const seen = await aggregated(workers);
    const of = (metric: string) => seen[`resilience_bulkhead_${metric} pool`];
    expect([of('active'), of('queued'), of('limit')]).toStrictEqual([4, 2, 4]);
    expect(seen['resilience_calls_total catalog,circuitBreaker,success']).toBe(2);
  });

  it('do not take one of whose health nothing is known for one that is down', async () => {
    const [known, silent] = [worker(), worker()];
    const register = new Registry();
    const unknown: Health = { name: 'policies', status: 'unknown', required: true, since: 0, details: {} };
    const registry = Object.assign(Object.create(silent.registry) as object, { health$: of(unknown) }) as PolicyRegistry;
    prometheusMetrics(registry, { register });
    expect(await register.metrics()).not.toMatch(/nan/i);
    expect((await aggregated([known, { register, registry }]))['resilience_health policies,registry']).toBe(1);
    expect(await aggregated([{ register, registry }])).not.toHaveProperty('resilience_health policies,registry');
  });

  it('are told of every gauge in a way of its own choice, so that a new one cannot be forgotten', () => {
    const { register } = worker();
    const gauges = register.getMetricsAsArray().filter((metric) => metric instanceof Gauge);
    expect(Object.fromEntries(gauges.map(({ aggregator, name }) => [name.replace('resilience_', ''), aggregator]))).toStrictEqual({
      circuit_state: 'max',
      retry_budget_remaining: 'min',
      bulkhead_active: 'sum',
      bulkhead_queued: 'sum',
      bulkhead_limit: 'sum',
      concurrency_limit: 'sum',
      concurrency_used: 'sum',
      policy_mode: 'max',
      health: 'min',
    });
  });
});
