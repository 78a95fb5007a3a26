export { openTelemetryMetrics } from './opentelemetry-metrics.js';
export type { OpenTelemetryMetricsOptions } from './opentelemetry-options.js';
