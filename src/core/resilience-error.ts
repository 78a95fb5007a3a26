/** Literal codes of the errors of this library, for `switch`. */
export type ResilienceErrorCode =
  | 'CIRCUIT_OPEN'
  | 'BULKHEAD_FULL'
  | 'LOAD_SHED'
  | 'DEADLINE_EXCEEDED'
  | 'RETRY_EXHAUSTED';

/**
 * What every error of this library has. Recognise it by `isResilienceError`, not by `instanceof`: two copies of the
 * library in one process have two classes, but one brand.
 */
export abstract class ResilienceError extends Error {
  abstract override readonly name: string;
  abstract readonly code: ResilienceErrorCode;
  /** Name of the policy that raised it. */
  readonly policy: string;

  constructor(message: string, policy: string, cause?: unknown) {
    if (cause === undefined) super(message);
    else super(message, { cause });
    this.policy = policy;
  }

  /** The brand; on the prototype, so that it costs nothing for each error. */
  get '~resilience'(): true {
    return true;
  }
}

/** A call refused without being made: the dependency never heard of it. */
export abstract class RejectedError extends ResilienceError {
  abstract readonly reason: string;
  /** Milliseconds after which another try can make sense, where that is known. */
  declare readonly retryAfter?: number;

  constructor(message: string, policy: string, retryAfter?: number, cause?: unknown) {
    super(message, policy, cause);
    if (retryAfter !== undefined) (this as { retryAfter?: number }).retryAfter = retryAfter;
  }

  /** The brand of what refused: other codes may join those of today. */
  get '~rejected'(): true {
    return true;
  }
}
