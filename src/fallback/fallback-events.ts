import type { PolicyEvent, PolicyMetrics, ResetEvent } from '../operator/policy-types.js';

/** The call failed and the fallback answers instead. */
export interface FallbackUsedEvent extends PolicyEvent {
  readonly type: 'used';
  /** For which the fallback is used. */
  readonly error: unknown;
}

/** The fallback has failed too. */
export interface FallbackFailedEvent extends PolicyEvent {
  readonly type: 'failed';
  /** The fallback's own error, which went downstream. */
  readonly error: unknown;
  /** The first error, for which the fallback was used. */
  readonly cause: unknown;
}

export type FallbackEvent = FallbackUsedEvent | FallbackFailedEvent | ResetEvent;

export interface FallbackMetrics extends PolicyMetrics {
  /** Calls that the fallback answered, or tried to. */
  readonly used: number;
  /** Those of them in which it failed as well. */
  readonly failed: number;
}
