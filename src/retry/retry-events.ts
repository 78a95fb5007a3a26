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
  /** Tries there can be. */
  readonly of: number;
  readonly delay: number;
  readonly error?: unknown;
  /** The value for which it is tried again. */
  readonly value?: unknown;
}

/** A call has ended well with a later try. */
export interface RetryRecoveredEvent extends PolicyEvent {
  readonly type: 'recovered';
  readonly attempts: number;
}

/** What could have been tried again was not. */
export interface RetryExhaustedEvent extends PolicyEvent {
  readonly type: 'exhausted';
  readonly reason: ExhaustedReason;
  /** Tries made. */
  readonly attempts: number;
  readonly error?: unknown;
  readonly value?: unknown;
}

export type RetryEvent = RetryScheduledEvent | RetryRecoveredEvent | RetryExhaustedEvent | ResetEvent;

export interface RetryMetrics extends PolicyMetrics {
  /** First tries and later ones. */
  readonly tries: number;
  readonly retries: number;
  /** Calls that ended well with a later try. */
  readonly recovered: number;
  readonly exhausted: Readonly<Record<ExhaustedReason, number>>;
  /** Retries that the budget has left; `Infinity` without one. */
  readonly budgetLeft: number;
}
