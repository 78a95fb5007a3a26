import type { Attributes, Meter } from '@opentelemetry/api';
import { refusal, show } from '../core/options.js';
import type { Labels } from '../metrics/metric-group.js';
import { hasMethods, type MetricOptions } from '../metrics/metric-options.js';

export interface OpenTelemetryMetricsOptions extends MetricOptions {
  /** Of a meter provider: a `Meter` of @opentelemetry/api 1.3 or newer. */
  readonly meter: Meter;
  /** Before every name. Default `resilience.`. */
  readonly prefix?: string | undefined;
  /**
   * Adds an event to the active span for each retry, refusal, expiry and transition. Every policy then makes events.
   * Default true.
   */
  readonly spanEvents?: boolean | undefined;
}

const methods: readonly string[] = [
  ...['createObservableCounter', 'createObservableUpDownCounter', 'createObservableGauge', 'createHistogram'],
  ...['addBatchObservableCallback', 'removeBatchObservableCallback'],
];

export function checkMeter(meter: Meter): void {
  if (hasMethods(meter, methods)) return;
  throw refusal('meter', 'a Meter of @opentelemetry/api 1.3 or a later 1', meter);
}

export function checkPrefix(prefix: string): void {
  if (typeof prefix !== 'string') throw refusal('prefix', 'a string', prefix);
  if (/^([a-zA-Z][a-zA-Z0-9_./-]{0,99})?$/.test(prefix)) return;
  throw new RangeError(`prefix must be at most 100 letters, digits, _ . / and -, and begin with a letter, got ${show(prefix)}`);
}

const attributes: Readonly<Record<string, string>> = {
  policy: 'resilience.policy.name',
  kind: 'resilience.policy.kind',
  name: 'resilience.health.name',
};

/** The labels of Prometheus as attributes: those that say which policy, and `resilience.` before the others. */
export function attributesOf(labels: Labels): Attributes {
  return Object.fromEntries(Object.entries(labels).map(([label, value]) => [attributes[label] ?? `resilience.${label}`, value]));
}
