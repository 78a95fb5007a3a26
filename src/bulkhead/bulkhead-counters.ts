import type { BulkheadRefusal } from './bulkhead-events.js';

/**
 * What a bulkhead has counted since its last reset. A call that waits keeps those of the time at which it came: after a
 * reset it counts where nobody looks.
 */
export class BulkheadCounters {
  accepted = 0;
  readonly refused: Record<BulkheadRefusal, number> = { full: 0, 'queue-timeout': 0 };
  /** Calls that got a permit after a wait, and milliseconds of that in all. */
  waits = 0;
  waited = 0;

  constructor(
    /** The most that held a permit at once. */
    public peak: number,
  ) {}
}
