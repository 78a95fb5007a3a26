import { captureAsyncScope, runInAsyncScope } from '../operator/async-resource.js';
import { runInFrame } from '../operator/context.js';
import { ambient } from '../operator/shared.js';

/** What follows the signal of a caller. */
export interface Following {
  /** There is nothing left that could be aborted. */
  end(): void;
  /** It goes on for as long as somebody can read this body. */
  whileReadable(body: ReadableStream): void;
}

/** What hears of an abort, if it is still there. */
interface Ref {
  deref(): { abort(reason: unknown): void } | undefined;
}

const nothing: Following = { end: () => {}, whileReadable: () => {} };

/**
 * Aborts `own`, with the same reason, when the signal of the caller aborts. As with `fetch` that holds for a body which is
 * read after the call has ended, and a signal may live as long as a process: however many requests were made with it, it
 * has one listener, and none once they are over or their bodies were collected. (`AbortSignal.any` keeps a record of each
 * of them in Node 20.)
 */
export function following(own: AbortController, callers: AbortSignal | undefined): Following {
  if (callers === undefined) return nothing;
  const followers = followersOf(callers);
  // Where references cannot be weak they go with the signal.
  const ref: Ref = typeof WeakRef === 'function' ? new WeakRef(own) : { deref: () => own };
  followers.add(ref);
  return {
    end: () => followers.delete(ref),
    whileReadable: (body) => {
      readers.set(body, own);
      collected()?.register(body, { followers, ref });
    },
  };
}

/**
 * Calls `leave` when the signal aborts, in the context of who asks for it: whoever aborts does so in one of their own. Gives
 * what ends that.
 */
export function onAbort(signal: AbortSignal, leave: (reason: unknown) => void): () => void {
  const frame = ambient();
  const scope = captureAsyncScope();
  const abort = (reason: unknown): void => runInAsyncScope(scope, () => runInFrame(frame, () => leave(reason)));
  const followers = followersOf(signal);
  const ref: Ref = { deref: () => ({ abort }) };
  followers.add(ref);
  return () => followers.delete(ref);
}

/** In the order in which they came, with one listener for all: eleven are taken for a leak in Node 20. */
class Followers {
  private readonly refs: Set<Ref> = new Set();
  private readonly abort: () => void;

  constructor(private readonly signal: AbortSignal) {
    this.abort = () => {
      for (const ref of this.refs) ref.deref()?.abort(signal.reason);
      this.refs.clear();
    };
  }

  add(ref: Ref): void {
    if (this.refs.size === 0) this.signal.addEventListener('abort', this.abort, { once: true });
    this.refs.add(ref);
  }

  delete(ref: Ref): void {
    if (this.refs.delete(ref) && this.refs.size === 0) this.signal.removeEventListener('abort', this.abort);
  }
}

const known: WeakMap<AbortSignal, Followers> = /*#__PURE__*/ new WeakMap();
/** What can be aborted stays for as long as there is something to abort. */
const readers: WeakMap<ReadableStream, AbortController> = /*#__PURE__*/ new WeakMap();

/** No function: it would hold what it was made beside. */
interface Place {
  readonly followers: Followers;
  readonly ref: Ref;
}

let registry: FinalizationRegistry<Place> | undefined;

function followersOf(signal: AbortSignal): Followers {
  let followers = known.get(signal);
  if (followers === undefined) known.set(signal, (followers = new Followers(signal)));
  return followers;
}

function collected(): FinalizationRegistry<Place> | undefined {
  if (typeof FinalizationRegistry === 'function') registry ??= new FinalizationRegistry(({ followers, ref }) => followers.delete(ref));
  return registry;
}
