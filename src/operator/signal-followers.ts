import { reasonOf } from './abort-reason.js';
import { report } from './shared.js';

/** What hears that a signal aborts. The reason is never undefined. */
export interface Follower {
  abort(reason: unknown): void;
}

const known: WeakMap<AbortSignal, SignalFollowers> = /*#__PURE__*/ new WeakMap();

/**
 * Those who follow a signal, in the order in which they came. A signal may live as long as a process, and have many calls
 * at once: it has one listener for all of them, and none where there is nobody. (Node 20 takes eleven for a leak.)
 */
export class SignalFollowers {
  private readonly followers: Set<Follower> = new Set();
  private readonly abort: () => void;

  static of(signal: AbortSignal): SignalFollowers {
    let followers = known.get(signal);
    if (followers === undefined) known.set(signal, (followers = new SignalFollowers(signal)));
    return followers;
  }

  private constructor(private readonly signal: AbortSignal) {
    this.abort = () => {
      const reason = reasonOf(signal);
      for (const follower of this.followers) {
        this.delete(follower);
        try {
          follower.abort(reason);
        } catch (thrown) {
          // As with listeners of their own: what one throws keeps nothing from the others.
          report(thrown);
        }
      }
    };
  }

  add(follower: Follower): void {
    const { followers, signal } = this;
    if (followers.size === 0) signal.addEventListener('abort', this.abort);
    followers.add(follower);
  }

  delete(follower: Follower): void {
    const { followers, signal } = this;
    if (followers.delete(follower) && followers.size === 0) signal.removeEventListener('abort', this.abort);
  }
}

/** Calls `abort` when the signal aborts, unless what it returns is called before. */
export function followSignal(signal: AbortSignal, abort: (reason: unknown) => void): () => void {
  const followers = SignalFollowers.of(signal);
  const follower: Follower = { abort };
  followers.add(follower);
  return () => followers.delete(follower);
}
