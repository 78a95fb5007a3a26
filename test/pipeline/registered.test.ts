import { of } from 'rxjs';
import { expect, it } from 'vitest';
import { bulkhead, policyRegistry } from '../../src/index.js';
import { standardPipeline } from '../../src/pipeline/presets.js';
import { outcome } from '../virtual.js';

it('a pipeline is registered by its parts, whose names are unique within their kind', () => {
  const registry = policyRegistry();
  const pool = bulkhead(2, 0, { name: 'database' });
  const catalog = registry.register(standardPipeline({ name: 'catalog', bulkhead: pool }));
  registry.register(standardPipeline({ name: 'orders', bulkhead: pool }));
  outcome(of(1).pipe(catalog));
  const reports = registry.metrics().map(({ kind, policy, metrics }) => [kind, policy, metrics.calls]);
  expect(reports).toStrictEqual([
    ['deadline', 'catalog.attempt', 1],
    ['bulkhead', 'database', 1],
    ['circuitBreaker', 'catalog', 1],
    ['retry', 'catalog', 1],
    ['deadline', 'catalog', 1],
    ['deadline', 'orders.attempt', 0],
    ['circuitBreaker', 'orders', 0],
    ['retry', 'orders', 0],
    ['deadline', 'orders', 0],
  ]);
  expect(registry.get('catalog', 'circuitBreaker')).toBe(catalog.parts.breaker);
});

it('a pipeline that is disposed takes its own parts out of the registry, and leaves the shared one', () => {
  const registry = policyRegistry();
  const pool = bulkhead(2, 0, { name: 'database' });
  const catalog = registry.register(standardPipeline({ name: 'catalog', bulkhead: pool }));
  catalog.dispose();
  expect(registry.metrics().map(({ policy }) => policy)).toStrictEqual(['database']);
});
