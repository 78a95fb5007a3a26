import type { Attributes, Meter, Observable } from '@opentelemetry/api';
import type { MetricType } from '../metrics/metric-definitions.js';
import type { Sample } from '../metrics/metric-group.js';
import { attributesOf } from './opentelemetry-options.js';

/**
 * What is shown last of a level whose policy has gone, for an SDK goes on with the last value of what is not observed any
 * more: nothing runs, no state holds, and what is least where something is wrong says that nothing is.
 */
const gone: Readonly<Record<Exclude<MetricType, 'counter'>, number>> = { sum: 0, max: 0, min: 1 };

/** An instrument that is read when the SDK collects. */
export class Observed {
  readonly instrument: Observable;
  private shown: Map<string, Attributes> = new Map();

  constructor(
    meter: Meter,
    name: string,
    options: { readonly description: string; readonly unit: string },
    private readonly type: MetricType,
    private readonly read: () => Iterable<Sample>,
  ) {
    if (type === 'counter') this.instrument = meter.createObservableCounter(name, options);
    else if (type === 'min') this.instrument = meter.createObservableGauge(name, options);
    else this.instrument = meter.createObservableUpDownCounter(name, options);
  }

  observe(observe: (value: number, attributes: Attributes) => void): void {
    const { shown, type } = this;
    this.shown = new Map();
    for (const { labels, value } of this.read()) {
      const attributes = attributesOf(labels);
      const key = Object.values(labels).join('\0');
      // OTLP as JSON has finite numbers only; for others a collector refuses everything that comes with them.
      // What is not known stands as it was, and what is infinite does not bound anything: it is not there.
      if (Number.isFinite(value)) observe(value, attributes);
      else if (value === Infinity || !shown.has(key)) continue;
      shown.delete(key);
      if (type !== 'counter') this.shown.set(key, attributes);
    }
    if (type !== 'counter') for (const attributes of shown.values()) observe(gone[type], attributes);
  }
}
