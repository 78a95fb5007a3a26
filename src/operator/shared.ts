import { throwError } from 'rxjs';
import { detached, type Frame, rootFrame } from './frame.js';

/** Why an unsubscription that is under way happens, where it is not the consumer who leaves. */
export type UnsubscriptionCause = { readonly cut: unknown; readonly lost?: never } | { readonly cut?: never; readonly lost: true };

/** Keeps a context where the stack does not: across `await` and timers. */
export interface Carrier {
  /** The one in which this code was brought about, if there is one. */
  frame(): Frame | undefined;
  run<R>(frame: Frame, work: () => R): R;
}

/** The little state that is shared by every copy and version of this library in a realm. */
export interface Shared {
  /** Outside of every call, as it was said. */
  readonly root: Frame;
  /** Nothing was said on this stack: what is carried holds, if anything is. */
  readonly unsaid: Frame;
  /** The context that was set on this stack, around `source.subscribe`. Read it by `ambient`. */
  context: Frame;
  /** There once the entry for Node is imported. */
  carrier: Carrier | undefined;
  /** Set while a deadline or a hedge unsubscribes. */
  cause: UnsubscriptionCause | undefined;
  /** The error by which a retry has just given up, while it notifies: stacked retries must not multiply. */
  gaveUp: { readonly error: unknown } | undefined;
  /** The shedder of the process, made on first use. */
  shedder: unknown;
  /** Told of every call of every policy while a test harness looks for what it leaves behind. */
  begun: ((call: CallInProgress) => void) | undefined;
}

/** What a test harness may know of a call. */
export interface CallInProgress {
  /** It has ended or was left. */
  readonly over: boolean;
  /** The position that waits in a queue, or -1. */
  readonly waiting: number;
  readonly list: { readonly stages: readonly { readonly policy: PolicyInCall | undefined }[] };
}

export interface PolicyInCall {
  readonly name: string;
  readonly kind: string;
  readonly mode?: string;
  /** Milliseconds that a deadline allows, and by when. */
  readonly within?: number | undefined;
  readonly until?: 'complete' | 'firstValue';
  /** Whether it can do nothing, or lets `outer` do nothing, where that stands around it. */
  isInVain?(outer: PolicyInCall): boolean;
  metrics(): object;
}

const key = /*#__PURE__*/ Symbol.for('rxjs-resilience/v1');

function sharedState(): Shared {
  const realm = globalThis as { [key]?: Shared };
  const unsaid = rootFrame();
  return (realm[key] ??= {
    root: rootFrame(),
    unsaid,
    context: unsaid,
    carrier: undefined,
    cause: undefined,
    gaveUp: undefined,
    shedder: undefined,
    begun: undefined,
  });
}

export const shared: Shared = /*#__PURE__*/ sharedState();

/** The context of what is subscribed here and now. */
export function ambient(): Frame {
  const { context } = shared;
  return context === shared.unsaid ? (shared.carrier?.frame() ?? shared.root) : context;
}

/** What `run` begins and continues later sees `frame`, as far as somebody carries it. What it subscribes now does not. */
export function carrying<R>(frame: Frame, run: () => R): R {
  const { carrier, root } = shared;
  if (carrier === undefined || (carrier.frame() ?? root) === frame) return run();
  return carrier.run(frame === root ? root : detached(frame), run);
}

/**
 * Runs foreign code that belongs to no call (listeners of state, health and events) in the root context. What it throws
 * is reported as RxJS reports it, and changes no call.
 */
export function inRootContext<A>(run: (argument: A) => void, argument: A): void {
  try {
    const { root } = shared;
    carrying(root, () => apart(root, run, argument));
  } catch (thrown) {
    report(thrown);
  }
}

/** Runs what has nothing to do with what happens on the stack, under a context of its own. */
export function apart<A>(frame: Frame, run: (argument: A) => void, argument: A): void {
  const { context, cause, gaveUp } = shared;
  shared.context = frame;
  shared.cause = shared.gaveUp = undefined;
  try {
    run(argument);
  } finally {
    shared.context = context;
    shared.cause = cause;
    shared.gaveUp = gaveUp;
  }
}

/** As RxJS reports what nobody handles: asynchronously, or to `config.onUnhandledError`. */
export function report(error: unknown): void {
  throwError(() => error).subscribe();
}
