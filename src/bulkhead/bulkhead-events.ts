import type { PolicyEvent, PolicyMetrics, ResetEvent } from '../operator/policy-types.js';

/** `full`: no permit was free and no place in the queue. `queue-timeout`: no permit became free in time. */
export type BulkheadRefusal = 'full' | 'queue-timeout';

export type BulkheadEvent =
  | ResetEvent
  /** The call waits for a permit. */
  | (PolicyEvent & { readonly type: 'queued' })
  /** The call has a permit; `waited` milliseconds for it, 0 where one was free. */
  | (PolicyEvent & { readonly type: 'started'; readonly waited: number })
  /** The call ends with a `BulkheadFullError`; in shadow mode it only would. */
  | (PolicyEvent & { readonly type: 'refused'; readonly reason: BulkheadRefusal })
  /** A waiter has gone without a permit: its consumer has left, or its deadline has passed. */
  | (PolicyEvent & { readonly type: 'left' });

export interface BulkheadMetrics extends PolicyMetrics {
  /** Calls that got a permit since the last reset. */
  readonly accepted: number;
  /** Calls that were refused, by reason. Those whose deadline had passed are in neither. */
  readonly refused: Readonly<Record<BulkheadRefusal, number>>;
  /** Calls that hold a permit now. */
  readonly active: number;
  /** Calls that wait now. */
  readonly queued: number;
  /** Calls that may hold a permit now. */
  readonly limit: number;
  /** Places in the queue. */
  readonly capacity: number;
  /** The most that held a permit at once. */
  readonly peak: number;
  /** Milliseconds that calls which then got a permit have waited for it, in all. */
  readonly waited: number;
  /** Of the calls that waited and got a permit, milliseconds; 0 without one. */
  readonly meanWait: number;
  /** Refused calls among those that were accepted or refused, 0 to 1; 0 without one. */
  readonly rejectionRatio: number;
}
