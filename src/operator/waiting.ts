import { DeadlineExceededError } from '../core/deadline-exceeded-error.js';
import type { Waiter } from '../core/permit-queue.js';
import { stackless } from '../core/stackless.js';
import type { Call } from './call.js';
import { report } from './shared.js';
import { TimerEntry } from './timer-list.js';

/** The policy in whose queue a call waits. */
export interface WaitOwner<W> {
  /** The time allowed for waiting is over; `waiting` is still in the queue. */
  timedOut(waiting: W): void;
}

/** A call in a queue: the ticket of its position, and its timer. */
export abstract class Waiting extends TimerEntry {
  /** Its place while it waits. */
  place: Waiter<this> | undefined = undefined;

  constructor(
    readonly call: Call,
    readonly at: number,
    /** When it began to wait. */
    readonly since: number,
  ) {
    super();
  }

  get isQueued(): boolean {
    return this.place !== undefined;
  }

  /**
   * Whether the call's position still stands for this wait. A listener that was told before the call itself may have
   * ended the call meanwhile, or a new try may have taken the position.
   */
  get isCurrent(): boolean {
    return this.call.tickets[this.at] === this;
  }

  /** Whether the deadline of its call has passed. */
  isExpired(): boolean {
    return this.call.frame.deadline?.isExpired() === true;
  }

  resume(): void {
    if (this.isCurrent) contained(() => this.call.resume(this.at));
  }

  refuse(error: unknown): void {
    if (this.isCurrent) contained(() => this.call.refuse(this.at, error));
  }
}

/** The error of a waiter whose deadline has passed: it never starts. */
export function expiredInQueue(policy: string, captureStacks: boolean): DeadlineExceededError {
  const facts = { started: false, budget: 0, shortened: false, stalled: false, hungAfter: Infinity, ran: 0 };
  return stackless(captureStacks, () => new DeadlineExceededError(policy, facts));
}

/**
 * Continues somebody else's call. What its consumer throws is reported as RxJS reports unhandled errors: it must hit
 * neither the call in whose name we act nor those who wait behind.
 */
function contained(go: () => void): void {
  try {
    go();
  } catch (thrown) {
    report(thrown);
  }
}
