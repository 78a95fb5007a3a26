/** A request that a test asks for. */
export interface Asked {
  readonly url: string;
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Angular's own, for each try, in milliseconds. */
  readonly timeout?: number;
  /** What `withResilience` gets; left out where it is not called. */
  readonly resilience?:
    | false
    | {
        readonly key?: string;
        readonly deadline?: number;
        readonly priority?: 'criticalPlus' | 'critical' | 'sheddablePlus' | 'sheddable';
        readonly idempotent?: boolean;
      };
}

/** What has become of it. */
export interface Outcome {
  readonly ended: 'pending' | 'error' | 'complete';
  /** The types of its events, in order: 0 sent, 2 head, 3 progress, 4 response. */
  readonly events: readonly number[];
  readonly status?: number;
  readonly body?: unknown;
  readonly error?: Described;
  /** Milliseconds from the subscription to the end. */
  readonly took?: number;
}

/** An error as an application gets it. */
export interface Described {
  readonly isHttpErrorResponse: boolean;
  readonly status?: number;
  readonly statusText?: string;
  readonly url?: string | null;
  readonly retryAfter?: string | null;
  /** The name of the error within it, or the type of what else is there. */
  readonly cause?: string;
  readonly code?: unknown;
}
