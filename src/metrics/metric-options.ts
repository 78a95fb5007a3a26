import { isObservable } from 'rxjs';
import { checkBoolean, checkInteger, checkNumber, refusal } from '../core/options.js';
import type { PolicyRegistry } from '../registry/registry-types.js';

/** What the metrics systems have in common. */
export interface MetricOptions {
  /**
   * Histograms of how long calls took and waited. They need an event of every call through a breaker or a bulkhead;
   * false: a call pays nothing. Default true.
   */
  readonly durations?: boolean | undefined;
  /** Upper bounds of the histograms' buckets in seconds, ascending, above 0. Default 0.005 to 30. */
  readonly buckets?: readonly number[] | undefined;
  /** How many names of policies are told apart, 1 to 100,000; further ones are `other` together. Default 1,000. */
  readonly maxPolicies?: number | undefined;
}

export const metricOptionNames: readonly string[] = ['durations', 'buckets', 'maxPolicies'];

export interface MetricSettings {
  readonly durations: boolean;
  readonly buckets: readonly number[];
  readonly maxPolicies: number;
}

const defaultBuckets: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function readMetricOptions(options: MetricOptions): MetricSettings {
  const { buckets = defaultBuckets, durations = true, maxPolicies = 1_000 } = options;
  return {
    durations: checkBoolean('durations', durations),
    buckets: checkBuckets(buckets),
    maxPolicies: checkInteger('maxPolicies', maxPolicies, 1, 100_000),
  };
}

function checkBuckets(buckets: readonly number[]): readonly number[] {
  if (!Array.isArray(buckets)) throw refusal('buckets', 'an array of seconds', buckets);
  if (buckets.length === 0 || buckets.length > 100) throw new RangeError(`buckets must be 1 to 100 bounds, got ${buckets.length}`);
  buckets.forEach((bound, at) => {
    checkNumber(`buckets[${at}]`, bound, Number.MIN_VALUE);
    if (at > 0 && bound <= buckets[at - 1]!) {
      throw new RangeError(`buckets must ascend, got ${buckets[at - 1]} before ${bound}`);
    }
  });
  return Array.from<number>(buckets);
}

/** What can be told of a registry, which may be another copy's. */
export function checkRegistry(registry: PolicyRegistry): void {
  const streams = ['policies$', 'health$', 'events$', 'transitions$'] as const;
  if (streams.every((stream) => isObservable(registry?.[stream]))) return;
  throw refusal('registry', 'made by policyRegistry()', registry);
}

/** Whether a foreign object has the methods that its supported version has. */
export function hasMethods(value: unknown, methods: readonly string[]): boolean {
  const given = Object(value) as Readonly<Record<string, unknown>>;
  return methods.every((method) => typeof given[method] === 'function');
}
