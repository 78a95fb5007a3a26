import { type MonoTypeOperatorFunction, Observable } from 'rxjs';
import { checkInteger, checkKeys, checkOneOf, reading, refusal } from '../core/options.js';
import { type Priority, priorities } from '../core/priority.js';
import type { Deadline } from './deadline.js';
import type { Frame } from './frame.js';
import { ambient, carrying, shared } from './shared.js';

/** What flows upstream with a subscription. */
export interface CallContext {
  /** By when the call has to be over. */
  readonly deadline?: Deadline | undefined;
  /** How much it matters. */
  readonly priority?: Priority | undefined;
  /** Number of the try of the nearest retry, the first is 1. */
  readonly attempt: number;
  /** Cancellation from outside: a client that left. */
  readonly signal?: AbortSignal | undefined;
  /** Whatever else the application wants to know further in. */
  readonly tags?: Readonly<Record<string, unknown>> | undefined;
}

/** A context of which anything may be left out. */
export type PartialContext = { readonly [Name in keyof CallContext]?: CallContext[Name] | undefined };

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
export function runInContext<R>(context: PartialContext, run: () => R): R {
  const given = reading('runInContext', () => checkContext(context));
  const outer = ambient();
  const frame: Frame = {
    outer,
    owner: undefined,
    deadline: given.deadline ?? outer.deadline,
    priority: given.priority ?? outer.priority,
    attempt: given.attempt ?? outer.attempt,
    signal: given.signal ?? outer.signal,
    tags: given.tags ?? outer.tags,
  };
  return carrying(frame, () => runInFrame(frame, run));
}

function checkContext(context: PartialContext): PartialContext {
  const given = checkKeys('context', context, ['deadline', 'priority', 'attempt', 'signal', 'tags']);
  const { attempt, deadline, priority, signal, tags } = given;
  if (priority !== undefined) checkOneOf('context.priority', priority, priorities);
  if (attempt !== undefined) checkInteger('context.attempt', attempt, 1);
  if (deadline !== undefined && typeof deadline?.remaining !== 'function') {
    throw refusal('context.deadline', 'a Deadline', deadline);
  }
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw refusal('context.signal', 'an AbortSignal', signal);
  }
  if (tags !== undefined && (typeof tags !== 'object' || tags === null)) {
    throw refusal('context.tags', 'an object', tags);
  }
  return given;
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
