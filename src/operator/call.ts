import type { Observable } from 'rxjs';
import { Ending } from '../core/ending.js';
import { captureAsyncScope, runInAsyncScope } from './async-resource.js';
import { stack } from './call-state.js';
import { close, Connection } from './connection.js';
import type { Frame, FrameOwner } from './frame.js';
import { OutwardCall } from './outward-call.js';
import { shared } from './shared.js';
import { type Again, type Continuation, type Instead, WAIT } from './stage.js';
import { after } from './timer.js';

/**
 * One subscription to a pipe of ours: takes the call through all stages of a list, from the outermost inwards, and its
 * ending back outwards. It is itself the subscriber of the first try and the context of what is subscribed inside;
 * later tries and fallbacks get a `Connection` each.
 */
export class Call extends OutwardCall implements FrameOwner {
  start(): void {
    if (this.closed) return;
    if (this.list.detaches) {
      this.connection = this.frame = new Connection(this, this);
      close(this);
    }
    this.proceed(this.enter(this.list.stages.length - 1));
  }

  /** The waiter at `at` has its permit: it goes on in the asynchronous scope in which it was enqueued. */
  resume(at: number): void {
    if (this.waiting !== at) this.early = 'go';
    else this.continued(() => this.proceed(this.enter(at - 1)));
  }

  /** The waiter at `at` is refused. */
  refuse(at: number, error: unknown): void {
    if (this.waiting !== at) this.early = { error };
    else this.continued(() => this.proceed(this.end(at + 1, Ending.failed, error)));
  }

