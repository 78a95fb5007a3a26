import type { ExhaustedReason } from './retry-events.js';

/** What has come of calls; a `reset` begins others, and what comes of calls from before it goes where nobody reads. */
export interface RetryCounts {
  retries: number;
  /** Calls that ended well with a later try. */
  recovered: number;
  readonly exhausted: Record<ExhaustedReason, number>;
}

export function nothingCounted(): RetryCounts {
  return { retries: 0, recovered: 0, exhausted: { attempts: 0, budget: 0, deadline: 0, strategy: 0, retryAfter: 0 } };
}

/** Why it is tried again: an error, or a value that is not good enough. */
export type Reason = { readonly error: unknown; readonly value?: never } | { readonly value: unknown; readonly error?: never };

/** What a retry remembers of a call that has failed once: its ticket. It is per call and never shared. */
export class RetryCall {
  /** Tries made since the call began. */
  tries = 1;
  /** Retries made since the count began. */
  retries = 0;
  /** The strategy's last delay. */
  previousDelay = 0;
  /** The present try has had a value. */
  answered = false;
  /** It was given up: whatever still comes of it passes, and is no success. */
  over = false;
  /** A callback of the policy has thrown: that ends the call. */
  broken = false;

  constructor(
    /** Where it is counted. */
    readonly counts: RetryCounts,
  ) {}

  countAnew(): void {
    this.retries = 0;
    this.previousDelay = 0;
    this.over = false;
  }
}
