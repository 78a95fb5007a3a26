import { hasCode } from '../core/guards.js';
import { RejectedError } from '../core/resilience-error.js';
import type { BulkheadRefusal } from './bulkhead-events.js';

/** How full a bulkhead is. */
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
  /** Calls that held a permit. */
  readonly active: number;
  /** Calls that might hold one. */
  readonly limit: number;
  /** Calls that waited. */
  readonly queued: number;
  /** Calls that might wait. */
  readonly capacity: number;

  constructor(
    policy: string,
    /** `full`: no permit and no place. `queue-timeout`: it had a place and waited for too long. */
    readonly reason: BulkheadRefusal,
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

/** Whether a bulkhead refused the call, also where another error was caused by that. */
export function isBulkheadFullError(error: unknown): error is BulkheadFullError {
  return hasCode(error, 'BULKHEAD_FULL');
}
