import { defer, of } from 'rxjs';
import { bulkhead, circuitBreaker, type Health, policyRegistry, type PolicyRegistry, retryBudget, retryWithBackoff } from 'rxjs-resilience';
import { openTelemetryMetrics } from 'rxjs-resilience/opentelemetry';
import { expect, it } from 'vitest';
import { failing, ok, run, shop } from '../prometheus/shop.js';
import { type Collected, otel, valueOf } from './collected.js';

/** Every number in what is exported, by where it stands. */
function notFinite(seen: Readonly<Record<string, Collected>>): readonly string[] {
  const bad: string[] = [];
  const look = (at: string, value: unknown): void => {
    if (typeof value === 'number' && !Number.isFinite(value)) bad.push(`${at}: ${value}`);
    else if (typeof value === 'object' && value !== null) for (const [key, inner] of Object.entries(value)) look(`${at}.${key}`, inner);
  };
  for (const [name, { points }] of Object.entries(seen)) points.forEach((point) => look(name, point));
  return bad;
}

const healthOf = (name: string, kind: string) => ({ 'resilience.health.name': name, 'resilience.policy.kind': kind });

it('exports no number that JSON does not have, before and after policies have gone', async () => {
  const { collect, meter } = otel();
  const { breaker, pool, registry, retry, shed } = shop();
  openTelemetryMetrics(registry, { meter });
  registry.register(retryWithBackoff({ name: 'without a budget', budget: false }));
  run(ok.pipe(pool, breaker, shed));
  run(failing.pipe(retry));
  expect(notFinite(await collect())).toStrictEqual([]);
  for (const { name } of registry.metrics().map(({ policy }) => ({ name: policy }))) registry.remove(name);
  expect(notFinite(await collect())).toStrictEqual([]);
  expect(notFinite(await collect())).toStrictEqual([]);
});

it('leaves no policy that has gone in a state for which somebody is called', async () => {
  const { collect, meter } = otel();
  const registry = policyRegistry();
  openTelemetryMetrics(registry, { meter });
  const breaker = registry.register(circuitBreaker({ name: 'catalog', failureThreshold: 1 }));
  const budget = retryBudget({ burst: 1, minPerSecond: 0 });
  const retry = registry.register(retryWithBackoff({ name: 'retry', maxRetries: 1, backoff: () => 0, budget }));
  const pool = registry.register(bulkhead(1, 0, { name: 'pool' }));
  run(failing.pipe(breaker));
  for (let n = 0; n < 2; n++) run(failing.pipe(retry));
  const left = async () => valueOf((await collect())['resilience.retry.budget.remaining'], { 'resilience.policy.name': 'retry' });
  expect(await left()).toBeLessThan(1);
  for (const policy of [breaker, retry, pool]) policy.dispose();
  expect(await left()).toBe(1);
  const seen = await collect();
  expect(valueOf(seen['resilience.health'], healthOf('catalog', 'circuitBreaker'))).toBe(1);
  expect(seen['resilience.circuit.state']!.points.map(({ value }) => value)).toStrictEqual([0, 0, 0, 0]);
  expect(seen['resilience.bulkhead.limit']!.points.map(({ value }) => value)).toStrictEqual([0]);
});

it('shows what is known last of a health that is unknown, and nothing before', async () => {
  const { collect, meter } = otel();
  let status: Health['status'] = 'unknown';
  const health = (): Health => ({ name: 'policies', status, required: true, since: 0, details: {} });
  const registry = Object.assign(Object.create(policyRegistry()) as object, { health$: defer(() => of(health())) }) as PolicyRegistry;
  openTelemetryMetrics(registry, { meter });
  const shown = async () => valueOf((await collect())['resilience.health'], healthOf('policies', 'registry'));
  expect(await shown()).toBeUndefined();
  status = 'degraded';
  expect(await shown()).toBe(0.5);
  status = 'unknown';
  expect(await shown()).toBe(0.5);
});

it('counts what is no number as nothing, and lets no call fail for it', async () => {
  const { collect, meter } = otel();
  const registry = policyRegistry();
  openTelemetryMetrics(registry, { meter });
  const scheduler = { now: () => now, schedule: () => of().subscribe() } as never;
  let now = 0;
  const breaker = registry.register(circuitBreaker({ name: 'catalog', scheduler }));
  const { metrics } = breaker;
  run(ok.pipe(breaker));
  breaker.metrics = () => ({ ...metrics(), late: undefined as never, failures: NaN });
  now = NaN;
  run(ok.pipe(breaker));
  const seen = await collect();
  expect(notFinite(seen)).toStrictEqual([]);
  expect(seen['resilience.calls']!.points.map(({ attributes, value }) => [attributes['resilience.outcome'], value])).toStrictEqual([
    ['success', 2],
    ['ignored', 0],
    ['abandoned', 0],
    ['refused', 0],
  ]);
});
