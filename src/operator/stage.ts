import type { Observable, Subscription } from 'rxjs';
import type { Ending } from '../core/ending.js';
import type { Call } from './call.js';
import type { Frame } from './frame.js';
import type { StageList } from './fuse.js';
import type { PolicyInCall } from './shared.js';

/** What `admit` answers when the call has to wait in the guard's queue. */
export const WAIT: unique symbol = /*#__PURE__*/ Symbol('wait');

export type Admission = undefined | typeof WAIT | Error;

/** What becomes of a call when its wait is over. One of the two is called, once. */
export interface AfterWait {
  go(): void;
  /** The call ends with this error, or with this value as its last one. */
  stop(last: { readonly error: unknown } | { readonly value: unknown }): void;
}

/** Begins a wait. The call that leaves meanwhile unsubscribes what this returns. */
export type Wait = (then: AfterWait) => Subscription;

/** A bound (retry) lets the stages further in go again. */
export interface Again {
  /** Filled in by the call. */
  at: number;
  readonly source?: undefined;
  /** What has to be over before that. Undefined: the call goes on in the same turn. */
  readonly wait: Wait | undefined;
  /** The wait may end with the value for which it began: that is not discarded before. */
  readonly keepsValue?: boolean;
  /** The number of the try that this begins. */
  readonly attempt: number;
}

/** A bound (fallback) goes on with another source, under the context of those further out. */
export interface Instead {
  at: number;
  readonly source: Observable<unknown>;
}

/** What a bound answers when the call goes on instead of ending. */
export type Continuation = Again | Instead;

/** Those who wait for a stage. */
export interface Line {
  readonly size: number;
  /** Lets in whoever may go: a loop, guarded against re-entrance. */
  serve(): void;
}

/**
 * One policy's part in a call, at position `at` of a list that is ordered from the source outwards. The ticket of a
 * position is `call.tickets[at]`. What is undefined costs nothing.
 */
export interface Stage {
  /** The list of this stage alone, once a pipe has needed it. */
  alone: StageList | undefined;
  /** Whose part it is: for test harnesses. */
  readonly policy: PolicyInCall | undefined;
  /** Two stages with the same key in one list would wait for each other for ever. */
  readonly key: object | undefined;
  /** What it is for the order of a pipe, and beside it, shifted, around what it cannot stand. */
  readonly order: number;
  /** Never joins the list of what is further in. */
  readonly separate: boolean;
  /** Asks `call.hasSeen`. */
  readonly seesValues: boolean;
  /** Asks for `value` on every value, not only until `call.seen` says that there was one. */
  readonly everyValue: boolean;
  /** Decides for itself what counts as a value (an `isValue` option), in `value`, by `call.markSeen(at)`. */
  readonly judgesValues: boolean;
  /** Lets the call go on later (a next try, a fallback): that is in the scope of the call, also where the event is one of another call. */
  readonly keepsScope: boolean;
  /** Go on (undefined), wait in a queue, or refuse with an error. What is thrown ends the call with that error. */
  readonly admit: ((call: Call, at: number) => Admission) | undefined;
  /** The call was parked or its source was subscribed and it is still running: the time for timers. */
  readonly arm: ((call: Call, at: number) => void) | undefined;
  /** The first subscription of the source proper after a wait in a queue further in. */
  readonly connected: ((call: Call, at: number) => void) | undefined;
  /** The first value; a continuation means that it is not delivered. */
  readonly first: ((call: Call, at: number, value: unknown) => Continuation | undefined) | undefined;
  /** Every value, as `first`. */
  readonly value: ((call: Call, at: number, value: unknown) => Continuation | undefined) | undefined;
  /** The call ended further in, or a waiter leaves. What is thrown replaces the ending for everything further out. */
  readonly settle: ((call: Call, at: number, ending: Ending, error: unknown) => Continuation | undefined) | undefined;
  /** Its queue: served after the source was torn down, where somebody waited as the call settled. */
  readonly line: Line | undefined;
  /** Writes into `frame` what this stage adds to the context of everything further in. */
  readonly context: ((call: Call, at: number, frame: Frame) => void) | undefined;
}

/** By how many bits what a stage cannot stand around is shifted in its `order`. */
export const shift = 3;

/** A bit for each kind: 1 a fallback, 2 a retry, 4 a deadline. */
export const fallbackOrder = 0b1;
export const breakerOrder = 0b001_000;
export const retryOrder = 0b011_010;
export const deadlineOrder = 0b100_100;

/** Fills in what a stage leaves out: all stages have one shape, or the call sites would be megamorphic. */
export function stage(parts: Partial<Stage>): Stage {
  return {
    alone: undefined,
    policy: parts.policy,
    key: parts.key,
    order: parts.order ?? 0,
    separate: parts.separate ?? false,
    seesValues: parts.seesValues ?? false,
    everyValue: parts.everyValue ?? false,
    judgesValues: parts.judgesValues ?? false,
    keepsScope: parts.keepsScope ?? false,
    admit: parts.admit,
    arm: parts.arm,
    connected: parts.connected,
    first: parts.first,
    value: parts.value,
    settle: parts.settle,
    line: parts.line,
    context: parts.context,
  };
}
