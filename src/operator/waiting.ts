import { DeadlineExceededError } from '../core/deadline-exceeded-error.js';
import type { Due } from '../core/due-heap.js';
import type { Waiter } from '../core/permit-queue.js';
import { stackless } from '../core/stackless.js';
import type { Call } from './call.js';
import type { Deadline } from './deadline.js';
import { report } from './shared.js';
import { TimerEntry } from './timer-list.js';

/** The policy in whose queue a call waits. */
export interface WaitOwner {
  /** It is out of the queue, with a permit. */
  letGo(waiting: Waiting): void;
  /** It is out of the queue, for its deadline has passed. */
  expire(waiting: Waiting): void;
  /** The time allowed for waiting is over; it is still in the queue. */
  timedOut(waiting: Waiting): void;
}

/** A call in a queue, or one that came out of it: the ticket of its position, and its timer. */
export class Waiting<C = unknown> extends TimerEntry {
  /** Its place while it waits. */
  place: Waiter<this> | undefined = undefined;
  /** That in the order in which the deadlines of those who wait are over, where it has one. */
  expiry: Due | undefined = undefined;
  /** It came out with a permit. */
  holds = false;

  constructor(
    readonly owner: WaitOwner,
    readonly call: Call,
    readonly at: number,
    /** When it began to wait. */
    readonly since: number,
    /** How important it is, 0 the most. */
    readonly rank: number,
    /** Where it is counted: those who come after a reset have others, and nobody reads the old ones any more. */
    readonly counters: C,
    /** It only would wait, and runs meanwhile. */
    readonly shadow: boolean = false,
  ) {
    super();
  }

  /**
   * Whether the call's position still stands for this wait. A listener that was told before the call itself may have
   * ended the call meanwhile, or a new try may have taken the position.
   */
  get isCurrent(): boolean {
    return this.call.tickets[this.at] === this;
  }

  /** That of its call. One that runs has those of what is further in, too: they are none of the queue's business. */
  get deadline(): Deadline | undefined {
    return this.shadow ? undefined : this.call.frame.deadline;
  }

  /** The call goes on with its permit or, given an error, is refused with that. */
  goOn(error?: Error): void {
    if (this.shadow || !this.isCurrent) return;
    const { at, call } = this;
    try {
      if (error === undefined) call.resume(at);
      else call.refuse(at, error);
    } catch (thrown) {
      // By somebody else's consumer: it must hit neither the call in whose name we act nor those who wait behind.
      report(thrown);
    }
  }

  override fire(): void {
    this.owner.timedOut(this);
  }
}

export function isExpired(deadline: Deadline | undefined): boolean {
  return deadline?.isExpired() === true;
}

/** The error of what came, or waited, until its deadline had passed: it never starts. */
export function neverStarted(policy: string, captureStacks: boolean): DeadlineExceededError {
  const facts = { started: false, budget: 0, shortened: false, stalled: false, hungAfter: Infinity, ran: 0 };
  return stackless(captureStacks, () => new DeadlineExceededError(policy, facts));
}
