import { Ending } from '../core/ending.js';
import { discard } from '../core/response.js';
import { EndingCall } from './ending-call.js';
import { shared } from './shared.js';
import type { Continuation } from './stage.js';

/** The way of a call outwards: what its source says, through the stages that want to hear of it, to downstream. */
export abstract class OutwardCall extends EndingCall {
  emit(value: unknown): void {
    if (this.scope !== undefined && this.isInOtherZone) this.takeInScope(value);
    else this.take(value);
  }

  /** A method of its own: a closure makes its function slower even where it is not made. */
  private takeInScope(value: unknown): void {
    this.inScope(() => this.take(value));
  }

  private take(value: unknown): void {
    if (this.watching) {
      if (this.list.asksValues) {
        if (!this.watch(value)) return;
        if (this.exhausted !== undefined) {
          this.giveUpWith(value);
          return;
        }
      } else {
        this.watching = false;
        this.seen |= -1 << this.low;
      }
    }
    const { outer } = this;
    const { context } = shared;
    if (context === outer) {
      this.sink.next(value);
      return;
    }
    shared.context = outer;
    try {
      this.sink.next(value);
    } finally {
      shared.context = context;
    }
  }

  /**
   * The value with which the source ends. Each stage hears of the value and settles before downstream has it: a next call
   * that downstream makes for it meets the permits and the circuit as they are after this one.
   */
  concluded(value: unknown): void {
    const { asksValues, judges, stages } = this.list;
    const asks = this.watching && asksValues;
    const fresh = this.watching ? (-1 << this.low) & ~this.seen & ~judges : 0;
    const turn = ++this.turn;
    this.watching = false;
    for (let at = this.low; at < stages.length; at++) {
      let next: Continuation | undefined;
      this.seen |= fresh & (1 << at);
      try {
        if (asks) next = this.hear(at, fresh, value);
        if (this.turn === turn && next === undefined) {
          this.low = at + 1;
          next = this.settle(at, Ending.completed, undefined);
        }
      } catch (thrown) {
        discard(value);
        if (this.turn === turn) this.goOn(this.end(this.low, Ending.failed, thrown));
        return;
      }
      if (this.turn !== turn || next !== undefined) {
        if (next === undefined || !keepsValue(next)) discard(value);
        if (next === undefined || this.turn !== turn) return;
        this.low = at;
        this.leaveTo(next, at);
        this.release();
        this.goOn(next);
        return;
      }
    }
    this.finish(Ending.completed, value, true);
  }

  failed(error: unknown): void {
    this.exhausted = shared.gaveUp;
    // While it subscribes, the call runs in that scope already.
    if (this.scope === undefined || this.subscribing) this.fail(error);
    else this.failInScope(error);
  }

  private failInScope(error: unknown): void {
    this.inScope(() => this.fail(error));
  }

  private fail(error: unknown): void {
    this.goOn(this.end(this.low, Ending.failed, error));
  }

  completed(): void {
    if (this.scope !== undefined && this.isInOtherZone) this.endInScope();
    else this.ended();
  }

  private endInScope(): void {
    this.inScope(() => this.ended());
  }

  private ended(): void {
    const next = this.end(this.low, Ending.completed, undefined);
    if (next !== undefined) this.goOn(next);
  }

  /** Lets the stages that wait for values see one; false where it is not to be delivered. */
  protected watch(value: unknown): boolean {
    const { stages, judges, everyValue } = this.list;
    const { turn } = this;
    const fresh = (-1 << this.low) & ~this.seen & ~judges;
    this.seen |= fresh;
    this.watching = everyValue;
    for (let at = this.low; at < stages.length; at++) {
      let next: Continuation | undefined;
      try {
        next = this.hear(at, fresh, value);
      } catch (thrown) {
        this.unsee(fresh, at);
        if (this.turn === turn) this.throwAt(at, thrown);
        discard(value);
        return false;
      }
      if (this.turn !== turn) {
        discard(value);
        return false;
      }
      if (next !== undefined) {
        if (!keepsValue(next)) discard(value);
        this.unsee(fresh, at);
        this.interrupt(at, undefined);
        this.leaveTo(next, at);
        this.goOnInScope(next);
        return false;
      }
    }
    return true;
  }

  private goOnInScope(next: Continuation): void {
    this.inScope(() => this.goOn(next));
  }

  /** The stage at `at` hears of a value; `fresh`: bits of those for which it is the first. */
  private hear(at: number, fresh: number, value: unknown): Continuation | undefined {
    const { first, value: every } = this.list.stages[at]!;
    const next = first !== undefined && (fresh & (1 << at)) !== 0 ? first(this.owner, at, value) : undefined;
    return next ?? every?.(this.owner, at, value);
  }

  /** The stage at `at` goes on instead of delivering a value; one that goes on with another source is done with that. */
  private leaveTo(next: Continuation, at: number): void {
    next.at = at;
    if (next.source !== undefined) this.low = at + 1;
  }

  /** Delivers a value for which a retry has just given up: an outer one must not try for it again. */
  private giveUpWith(value: unknown): void {
    const { context, gaveUp } = shared;
    shared.context = this.outer;
    shared.gaveUp = this.exhausted;
    this.exhausted = undefined;
    try {
      this.sink.next(value);
    } finally {
      shared.context = context;
      shared.gaveUp = gaveUp;
    }
  }

  /** The value did not get past `at`. */
  protected unsee(fresh: number, at: number): void {
    this.seen &= ~(fresh & (-2 << at));
  }

  /** As in RxJS, downstream hears of it first; the source, and what is further in, is left after that. */
  protected throwAt(at: number, thrown: unknown): void {
    if (this.low < at) {
      this.rare.left = this.low;
      this.rare.leftEnd = at;
    }
    this.inScope(() => this.goOn(this.end(at, Ending.failed, thrown)));
  }
}

function keepsValue(next: Continuation): boolean {
  return next.source === undefined && next.keepsValue === true;
}
