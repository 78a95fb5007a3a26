import type { PolicyEvent, PolicyMetrics, ResetEvent } from '../operator/policy-types.js';

/** The time was over: the call was ended, or (`started` false) never made. */
export interface DeadlineExpiredEvent extends PolicyEvent {
  readonly type: 'expired';
  /** Milliseconds that were really allowed. */
  readonly budget: number;
  /** Whether the source had been subscribed. */
  readonly started: boolean;
  /** The event loop had stood still for so long that this proves nothing about the dependency. */
  readonly stalled: boolean;
}

/** A source that had been let go on its own has ended. */
export interface DetachedEndEvent extends PolicyEvent {
  readonly type: 'detachedEnd';
}

export type DeadlineEvent = DeadlineExpiredEvent | DetachedEndEvent | ResetEvent;

export interface DeadlineMetrics extends PolicyMetrics {
  /** Calls ended by this deadline. */
  readonly expired: number;
  /** Calls refused because no time was left. */
  readonly expiredOnArrival: number;
  /** Those of `expired` for which the event loop was to blame. */
  readonly stalled: number;
}
