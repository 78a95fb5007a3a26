import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { Meter } from '@opentelemetry/api';

export interface Point {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: unknown;
}

export interface Collected {
  readonly unit: string;
  readonly description: string;
  readonly points: readonly Point[];
}

export interface Otel {
  readonly meter: Meter;
  /** What the SDK exports now, by the name of the instrument. */
  collect(): Promise<Readonly<Record<string, Collected>>>;
}

/** The real SDK, with an exporter that keeps what it gets. */
export function otel(temporality: AggregationTemporality = AggregationTemporality.CUMULATIVE): Otel {
  const exporter = new InMemoryMetricExporter(temporality);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2_000_000_000 });
  const provider = new MeterProvider({ readers: [reader] });
  return {
    meter: provider.getMeter('test'),
    collect: async () => {
      exporter.reset();
      await reader.forceFlush();
      const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
      return Object.fromEntries(
        metrics.map(({ dataPoints, descriptor: { description, name, unit } }) => {
          const points = dataPoints.map(({ attributes, value }) => ({ attributes, value: value as unknown }));
          return [name, { unit, description, points }];
        }),
      );
    },
  };
}

/** The value of the point that has just these attributes. */
export function valueOf(collected: Collected | undefined, attributes: Readonly<Record<string, unknown>>): unknown {
  const show = (given: Readonly<Record<string, unknown>>): string => JSON.stringify(Object.entries(given).sort());
  return collected?.points.find((point) => show(point.attributes) === show(attributes))?.value;
}
