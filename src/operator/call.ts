import { Ending } from '../core/ending.js';
import { discard } from '../core/response.js';
import { stack } from './call-state.js';
import { close, Connection } from './connection.js';
import type { FrameOwner } from './frame.js';
import { InwardCall } from './inward-call.js';
import { type CallInProgress, shared } from './shared.js';

/**
 * One subscription to a pipe of ours: takes the call through all stages of a list, from the outermost inwards, and its
 * ending back outwards. It is itself the subscriber of the first try and the context of what is subscribed inside;
 * later tries and fallbacks get a `Connection` each.
 */
export class Call extends InwardCall implements FrameOwner, CallInProgress {
  start(): void {
    if (this.closed) return;
    shared.begun?.(this);
    if (this.list.detaches) {
      this.connection = this.frame = new Connection(this);
      close(this);
    }
    this.proceed(this.enter(this.list.stages.length - 1));
  }

  /** The waiter at `at` has its permit: it goes on in the asynchronous scope in which it was enqueued. */
  resume(at: number): void {
    if (this.waiting !== at) this.rare.early = 'go';
    else this.continued(() => this.proceed(this.enter(at - 1)));
  }

  /** The waiter at `at` is refused. */
  refuse(at: number, error: unknown): void {
    if (this.waiting !== at) this.rare.early = { error };
    else this.continued(() => this.proceed(this.end(at + 1, Ending.failed, error)));
  }

  /**
   * The stage at `at` ends the call itself: what is further in is torn down and settles, then everything from `at`
   * outwards sees `error`. With `cause`, calls further in learn that it was not the consumer who left.
   */
  cut(at: number, error: unknown, cause?: { readonly cut: unknown }): void {
    this.inScope(() => this.cutHere(at, error, cause));
  }

  private cutHere(at: number, error: unknown, cause: { readonly cut: unknown } | undefined): void {
    const previous = stack.connecting;
    stack.connecting = undefined;
    try {
      this.interrupt(at, cause);
      // Those further out still reach us: what is settled here is woken where they tear us down.
      this.connection = new Connection(this);
      this.proceed(this.end(at, Ending.failed, error));
    } finally {
      stack.connecting = previous;
    }
  }

  /** As `cut`, but the source runs on without us; `ended` is called when it ends. */
  detach(at: number, error: unknown, ended: () => void): void {
    const { connection } = this;
    this.connection = undefined;
    if (connection instanceof Connection) {
      this.sink.remove(connection);
      connection.detached = ended;
    }
    this.cut(at, error);
  }

  /** The source has emitted its last value and ends with it. */
  endWith(value: unknown): void {
    if (this.isStopped) {
      discard(value);
      return;
    }
    this.isStopped = true;
    this.concluded(value);
  }

  protected override _next(value: unknown): void {
    this.emit(value);
  }

  protected override _error(error: unknown): void {
    this.failed(error);
  }

  protected override _complete(): void {
    this.completed();
  }

  /** Downstream unsubscribes, or we do. */
  override unsubscribe(): void {
    if (this.closed) return;
    if (this.connection === this) this.gone();
    else close(this);
  }

  // What a call further in says of itself ---------------------------------------------------------------------------

  innerParked(): void {
    this.parkedAt = -1;
    this.disturbed = -1;
    this.connectedMask = this.connectedBefore;
  }

  innerConnecting(): void {
    this.markConnected();
  }

  innerConnected(): void {
    this.connectedBefore = this.connectedMask;
  }

  innerDisturbed(): void {
    this.disturbed = -1;
  }
}
