import { type MonoTypeOperatorFunction, Observable } from 'rxjs';
import { checkInteger, checkKeys, checkOneOf, show } from '../core/options.js';
import { type Priority, priorities } from '../core/priority.js';
import type { Deadline } from './deadline.js';
import type { Frame } from './frame.js';
import { ambient, carrying, shared } from './shared.js';

/** What flows upstream with a subscription. */
export interface CallContext {
  /** By when the call has to be over. */
  readonly deadline?: Deadline;
  /** How much it matters. */
  readonly priority?: Priority;
  /** Number of the try of the nearest retry, the first is 1. */
  readonly attempt: number;
  /** Cancellation from outside: a client that left. */
  readonly signal?: AbortSignal;
  /** Whatever else the application wants to know further in. */
  readonly tags?: Readonly<Record<string, unknown>>;
}

/** The context in which this code runs; outside of any call it has `attempt: 1` and nothing else. */
export function currentContext(): CallContext {
  return toContext(ambient());
}

/** A copy of a frame for user code. */
export function toContext(frame: Frame): CallContext {
  const { deadline, priority, attempt, signal, tags } = frame;
  return {
    attempt,
    ...(deadline !== undefined && { deadline }),
    ...(priority !== undefined && { priority }),
    ...(signal !== undefined && { signal }),
    ...(tags !== undefined && { tags }),
  };
}

/**
 * Runs `run` under a context: what is subscribed inside, synchronously, reads it. What `context` leaves out is taken
 * from the present one. Once `rxjs-resilience/node` is imported, what `run` awaits or schedules reads it as well.
 */
export function runInContext<R>(context: Partial<CallContext>, run: () => R): R {
  checkContext(context);
  const outer = ambient();
  const frame: Frame = {
    outer,
    owner: undefined,
    deadline: context.deadline ?? outer.deadline,
    priority: context.priority ?? outer.priority,
    attempt: context.attempt ?? outer.attempt,
    signal: context.signal ?? outer.signal,
    tags: context.tags ?? outer.tags,
  };
  return carrying(frame, () => runInFrame(frame, run));
}

function checkContext(context: Partial<CallContext>): void {
  checkKeys('context', context, ['deadline', 'priority', 'attempt', 'signal', 'tags']);
  const { attempt, deadline, priority, signal, tags } = context;
  if (priority !== undefined) checkOneOf('context.priority', priority, priorities);
  if (attempt !== undefined) checkInteger('context.attempt', attempt, 1);
  if (deadline !== undefined && typeof deadline?.remaining !== 'function') {
    throw new TypeError(`context.deadline must be a Deadline, got ${show(deadline)}`);
  }
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw new TypeError(`context.signal must be an AbortSignal, got ${show(signal)}`);
  }
  if (tags !== undefined && (typeof tags !== 'object' || tags === null)) {
    throw new TypeError(`context.tags must be an object, got ${show(tags)}`);
  }
}

export function runInFrame<R>(frame: Frame, run: () => R): R {
  const { context } = shared;
  shared.context = frame;
  try {
    return run();
  } finally {
    shared.context = context;
  }
}

/**
 * Subscribes the source outside of any context. Stands before `share` and `shareReplay`, whose one subscription serves
 * everybody and must not end with the first one's deadline.
 */
export function detachContext<T>(): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((subscriber) => {
      const { root } = shared;
      carrying(root, () => runInFrame(root, () => source.subscribe(subscriber)));
    });
}
