import type { Observable } from 'rxjs';
import { zones } from './async-resource.js';
import { nowhere, stack } from './call-state.js';
import type { Frame } from './frame.js';
import { OutwardCall } from './outward-call.js';
import { shared } from './shared.js';
import type { Continuation } from './stage.js';

/** How a call subscribes a source, and what its stages and the calls further out are told of that. */
export abstract class ConnectingCall extends OutwardCall {
  /** @param proper not another list of ours: that says itself whether it gets to the source. */
  protected connect(source: Observable<unknown>, proper: boolean): Continuation | undefined {
    const connection = this.connection!;
    if (proper) this.connecting();
    const { context, cause, gaveUp } = shared;
    const unusual = cause !== undefined || gaveUp !== undefined;
    shared.context = this.frame;
    if (unusual) shared.cause = shared.gaveUp = undefined;
    const previous = stack.connecting;
    stack.connecting = this.owner;
    this.subscribing = true;
    try {
      source.subscribe(connection);
    } catch (thrown) {
      connection.error(thrown);
    } finally {
      shared.context = context;
      if (unusual) {
        shared.cause = cause;
        shared.gaveUp = gaveUp;
      }
      stack.connecting = previous;
      this.subscribing = false;
    }
    if (proper) this.connected();
    const { aside } = this;
    let pending: Continuation | undefined;
    if (aside !== undefined) {
      ({ pending } = aside);
      aside.pending = undefined;
      if (aside.remembered || aside.afterwards !== undefined) this.catchUp(aside);
    }
    if (pending === undefined && !this.over && this.connection === connection) this.arm();
    this.readBy = undefined;
    return pending;
  }

  /** Outermost first, so that of two timers that are due together the outer one fires first. */
  protected arm(): void {
    const { arms, keepsScope, stages } = this.list;
    if (keepsScope || zones.present) this.keepScope();
    if (!arms) return;
    for (let at = this.armed - 1; at >= this.low; at--) {
      this.armed = at;
      stages[at]!.arm?.(this.owner, at);
    }
  }

  protected markConnected(): void {
    const { stages } = this.list;
    for (let at = Math.max(this.low, this.parkedAt + 1); at < stages.length; at++) {
      if ((this.connectedMask & (1 << at)) === 0) stages[at]!.connected?.(this.owner, at);
    }
    this.parkedAt = nowhere;
    this.connectedMask |= -1 << this.low;
  }

  private connecting(): void {
    if (this.list.connects) this.markConnected();
    else this.parkedAt = nowhere;
    if (this.outer !== shared.root) this.tellOuter('innerConnecting');
  }

  private connected(): void {
    this.connectedBefore = this.connectedMask;
    if (this.outer !== shared.root) this.tellOuter('innerConnected');
  }

  protected tellOuter(what: 'innerParked' | 'innerDisturbed' | 'innerConnecting' | 'innerConnected'): void {
    for (let frame: Frame | undefined = this.outer; frame !== undefined; frame = frame.outer) frame.owner?.[what]();
  }
}
