const brand = /*#__PURE__*/ Symbol.for('rxjs-resilience/error');

/** Literal names of the errors of this library, for `switch`. */
export type ResilienceErrorCode =
  | 'CIRCUIT_OPEN'
  | 'BULKHEAD_FULL'
  | 'LOAD_SHED'
  | 'DEADLINE_EXCEEDED'
  | 'RETRY_EXHAUSTED';

/** What every error of this library has. Recognise it by `isResilienceError`, not by `instanceof`: copies of the library share the brand. */
export abstract class ResilienceError extends Error {
  abstract override readonly name: string;
  abstract readonly code: ResilienceErrorCode;
  /** Name of the policy that raised it. */
  readonly policy: string;

  constructor(message: string, policy: string, cause?: unknown) {
    if (cause === undefined) super(message);
    else super(message, { cause });
    this.policy = policy;
    Object.defineProperty(this, brand, { value: true });
  }
}
