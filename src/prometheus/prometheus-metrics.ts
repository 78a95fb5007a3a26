import type { Histogram } from 'prom-client';
import { Subscription } from 'rxjs';
import { checkKeys, reading } from '../core/options.js';
import { MetricBook } from '../metrics/metric-book.js';
import { definitions } from '../metrics/metric-definitions.js';
import type { Sample } from '../metrics/metric-group.js';
import { special } from '../metrics/metric-names.js';
import { checkRegistry, metricOptionNames, readMetricOptions } from '../metrics/metric-options.js';
import type { PolicyKind } from '../operator/policy-types.js';
import type { PolicyRegistry } from '../registry/registry-types.js';
import { PrometheusFamily } from './prometheus-family.js';
import { checkPrefix, checkRegister, type PrometheusMetricsOptions } from './prometheus-options.js';

/**
 * Shows the policies of a registry to Prometheus. Counters and levels are read while it scrapes and cost no call
 * anything; only `durations` need events. A policy that leaves the registry takes its series along at once.
 * Unsubscribing removes every metric from the register, and so does disposing the registry.
 *
 * @throws TypeError where `register` is none of prom-client 15, or has a metric of one of the names already: a second
 * attachment needs another `prefix`; TypeError, RangeError for an option that is unknown, of a wrong type or out of range
 *
 * ```ts
 * const attached = prometheusMetrics(registry, { register });
 * ```
 */
export function prometheusMetrics(registry: PolicyRegistry, options: PrometheusMetricsOptions): Subscription {
  const { buckets, durations, maxPolicies, prefix, register } = reading('prometheusMetrics', () => {
    checkRegistry(registry);
    const given = checkKeys('options', options, ['register', 'prefix'], metricOptionNames);
    const { prefix: names = 'resilience_', register: into } = given;
    checkRegister(into);
    checkPrefix(names);
    return { ...readMetricOptions(given), prefix: names, register: into };
  });

  const family = new PrometheusFamily(register, prefix);
  for (const definition of definitions) {
    const { help, labels, name, type } = definition;
    const all = ['policy', ...labels];
    const read = (): Iterable<Sample> => book.samples(definition);
    if (type === 'counter') family.counter(name, help, all, read);
    else family.gauge(name, type, help, all, read);
  }
  const { call, health, retries, wait } = special;
  family.counter(retries.name, retries.help, ['policy', ...retries.labels], () => book.retries());
  family.gauge(health.name, 'min', health.help, ['name', ...health.labels], () => book.health());
  const histograms = durations
    ? {
        circuitBreaker: family.histogram(`${call.name}_seconds`, call.help, ['policy', ...call.labels], buckets),
        bulkhead: family.histogram(`${wait.name}_seconds`, wait.help, ['policy', ...wait.labels], buckets),
      }
    : {};
  const book = new MetricBook(registry, maxPolicies, ({ kind, label }) => {
    const histogram = (histograms as Partial<Record<PolicyKind, Histogram>>)[kind];
    if (histogram === undefined) return undefined;
    const labels: Record<string, string> = kind === 'bulkhead' ? { policy: label } : { policy: label, kind };
    histogram.zero(labels);
    const series = histogram.labels(labels);
    return { took: (seconds) => series.observe(seconds), remove: () => histogram.remove(labels) };
  });

  const attached = new Subscription(() => {
    book.close();
    family.remove();
  });
  book.open(() => attached.unsubscribe());
  return attached;
}
