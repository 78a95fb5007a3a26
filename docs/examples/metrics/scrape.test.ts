import { Registry } from 'prom-client';
import { of, throwError } from 'rxjs';
import { circuitBreaker, policyRegistry } from 'rxjs-resilience';
import { prometheusMetrics } from 'rxjs-resilience/prometheus';
import { expect, it } from 'vitest';

it('shows what became of calls, and forgets a policy that is gone', async () => {
  const register = new Registry();
  const registry = policyRegistry();
  prometheusMetrics(registry, { register });

  const catalog = registry.register(circuitBreaker({ name: 'catalog', failureThreshold: 1 }));
  of('item').pipe(catalog).subscribe();
  throwError(() => ({ status: 503 })).pipe(catalog).subscribe({ error: () => undefined });

  const seen = await register.metrics();
  expect(seen).toContain('resilience_calls_total{policy="catalog",kind="circuitBreaker",outcome="success"} 1\n');
  expect(seen).toContain('resilience_circuit_state{policy="catalog",state="open"} 1\n');

  catalog.dispose();
  expect(await register.metrics()).not.toContain('catalog');
});