  /**
   * The stage at `at` ends the call itself: what is further in is torn down and settles, then everything from `at`
   * outwards sees `error`. With `cause`, calls further in learn that it was not the consumer who left.
   */
  cut(at: number, error: unknown, cause?: { readonly cut: unknown }): void {
    const previous = stack.connecting;
    stack.connecting = undefined;
    try {
      this.interrupt(at, cause);
      // Those further out still reach us: what is settled here is woken where they tear us down.
      this.connection = new Connection(this, this);
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
    this.parked = true;
    this.disturbed = -1;
    this.connectedMask = this.connectedBefore;
  }

  innerConnected(waited: boolean, further: boolean): void {
    this.parked = false;
    if (!further) this.connectedBefore = this.connectedMask;
    this.markConnected(waited);
  }

  innerDisturbed(): void {
    this.disturbed = -1;
  }

  // Inwards ---------------------------------------------------------------------------------------------------------

  /** A loop, not a recursion: 100,000 synchronous failures in a row must not grow the stack. */
  override proceed(next: Continuation | undefined): void {
    while (next !== undefined) {
      if (this.subscribing) {
        this.pending = next;
        return;
      }
      if (this.sink.closed) {
        this.leave();
        return;
      }
      next = next.source === undefined ? this.again(next) : this.instead(next);
    }
  }

  private again(next: Again): Continuation | undefined {
    const { at } = next;
    const inner = (1 << at) - 1;
    this.seen &= ~inner;
    this.connectedMask &= ~inner;
    this.armed = Math.max(this.armed, at);
    const frame = this.frameAt(at);
    frame.attempt = next.attempt;
    if (!this.reconnect(at, frame)) return undefined;
    if (next.delay <= 0) return this.enter(at - 1);
    const connection = this.connection!;
    const timer = after(next.scheduler, next.delay, () => {
      connection.remove(timer);
      this.proceed(this.enter(at - 1));
    });
    connection.add(timer);
    this.arm();
    return undefined;
  }

  private instead(next: Instead): Continuation | undefined {
    return this.reconnect(next.at, next.frame) ? this.connect(next.source) : undefined;
  }

  /** A new subscriber for what comes instead of the try that ended; false where the consumer has left meanwhile. */
  private reconnect(at: number, frame: Frame): boolean {
    this.disturbed = at;
    this.tell('innerDisturbed');
    this.watching = this.list.watches;
    this.exhausted = undefined;
    this.parked = false;
    const connection = new Connection(this, frame);
    this.connection = this.frame = connection;
    if (!connection.closed) return true;
    this.leave();
    return false;
  }

  private enter(from: number): Continuation | undefined {
    const { stages } = this.list;
    const turn = ++this.turn;
    this.raw = NaN;
    this.forgetEarly();
    for (let at = from; at >= 0; at--) {
      const { admit } = stages[at]!;
      if (admit !== undefined) {
        let answer;
        try {
          answer = admit(this, at);
        } catch (thrown) {
          return this.turn === turn ? this.end(at + 1, Ending.failed, thrown) : undefined;
        }
        if (this.turn !== turn) {
          // Foreign code that ran inside `admit` has ended the call: what was just admitted is given back at once.
          if (!(answer instanceof Error)) this.settleInner(at, at + 1, Ending.left, undefined);
          return undefined;
        }
        if (answer === WAIT) {
          const { early } = this;
          this.early = undefined;
          if (early === undefined) return this.park(at);
          if (early !== 'go') return this.end(at + 1, Ending.failed, early.error);
        } else if (answer !== undefined) {
          return this.end(at + 1, Ending.failed, answer);
        }
      }
      this.low = at;
    }
    return this.connect(this.source);
  }

  /** What was said to a waiter that did not wait any more is for nobody. */
  private forgetEarly(): void {
    this.early = undefined;
  }

  private park(at: number): undefined {
    this.low = at;
    this.waiting = at;
    this.parked = true;
    this.disturbed = Math.min(this.disturbed, at);
    this.scope = captureAsyncScope();
    this.tell('innerParked');
    this.arm();
  }

  private continued(go: () => void): void {
    const { scope } = this;
    this.waiting = -1;
    this.scope = undefined;
    const { context, cause, gaveUp } = shared;
    const previous = stack.connecting;
    stack.connecting = undefined;
    shared.context = this.frame;
    shared.cause = undefined;
    shared.gaveUp = undefined;
    try {
      runInAsyncScope(scope, go);
    } finally {
      stack.connecting = previous;
      shared.context = context;
      shared.cause = cause;
      shared.gaveUp = gaveUp;
    }
  }

  private connect(source: Observable<unknown>): Continuation | undefined {
    const connection = this.connection!;
    const waited = this.parked;
    this.parked = false;
    if (this.list.connects) {
      this.connectedBefore = this.connectedMask;
      this.markConnected(waited);
    }
    if (this.outer !== shared.root) {
      // Part of a subscription that the call further out is still at: should we wait, it has not been one.
      const further = this.outer.owner?.subscribing === true;
      for (let frame: Frame | undefined = this.outer; frame !== undefined; frame = frame.outer) {
        frame.owner?.innerConnected(waited, further);
      }
    }
    const { context, cause, gaveUp } = shared;
    shared.context = this.frame;
    shared.cause = undefined;
    shared.gaveUp = undefined;
    const previous = stack.connecting;
    stack.connecting = this;
    this.subscribing = true;
    try {
      source.subscribe(connection);
    } catch (thrown) {
      connection.error(thrown);
    } finally {
      shared.context = context;
      shared.cause = cause;
      shared.gaveUp = gaveUp;
      stack.connecting = previous;
      this.subscribing = false;
    }
    const { pending } = this;
    this.pending = undefined;
    if (this.remembered || this.afterwards !== undefined) this.catchUp();
    if (pending === undefined && !this.over && this.connection === connection) this.arm();
    this.raw = NaN;
    return pending;
  }

  /** Outermost first, so that of two timers that are due together the outer one fires first. */
  private arm(): void {
    const { stages } = this.list;
    for (let at = this.armed - 1; at >= this.low; at--) {
      this.armed = at;
      stages[at]!.arm?.(this, at);
    }
  }

  private markConnected(waited: boolean): void {
    const { stages } = this.list;
    if (waited) {
      for (let at = this.low; at < stages.length; at++) {
        if ((this.connectedMask & (1 << at)) === 0) stages[at]!.connected?.(this, at);
      }
    }
    this.connectedMask |= -1 << this.low;
  }

  private tell(what: 'innerParked' | 'innerDisturbed'): void {
    for (let frame: Frame | undefined = this.outer; frame !== undefined; frame = frame.outer) frame.owner?.[what]();
  }
}
