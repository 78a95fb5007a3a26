import type { BatchObservableCallback, Histogram } from '@opentelemetry/api';
import { Subscription } from 'rxjs';
import { checkBoolean, checkKeys, reading } from '../core/options.js';
import { MetricBook } from '../metrics/metric-book.js';
import { definitions, type MetricType } from '../metrics/metric-definitions.js';
import type { Sample } from '../metrics/metric-group.js';
import { special } from '../metrics/metric-names.js';
import { checkRegistry, metricOptionNames, readMetricOptions } from '../metrics/metric-options.js';
import type { PolicyRegistry } from '../registry/registry-types.js';
import { Observed } from './observed.js';
import { attributesOf, checkMeter, checkPrefix, type OpenTelemetryMetricsOptions } from './opentelemetry-options.js';
import { addSpanEvents } from './span-events.js';

/**
 * Shows the policies of a registry to OpenTelemetry: one callback reads counters and levels when the SDK collects and
 * costs no call anything; `durations` and `spanEvents` need events. A policy that leaves the registry is not observed
 * any more, once its levels have been shown as those of what does nothing and lacks nothing. Unsubscribing removes the callback, and so does disposing the registry.
 *
 * @throws TypeError where `meter` is none of @opentelemetry/api 1.3 or a later 1; TypeError, RangeError for an option
 * that is unknown, of a wrong type or out of range
 *
 * ```ts
 * const attached = openTelemetryMetrics(registry, { meter: metrics.getMeter('shop') });
 * ```
 */
export function openTelemetryMetrics(registry: PolicyRegistry, options: OpenTelemetryMetricsOptions): Subscription {
  const { buckets, durations, maxPolicies, meter, prefix, spanEvents } = reading('openTelemetryMetrics', () => {
    checkRegistry(registry);
    const given = checkKeys('options', options, ['meter', 'prefix', 'spanEvents'], metricOptionNames);
    const { meter: into, prefix: names = 'resilience.', spanEvents: spans = true } = given;
    checkMeter(into);
    checkPrefix(names);
    checkBoolean('spanEvents', spans);
    return { ...readMetricOptions(given), meter: into, prefix: names, spanEvents: spans };
  });

  type Named = { readonly name: string; readonly help: string; readonly unit: string };
  const nameOf = ({ name }: Named): string => `${prefix}${name.replaceAll('_', '.')}`;
  const observed = (metric: Named, type: MetricType, read: () => Iterable<Sample>): Observed =>
    new Observed(meter, nameOf(metric), { description: metric.help, unit: metric.unit }, type, read);
  const histogram = (metric: Named): Histogram | undefined => {
    if (!durations) return undefined;
    const advice = { explicitBucketBoundaries: [...buckets] };
    return meter.createHistogram(nameOf(metric), { description: metric.help, unit: metric.unit, advice });
  };

  const all = [
    ...definitions.map((definition) => observed(definition, definition.type, () => book.samples(definition))),
    observed(special.retries, 'counter', () => book.retries()),
    observed(special.health, 'min', () => book.health()),
  ];
  const calls = histogram(special.call);
  const waits = histogram(special.wait);
  const book = new MetricBook(registry, maxPolicies, ({ kind, label }) => {
    const series = kind === 'bulkhead' ? waits : kind === 'circuitBreaker' ? calls : undefined;
    if (series === undefined) return undefined;
    const attributes = attributesOf(kind === 'bulkhead' ? { policy: label } : { policy: label, kind });
    // An SDK keeps what it was told: it offers nothing to take it back.
    return { took: (seconds) => series.record(seconds, attributes), remove: () => undefined };
  });

  const collect: BatchObservableCallback = (result) => {
    for (const one of all) one.observe((value, attributes) => result.observe(one.instrument, value, attributes));
  };
  const instruments = all.map(({ instrument }) => instrument);
  const attached = new Subscription(() => {
    meter.removeBatchObservableCallback(collect, instruments);
    book.close();
  });
  meter.addBatchObservableCallback(collect, instruments);
  if (spanEvents) attached.add(addSpanEvents(registry));
  book.open(() => attached.unsubscribe());
  return attached;
}
