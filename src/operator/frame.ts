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
