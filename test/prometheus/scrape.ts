import type { Registry } from 'prom-client';
import { type Family, parseExposition } from './exposition.js';

/** What one scrape sees. */
export interface Scrape {
  readonly families: readonly Family[];
  /** The value of the series that has just these labels; undefined where there is none. */
  value(name: string, labels: Readonly<Record<string, string>>): number | undefined;
  /** `label=value,… value` of each series, sorted. */
  series(name: string): readonly string[];
}

export async function scrape(register: Registry): Promise<Scrape> {
  const families = parseExposition(await register.metrics());
  const samples = families.flatMap((family) => family.samples);
  const show = (labels: Readonly<Record<string, string>>): string =>
    Object.entries(labels)
      .map(([label, value]) => `${label}=${value}`)
      .sort()
      .join();
  return {
    families,
    value: (name, labels) => samples.find((sample) => sample.name === name && show(sample.labels) === show(labels))?.value,
    series: (name) =>
      samples
        .filter((sample) => sample.name === name)
        .map(({ labels, value }) => `${show(labels)} ${value}`)
        .sort(),
  };
}
