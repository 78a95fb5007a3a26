import type { PolicyEvent, PolicyMetrics, ResetEvent } from '../operator/policy-types.js';
import type { Refusal } from '../core/circuit-state.js';

/** Calls are refused from now on. */
export interface CircuitOpenedEvent extends PolicyEvent {
  readonly type: 'opened';
  /** The error that opened it. */
  readonly cause: unknown;
  /** `scheduler.now()` at which it will be half-open; `Infinity` where the strategy says so. */
  readonly until: number;
}

/** The break is over, and probes are let through; or enough of them went well, or those who held it have released it. */
export interface CircuitMovedEvent extends PolicyEvent {
  readonly type: 'halfOpened' | 'closed';
}

/** Somebody holds it open by hand, or has let go. */
export interface CircuitHeldEvent extends PolicyEvent {
  readonly type: 'isolated' | 'released';
  /** What was handed to `isolate` or `release`. */
  readonly caller?: string;
}

/** A call was refused, or would have been in shadow mode. */
export interface CircuitRefusedEvent extends PolicyEvent {
  readonly type: 'refused';
  /** The state it was refused in; `half-open`: the probes that may run at once are running. */
  readonly reason: Refusal['reason'];
  /** Milliseconds until it may be different; undefined where nobody knows. */
  readonly retryAfter: number | undefined;
}

/** A call went well, or the dependency has answered. */
export interface CircuitSucceededEvent extends PolicyEvent {
  readonly type: 'succeeded';
  /** Milliseconds to the first value, or to the end where there was none; 0 where nobody listened as it began. */
  readonly duration: number;
}

/** A call was a failure of the dependency. */
export interface CircuitFailedEvent extends PolicyEvent {
  readonly type: 'failed';
  /** Its error, or the value for which `isFailureValue` said so. */
  readonly error: unknown;
  /** Milliseconds, as of one that succeeded. */
  readonly duration: number;
}

/** The outcome says nothing about the dependency: refused further in, cancelled, a bug. */
export interface CircuitIgnoredEvent extends PolicyEvent {
  readonly type: 'ignored';
  readonly error: unknown;
}

/** The consumer left before there was a value. */
export interface CircuitAbandonedEvent extends PolicyEvent {
  readonly type: 'abandoned';
  /** Milliseconds; 0 where nobody listened as it began. */
  readonly after: number;
}

/** The call was admitted in an earlier state of the circuit. */
export interface CircuitLateEvent extends PolicyEvent {
  readonly type: 'late';
}

export type BreakerEvent =
  | CircuitOpenedEvent
  | CircuitMovedEvent
  | CircuitHeldEvent
  | CircuitRefusedEvent
  | CircuitSucceededEvent
  | CircuitFailedEvent
  | CircuitIgnoredEvent
  | CircuitAbandonedEvent
  | CircuitLateEvent
  | ResetEvent;

/**
 * Since the last reset. A call ends in exactly one of successes, failures, ignored, abandoned, late and refused; `calls`
 * is their sum and those that run.
 */
export interface BreakerMetrics extends PolicyMetrics {
  /** Calls that went well, and answers such as a 404. */
  readonly successes: number;
  /** What can open it. */
  readonly failures: number;
  /** Successes and failures that were slow by the trip's rule. */
  readonly slow: number;
  /** They say nothing about the dependency: refused further in, cancelled, a bug. */
  readonly ignored: number;
  /** Left by their consumer before there was a value. */
  readonly abandoned: number;
  /** Admitted in an earlier state of the circuit. */
  readonly late: number;
  /** In shadow mode: that would have been. */
  readonly refused: number;
  /** How often it has opened. */
  readonly opened: number;
  /** Of the first rule about a rate, 0 to 1; undefined below its minimum of calls, or without such a rule. */
  readonly rate: number | undefined;
}
