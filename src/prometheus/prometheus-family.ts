import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Level } from '../metrics/metric-definitions.js';
import type { Sample } from '../metrics/metric-group.js';

/** The metrics of one attachment: all of them stand in the register, or none. */
export class PrometheusFamily {
  private readonly made: Map<string, unknown> = new Map();

  constructor(
    private readonly register: Registry,
    private readonly prefix: string,
  ) {}

  /** What `read` gives is what a scrape sees. */
  counter(name: string, help: string, labels: readonly string[], read: () => Iterable<Sample>): void {
    const collect = (): void => {
      counter.reset();
      for (const sample of read()) counter.inc(sample.labels, sample.value);
    };
    const counter = this.put(`${name}_total`, (common) => new Counter({ ...common, help, labelNames: [...labels], collect }));
  }

  /**
   * `aggregator` is how the workers of a cluster are one. They send their figures as JSON, in which NaN is read as 0, and
   * an infinite sum says nothing: what is not finite is not shown.
   */
  gauge(name: string, aggregator: Level, help: string, labels: readonly string[], read: () => Iterable<Sample>): void {
    const collect = (): void => {
      gauge.reset();
      for (const sample of read()) if (Number.isFinite(sample.value)) gauge.set(sample.labels, sample.value);
    };
    const gauge = this.put(name, (common) => new Gauge({ ...common, help, aggregator, labelNames: [...labels], collect }));
  }

  histogram(name: string, help: string, labels: readonly string[], buckets: readonly number[]): Histogram {
    return this.put(name, (common) => new Histogram({ ...common, help, labelNames: [...labels], buckets: [...buckets] }));
  }

  remove(): void {
    for (const [name, metric] of this.made) {
      // Somebody may have cleared the register, and given the name to another one.
      if (this.register.getSingleMetric(name) === metric) this.register.removeSingleMetric(name);
    }
    this.made.clear();
  }

  private put<M>(suffix: string, make: (common: { name: string; registers: Registry[] }) => M): M {
    const name = `${this.prefix}${suffix}`;
    if (this.register.getSingleMetric(name) !== undefined) {
      this.remove();
      throw new TypeError(`register has a metric ${name} already: two registries on one register need a prefix of their own each`);
    }
    const metric = make({ name, registers: [this.register] });
    this.made.set(name, metric);
    return metric;
  }
}
