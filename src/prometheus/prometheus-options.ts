import type { Registry } from 'prom-client';
import { refusal, show } from '../core/options.js';
import { hasMethods, type MetricOptions } from '../metrics/metric-options.js';

export interface PrometheusMetricsOptions extends MetricOptions {
  /** Where the metrics are registered: a `Registry` of prom-client 15, for one its global `register`. */
  readonly register: Registry;
  /** Before every name. Default `resilience_`. */
  readonly prefix?: string | undefined;
}

/** `setContentType` is what version 15 has and older ones have not. */
const methods: readonly string[] = ['registerMetric', 'getSingleMetric', 'removeSingleMetric', 'setContentType'];

export function checkRegister(register: Registry): void {
  if (hasMethods(register, methods)) return;
  throw refusal('register', 'a Registry of prom-client 15', register);
}

export function checkPrefix(prefix: string): void {
  if (typeof prefix !== 'string') throw refusal('prefix', 'a string', prefix);
  if (/^([a-zA-Z_:][a-zA-Z0-9_:]{0,99})?$/.test(prefix)) return;
  throw new RangeError(`prefix must be at most 100 letters, digits, _ and :, and not begin with a digit, got ${show(prefix)}`);
}
