/**
 * How many calls may be in flight at once: fixed, or found from how latency answers to load. It counts nothing itself;
 * whoever holds the permits asks for `limit` at each admission. One limit may serve several policies.
 */
export interface ConcurrencyLimit {
  /** A whole number, at least 1. Changes only while a sample is taken. */
  readonly limit: number;
  /** Whether samples matter. Where they do not, nobody need read a clock for them. */
  readonly sampled: boolean;
  /**
   * One for each policy that uses the limit: it keeps that policy's own no-load latency, so that a fast and a slow
   * route under one limit are each measured against themselves.
   */
  sampler(): LimitSampler;
}

/** Tells a limit how calls went. Calls that tell nothing about the dependency (left, refused) are not sampled. */
export interface LimitSampler {
  /**
   * A call went well.
   * @param latency milliseconds it took
   * @param inFlight calls in flight as it ended, itself included
   * @param now milliseconds of this sampler's clock, which does not run backwards; two samplers of one limit may have
   * different ones
   */
  record(latency: number, inFlight: number, now: number): void;
  /** A call was lost to overload: it timed out, or the dependency said that it was too busy. */
  dropped(inFlight: number, now: number): void;
}
