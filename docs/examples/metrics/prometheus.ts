import { createServer } from 'node:http';
import { register } from 'prom-client';
import { circuitBreaker, policyRegistry } from 'rxjs-resilience';
import { prometheusMetrics } from 'rxjs-resilience/prometheus';

export const registry = policyRegistry();
export const catalog = registry.register(circuitBreaker({ name: 'catalog' }));

// `attached.unsubscribe()` takes every metric out of the register again.
export const attached = prometheusMetrics(registry, { register });

export const server = createServer((_, response) => {
  void register.metrics().then((text) => response.setHeader('Content-Type', register.contentType).end(text));
});
