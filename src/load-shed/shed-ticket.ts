import { priorities } from '../core/priority.js';
import type { Call } from '../operator/call.js';
import { Waiting } from '../operator/waiting.js';
import type { ShedReason } from './load-shed-error.js';

/** What a call has of its shedder. */
export interface ShedTicket {
  readonly rank: number;
  /** It has a permit. */
  holds: boolean;
  /** When it began to run, where latencies are measured; else NaN. */
  start: number;
  /** Milliseconds to its first value; NaN before. */
  latency: number;
  /** A policy that was reset takes no samples of calls from before. */
  readonly counting: number;
}

export function ticketOf(rank: number, holds: boolean, start: number, counting: number): ShedTicket {
  return { rank, holds, start, latency: NaN, counting };
}

/** Tickets without a measurement are all alike: a call needs none of its own. */
export const heldTickets: readonly ShedTicket[] = /*#__PURE__*/ priorities.map((_, rank) => Object.freeze(ticketOf(rank, true, NaN, 0)));
export const freeTickets: readonly ShedTicket[] = /*#__PURE__*/ priorities.map((_, rank) => Object.freeze(ticketOf(rank, false, NaN, 0)));

/** The policy of a call that waits in the queue of a shedder which it may share with others. */
export interface ShedOwner {
  /** A permit is free for it; it is out of the queue. */
  turnOf(waiting: ShedWait): void;
  /** It is out of the queue and has to go. */
  shedWaiting(waiting: ShedWait, reason: ShedReason): void;
  timedOut(waiting: ShedWait): void;
  /** It is out of the queue and its deadline has passed. */
  expire(waiting: ShedWait): void;
}

/** A call in the queue of a shedder, or one that came out of it. */
export class ShedWait extends Waiting implements ShedTicket {
  holds = false;
  start: number = NaN;
  latency: number = NaN;

  constructor(
    readonly owner: ShedOwner,
    call: Call,
    at: number,
    since: number,
    readonly rank: number,
    readonly counting: number,
  ) {
    super(call, at, since);
  }

  override fire(): void {
    this.owner.timedOut(this);
  }
}
