import { hasCode } from '../core/guards.js';
import { RejectedError } from '../core/resilience-error.js';
import type { Refusal } from '../core/circuit-state.js';

/**
 * A circuit that is not closed has refused the call. Its cause is the error that opened it, its `retryAfter` the
 * milliseconds until the circuit, or the place of a probe, may be free; neither is there where it is held by hand.
 */
export class CircuitOpenError extends RejectedError {
  override readonly name = 'CircuitOpenError';
  readonly code = 'CIRCUIT_OPEN';
  /** The state of the circuit; `half-open`: the probes that may run at once are running. */
  readonly reason: Refusal['reason'];
  /** `scheduler.now()` as the circuit opened; undefined where it never has. */
  readonly openedAt: number | undefined;

  constructor(policy: string, refusal: Refusal, openedAt: number | undefined, cause: unknown) {
    super(`${policy}: the circuit is ${refusal.reason}`, policy, refusal.retryAfter, cause);
    this.reason = refusal.reason;
    this.openedAt = openedAt;
  }
}

/** Whether a circuit has refused the call, or what it depends on: the first error of this library among its causes decides. */
export function isCircuitOpenError(error: unknown): error is CircuitOpenError {
  return hasCode(error, 'CIRCUIT_OPEN');
}
