import type { PolicyEvent, PolicyMetrics, ResetEvent } from '../operator/policy-types.js';
import type { Refusal } from '../core/circuit-state.js';

export interface CircuitOpenedEvent extends PolicyEvent {
  readonly type: 'opened';
  /** The error that opened it. */
  readonly cause: unknown;
  /** `scheduler.now()` at which it will be half-open. */
  readonly until: number;
}

export interface CircuitMovedEvent extends PolicyEvent {
  readonly type: 'halfOpened' | 'closed';
}

export interface CircuitHeldEvent extends PolicyEvent {
  readonly type: 'isolated' | 'released';
  readonly caller?: string;
}

export interface CircuitRefusedEvent extends PolicyEvent {
  readonly type: 'refused';
  readonly reason: Refusal['reason'];
  /** Milliseconds. */
  readonly retryAfter: number | undefined;
}

export interface CircuitSucceededEvent extends PolicyEvent {
  readonly type: 'succeeded';
  /** Milliseconds to the first value, or to the end where there was none. */
  readonly duration: number;
}

export interface CircuitFailedEvent extends PolicyEvent {
  readonly type: 'failed';
  readonly error: unknown;
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
  /** Milliseconds. */
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

/** A call ends in exactly one of successes, failures, ignored, abandoned, late and refused. */
export interface BreakerMetrics extends PolicyMetrics {
  readonly successes: number;
  readonly failures: number;
  /** Successes and failures that were slow by the trip's rule. */
  readonly slow: number;
  readonly ignored: number;
  readonly abandoned: number;
  readonly late: number;
  readonly refused: number;
  /** How often it has opened. */
  readonly opened: number;
  /** Of the first rule about a rate; undefined below its minimum of calls. */
  readonly rate: number | undefined;
}
