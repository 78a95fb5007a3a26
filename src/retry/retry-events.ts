import type { PolicyEvent, PolicyMetrics, ResetEvent } from '../operator/policy-types.js';

/**
 * Why a retry gave up: it had made all its tries, the budget was empty, the deadline would have cut the wait, the
 * strategy said no, or the dependency asked for more time than there is.
 */
export type ExhaustedReason = 'attempts' | 'budget' | 'deadline' | 'strategy' | 'retryAfter';

/** A try has failed, and the next is `delay` milliseconds away. */
export interface RetryScheduledEvent extends PolicyEvent {
  readonly type: 'scheduled';
  /** Number of the try that failed, from 1. */
  readonly attempt: number;
  /** Tries there can be; `Infinity` where nothing but strategy, budget and deadline bounds them. */
  readonly of: number;
  /** Milliseconds; `NaN` where the strategy answered with an observable or a promise. */
  readonly delay: number;
  /** The error for which it is tried again. */
  readonly error?: unknown;
  /** The value for which it is tried again. */
  readonly value?: unknown;
}

/** A call has ended well with a later try. */
export interface RetryRecoveredEvent extends PolicyEvent {
  readonly type: 'recovered';
  /** Tries made, the first included. */
  readonly attempts: number;
}

/** What could have been tried again was not. */
export interface RetryExhaustedEvent extends PolicyEvent {
  readonly type: 'exhausted';
  readonly reason: ExhaustedReason;
  /** Tries made, the first included. */
  readonly attempts: number;
  /** The last error. */
  readonly error?: unknown;
  /** The last value, which is delivered. */
  readonly value?: unknown;
}

export type RetryEvent = RetryScheduledEvent | RetryRecoveredEvent | RetryExhaustedEvent | ResetEvent;

/** Since the last reset; a call that began before it is not counted any more. */
export interface RetryMetrics extends PolicyMetrics {
  /** First tries and later ones. */
  readonly tries: number;
  /** Later tries alone; in shadow mode: that would have been. */
  readonly retries: number;
  /** Calls that ended well with a later try. */
  readonly recovered: number;
  /** Calls that were given up, by the reason. */
  readonly exhausted: Readonly<Record<ExhaustedReason, number>>;
  /** Retries that the budget has left; `Infinity` without one. */
  readonly budgetLeft: number;
}
