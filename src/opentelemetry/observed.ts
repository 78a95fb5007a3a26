import type { Attributes, Meter, Observable } from '@opentelemetry/api';
import type { Sample } from '../metrics/metric-group.js';
import { attributesOf } from './opentelemetry-options.js';

export type InstrumentType = 'counter' | 'level' | 'health';

/** An instrument that is read when the SDK collects. */
export class Observed {
  readonly instrument: Observable;
  private shown: Map<string, Attributes> = new Map();

  constructor(
    meter: Meter,
    name: string,
    options: { readonly description: string; readonly unit: string },
    private readonly type: InstrumentType,
    private readonly read: () => Iterable<Sample>,
  ) {
    if (type === 'counter') this.instrument = meter.createObservableCounter(name, options);
    else if (type === 'level') this.instrument = meter.createObservableUpDownCounter(name, options);
    else this.instrument = meter.createObservableGauge(name, options);
  }

  observe(observe: (value: number, attributes: Attributes) => void): void {
    const { shown } = this;
    this.shown = new Map();
    for (const { labels, value } of this.read()) {
      const attributes = attributesOf(labels);
      const key = Object.values(labels).join('\0');
      observe(value, attributes);
      shown.delete(key);
      if (this.type !== 'counter') this.shown.set(key, attributes);
    }
    // An SDK goes on with the last value of what is not observed any more: a circuit that has gone must not stay open.
    for (const attributes of shown.values()) observe(this.type === 'health' ? NaN : 0, attributes);
  }
}
