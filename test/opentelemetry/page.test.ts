import { metrics } from '@opentelemetry/api';
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { of } from 'rxjs';
import { expect, it } from 'vitest';

it('the example of the page is exported by an SDK that was started before', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2_000_000_000 });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  const { attached, catalog } = await import('../../docs/examples/metrics/opentelemetry.js');
  of(1).pipe(catalog).subscribe();
  await reader.forceFlush();
  const names = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics.map(({ descriptor }) => descriptor.name)));
  expect(names).toContain('resilience.calls');
  attached.unsubscribe();
  metrics.disable();
});
