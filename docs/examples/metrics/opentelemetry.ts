import { metrics } from '@opentelemetry/api';
import { circuitBreaker, policyRegistry } from 'rxjs-resilience';
import { openTelemetryMetrics } from 'rxjs-resilience/opentelemetry';

export const registry = policyRegistry();
export const catalog = registry.register(circuitBreaker({ name: 'catalog' }));

// After the SDK has been started: before, the API gives a meter that does nothing for good.
export const attached = openTelemetryMetrics(registry, { meter: metrics.getMeter('shop') });
