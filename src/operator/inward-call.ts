import { type Observable, of } from 'rxjs';
import { Ending } from '../core/ending.js';
import { stack } from './call-state.js';
import { ConnectingCall } from './connecting-call.js';
import { Connection } from './connection.js';
import type { StageList } from './fuse.js';
import { apart } from './shared.js';
import type { Admission, Again, Continuation, Instead, Wait } from './stage.js';

/** The way of a call inwards: admissions, waits, and what it goes on with. */
export abstract class InwardCall extends ConnectingCall {
  /** A loop, not a recursion: 100,000 synchronous failures in a row must not grow the stack. */
  override proceed(next: Continuation | undefined): void {
    while (next !== undefined) {
      if (this.subscribing) {
        this.rare.pending = next;
        return;
      }
      if (this.sink.closed) {
        this.leave();
        return;
      }
      next = next.source === undefined ? this.again(next) : this.instead(next);
    }
  }

  protected again(next: Again): Continuation | undefined {
    const { at } = next;
    const inner = (1 << at) - 1;
    this.seen &= ~inner;
    this.connectedMask &= ~inner;
    this.connectedBefore &= ~inner;
    this.armed = Math.max(this.armed, at);
    const attempts = (this.rare.attempts ??= new Array<undefined>(this.list.stages.length));
    for (let i = 0; i < at; i++) attempts[i] = undefined;
    attempts[at] = next.attempt;
    if (!this.reconnect(at, at - 1)) return undefined;
    return next.wait === undefined ? this.enter(at - 1) : this.waitFor(next.wait, at);
  }

  /** Goes on inwards from `at` when the wait is over; in the loop of `proceed` where that is so at once. */
  private waitFor(wait: Wait, at: number): Continuation | undefined {
    const connection = this.connection!;
    let begun = false;
    let early: (() => Continuation | undefined) | undefined;
    const over = (next: () => Continuation | undefined): void => {
      if (begun) {
        connection.remove(waiting);
        this.continued(() => this.proceed(next()));
      } else {
        early = next;
      }
    };
    const waiting = wait({
      go: () => over(() => this.enter(at - 1)),
      stop: (last) => over(() => this.stop(at, last)),
    });
    begun = true;
    if (early !== undefined) return early();
    connection.add(waiting);
    this.arm();
    return undefined;
  }

  /** The stage at `at` goes on with no further try, and has nothing more to say. */
  private stop(at: number, last: { readonly error: unknown } | { readonly value: unknown }): Continuation | undefined {
    if ('error' in last) return this.end(at + 1, Ending.failed, last.error);
    this.low = at + 1;
    return this.instead({ at, source: of(last.value) });
  }

  protected instead(next: Instead): Continuation | undefined {
    return this.reconnect(next.at, next.at) ? this.connect(next.source, isProper(next.source)) : undefined;
  }

  /**
   * A new subscriber for what comes instead of the try that ended at `at`, under the context of those further out than
   * `context`; false where the consumer has left meanwhile.
   */
  protected reconnect(at: number, context: number): boolean {
    this.disturbed = at;
    this.tellOuter('innerDisturbed');
    this.watching = this.list.watches;
    this.exhausted = undefined;
    const connection = new Connection(this.owner);
    this.connection = this.frame = connection;
    this.contribute(connection, context);
    if (!connection.closed) return true;
    this.leave();
    return false;
  }

  protected enter(from: number): Continuation | undefined {
    const { stages } = this.list;
    const turn = ++this.turn;
    this.readBy = undefined;
    // What was said to a waiter that did not wait any more is for nobody.
    if (this.aside !== undefined) this.aside.early = undefined;
    let at = from;
    let answer: Admission;
    try {
      for (; at >= 0; at--) {
        const { admit } = stages[at]!;
        if (admit !== undefined) {
          answer = admit(this.owner, at);
          if (answer !== undefined || this.turn !== turn) break;
        }
        this.low = at;
      }
    } catch (thrown) {
      return this.turn === turn ? this.end(at + 1, Ending.failed, thrown) : undefined;
    }
    return at < 0 ? this.connect(this.source, this.list.proper) : this.stopped(at, turn, answer);
  }

  /** The stage at `at` has not simply let the call go on. */
  private stopped(at: number, turn: number, answer: Admission): Continuation | undefined {
    if (this.turn !== turn) {
      // Foreign code that ran inside `admit` has ended the call: what was just admitted is given back at once.
      if (!(answer instanceof Error)) this.settleInner(at, at + 1, Ending.left, undefined);
      return undefined;
    }
    if (answer instanceof Error) return this.end(at + 1, Ending.failed, answer);
    const early = this.aside?.early;
    if (early === undefined) return this.park(at);
    if (early !== 'go') return this.end(at + 1, Ending.failed, early.error);
    this.low = at;
    return this.enter(at - 1);
  }

  protected park(at: number): undefined {
    this.low = at;
    this.waiting = at;
    this.parkedAt = at;
    this.disturbed = Math.min(this.disturbed, at);
    this.keepScope();
    this.tellOuter('innerParked');
    this.arm();
    this.readBy = undefined;
  }

  protected continued(go: () => void): void {
    this.waiting = -1;
    const previous = stack.connecting;
    stack.connecting = undefined;
    try {
      apart(this.frame, () => this.inScope(go), undefined);
    } finally {
      stack.connecting = previous;
    }
  }
}

function isProper({ operator }: Observable<unknown>): boolean {
  return (operator as Partial<StageList> | undefined)?.stages === undefined;
}
