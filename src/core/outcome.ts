import { type Classify, isFailure } from './classify.js';
import { Ending } from './ending.js';
import { findResilienceError } from './find-error.js';
import { read } from './read.js';

/** What the end of a call says about the dependency; `abandoned` and `ignored` say nothing. */
export type Outcome = 'success' | 'failure' | 'ignored' | 'abandoned';

interface DeadlineLike {
  readonly stalled?: boolean;
  readonly hungAfter?: number;
  readonly ran?: number;
}

/**
 * The outcome of a call by how it ended.
 *
 * @param hasValue whether there was a value
 * @param waits whether the last thing that happened further in was a wait in one of our queues: whatever ends such a
 * call, the dependency had no part in it
 * @param ran milliseconds for which the source had run; undefined where nobody measured, a deadline then says itself
 * @param hungAfter the breaker's own setting
 */
export function outcomeOf(
  ending: Ending,
  error: unknown,
  hasValue: boolean,
  waits: boolean,
  classify: Classify,
  ran: number | undefined,
  hungAfter: number | undefined,
): Outcome {
  if (waits) return 'ignored';
  switch (ending) {
    case Ending.lost:
      return 'ignored';
    case Ending.completed:
      return 'success';
    case Ending.left:
      if (hasValue) return 'success';
      // Not so where one of them is undefined.
      return ran! >= hungAfter! ? 'failure' : 'abandoned';
    case Ending.cut:
      return ofDeadline(error as DeadlineLike, ran, hungAfter);
    case Ending.failed:
      return ofError(error, classify, ran, hungAfter);
  }
}

function ofError(error: unknown, classify: Classify, ran: number | undefined, hungAfter: number | undefined): Outcome {
  const kind = classify(error);
  if (!isFailure(kind, error)) return kind === 'permanent' ? 'success' : 'ignored';
  const deadline = deadlineIn(error);
  return deadline === undefined ? 'failure' : ofDeadline(deadline, ran, hungAfter);
}

function deadlineIn(error: unknown): DeadlineLike | undefined {
  const ours = findResilienceError(error);
  return read(ours, 'code') === 'DEADLINE_EXCEEDED' ? (ours as DeadlineLike) : undefined;
}

/** Whether an error is a deadline that says nothing about the dependency. */
export function isFutileDeadline(error: unknown): boolean {
  const deadline = deadlineIn(error);
  return deadline !== undefined && ofDeadline(deadline, undefined, undefined) === 'ignored';
}

/** A deadline that left no fair time proves nothing, or a few requests that come late would open a breaker for everybody. */
function ofDeadline(deadline: DeadlineLike, ran: number | undefined, hungAfter: number | undefined): Outcome {
  if (deadline.stalled === true) return 'ignored';
  const had = ran ?? deadline.ran ?? 0;
  return had >= (hungAfter ?? deadline.hungAfter ?? Infinity) ? 'failure' : 'ignored';
}
