import type { Priority } from '../core/priority.js';
import type { Deadline } from './deadline.js';

/** What a call further out wants to hear of what happens further in: a wait in a queue is not the dependency's fault. */
export interface FrameOwner {
  /** A call further in waits in one of our queues. */
  innerParked(): void;
  /** A call further in begins to subscribe what is no list of ours: the source proper, unless it hides one that waits. */
  innerConnecting(): void;
  /** That subscribing is over. */
  innerConnected(): void;
  /** A call further in was queued, retried or answered by a fallback: its latency says nothing. */
  innerDisturbed(): void;
}

/**
 * The ambient context of one connection to a source. The subscriber itself is the frame, so that a context costs no
 * object of its own; user code sees a copy (`CallContext`).
 */
export interface Frame {
  readonly outer: Frame | undefined;
  readonly owner: FrameOwner | undefined;
  deadline: Deadline | undefined;
  priority: Priority | undefined;
  attempt: number;
  signal: AbortSignal | undefined;
  tags: Readonly<Record<string, unknown>> | undefined;
  /** What the policies between this frame and the source may do at most; looked for outwards, where it matters. */
  readonly limits?: CallLimits | undefined;
}

/** What whoever runs a policy that is not theirs lets it do. */
export interface CallLimits {
  /** Tries after the first; 0: as if nothing could be tried again. Default: as many as each retry makes. */
  readonly maxRetries?: number | undefined;
  /** Milliseconds of one wait in a queue. Default: as long as each queue lets. */
  readonly maxQueueWait?: number | undefined;
}

const unlimited: CallLimits = {};

/** The limits of the calls that were subscribed under `frame`. */
export function limitsOf(frame: Frame | undefined): CallLimits {
  for (let at = frame; at !== undefined; at = at.outer) if (at.limits !== undefined) return at.limits;
  return unlimited;
}

/** The same context by itself: it keeps no call alive, and tells none of what happens in it. */
export function detached({ attempt, deadline, priority, signal, tags }: Frame): Frame {
  return { outer: undefined, owner: undefined, deadline, priority, attempt, signal, tags };
}

/** Outside of every call. */
export function rootFrame(): Frame {
  return {
    outer: undefined,
    owner: undefined,
    deadline: undefined,
    priority: undefined,
    attempt: 1,
    signal: undefined,
    tags: undefined,
  };
}
