import { ResilienceError } from './resilience-error.js';

export interface DeadlineFacts {
  /** False where the call was refused on arrival: nothing was left. */
  readonly started: boolean;
  /** Milliseconds that were really allowed. */
  readonly budget: number;
  /** Whether a deadline further out allowed less than the setting. */
  readonly shortened: boolean;
  /** Whether the event loop stood still for so long that the deadline proves nothing about the dependency. */
  readonly stalled: boolean;
  /** A call that ran for less than this when it was cut proves nothing either. */
  readonly hungAfter: number;
  /** Milliseconds from the start of the deadline to its end. */
  readonly ran: number;
}

const second = 1_000;

/**
 * If a call is cut sooner than this by a deadline of so many milliseconds, that proves nothing about the dependency. A
 * deadline that a stranger chose never proves anything: every caller could open a breaker for all others by it.
 */
export function hungAfter(within: number = Infinity, trusted: boolean = true): number {
  return trusted ? Math.min(second, within / 2) : Infinity;
}

/** Whether a deadline that fires so late says more of the event loop, which stood still, than of the dependency. */
export function isStall(late: number, within: number): boolean {
  return late > Math.min(second, within);
}

/** The time allowed for a call is over. */
export class DeadlineExceededError extends ResilienceError {
  override readonly name = 'DeadlineExceededError';
  readonly code = 'DEADLINE_EXCEEDED';
  readonly started: boolean;
  readonly budget: number;
  readonly shortened: boolean;
  readonly stalled: boolean;
  /** Not enumerable: what breakers further out need to decide as those further in do. */
  declare readonly hungAfter: number;
  /** Not enumerable. */
  declare readonly ran: number;

  constructor(policy: string, facts: DeadlineFacts) {
    super(
      facts.started
        ? `${policy}: not finished within ${round(facts.budget)} ms`
        : `${policy}: no time was left to start, ${round(facts.budget)} ms of it`,
      policy,
    );
    this.started = facts.started;
    this.budget = facts.budget;
    this.shortened = facts.shortened;
    this.stalled = facts.stalled;
    Object.defineProperties(this, { hungAfter: { value: facts.hungAfter }, ran: { value: facts.ran } });
  }
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
