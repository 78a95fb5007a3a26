import { abortWith } from '../operator/abort-reason.js';
import { type Follower, SignalFollowers } from '../operator/signal-followers.js';

/** What follows the signal of a caller. */
export interface Following {
  /** There is nothing left that could be aborted. */
  end(): void;
  /** It goes on for as long as this body, a stream of either kind, can be read. */
  whileReadable(body: object): void;
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
  const followers = SignalFollowers.of(callers);
  const follower = lightly(own);
  followers.add(follower);
  return {
    end: () => followers.delete(follower),
    whileReadable: (body) => {
      readers.set(body, own);
      collected()?.register(body, { followers, follower });
    },
  };
}

/** It keeps nothing alive; where references cannot be weak they go with the signal. */
function lightly(own: AbortController): Follower {
  const ref: { deref(): AbortController | undefined } = typeof WeakRef === 'function' ? new WeakRef(own) : { deref: () => own };
  return {
    abort: (reason) => {
      const still = ref.deref();
      if (still !== undefined) abortWith(still, reason);
    },
  };
}

/** What can be aborted stays for as long as there is something to abort. */
const readers: WeakMap<object, AbortController> = /*#__PURE__*/ new WeakMap();

/** No function: it would hold what it was made beside. */
interface Place {
  readonly followers: SignalFollowers;
  readonly follower: Follower;
}

let registry: FinalizationRegistry<Place> | undefined;

function collected(): FinalizationRegistry<Place> | undefined {
  if (typeof FinalizationRegistry === 'function') registry ??= new FinalizationRegistry(({ followers, follower }) => followers.delete(follower));
  return registry;
}
