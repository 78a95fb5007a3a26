import { priorities } from '../core/priority.js';
import { Waiting, type WaitOwner } from '../operator/waiting.js';
import type { ShedReason } from './load-shed-error.js';
import type { ShedCounters } from './shed-counters.js';

/** What a call has of its shedder. */
export interface ShedTicket {
  readonly rank: number;
  /** It has a permit. */
  readonly holds: boolean;
  /** When it began to run, where latencies are measured; else NaN. */
  start: number;
  /** Milliseconds to its first value; NaN before. */
  latency: number;
  /** A `Response` that stands for a failed call, without its body. */
  failure: unknown;
  /** Where it is counted and measured; undefined where it is not measured. */
  readonly counters: ShedCounters | undefined;
}

export function ticketOf(rank: number, holds: boolean, start: number, counters: ShedCounters | undefined): ShedTicket {
  return { rank, holds, start, latency: NaN, failure: undefined, counters };
}

/** Tickets without a measurement are all alike: a call needs none of its own. */
const unmeasured = (holds: boolean): readonly ShedTicket[] =>
  priorities.map((_, rank) => Object.freeze(ticketOf(rank, holds, NaN, undefined)));

/** By rank: of a call with a permit, and of one without. */
export const heldTickets: readonly ShedTicket[] = /*#__PURE__*/ unmeasured(true);
export const freeTickets: readonly ShedTicket[] = /*#__PURE__*/ unmeasured(false);

/** The policy of a call that waits in the queue of a shedder, which it may share with others. */
export interface ShedOwner extends WaitOwner {
  /** It is out of the queue and has to go. */
  shedWaiting(waiting: ShedWait, reason: ShedReason): void;
}

/** A call in the queue of a shedder, or one that came out of it. */
export class ShedWait extends Waiting<ShedCounters> implements ShedTicket {
  declare readonly owner: ShedOwner;
  start: number = NaN;
  latency: number = NaN;
  failure: unknown = undefined;
}
