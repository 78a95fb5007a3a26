import { hasCode } from '../core/guards.js';
import { RejectedError } from '../core/resilience-error.js';

export interface BulkheadFacts {
  /** Calls that hold a permit. */
  readonly active: number;
  /** Calls that may hold one. */
  readonly limit: number;
  /** Calls that wait. */
  readonly queued: number;
  /** Calls that may wait. */
  readonly capacity: number;
}

/** No permit was free and no place in the queue, or none became free in time. The source was not subscribed. */
export class BulkheadFullError extends RejectedError implements BulkheadFacts {
  override readonly name = 'BulkheadFullError';
  readonly code = 'BULKHEAD_FULL';
  readonly active: number;
  readonly limit: number;
  readonly queued: number;
  readonly capacity: number;

  constructor(
    policy: string,
    readonly reason: 'full' | 'queue-timeout',
    { active, limit, queued, capacity }: BulkheadFacts,
  ) {
    super(
      `${policy}: ${reason === 'full' ? 'full' : 'waited for too long'}, ${active} of ${limit} running, ` +
        `${queued} of ${capacity} waiting`,
      policy,
    );
    this.active = active;
    this.limit = limit;
    this.queued = queued;
    this.capacity = capacity;
  }
}

/** Whether a bulkhead refused the call. */
export function isBulkheadFullError(error: unknown): error is BulkheadFullError {
  return hasCode(error, 'BULKHEAD_FULL');
}
