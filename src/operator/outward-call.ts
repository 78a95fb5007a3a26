import { Ending } from '../core/ending.js';
import { EndingCall } from './ending-call.js';
import { shared } from './shared.js';
import type { Continuation } from './stage.js';

/** The way of a call outwards: what its source says, through the stages that want to hear of it, to downstream. */
export abstract class OutwardCall extends EndingCall {
  emit(value: unknown): void {
    if (this.watching) {
      if (this.list.asksValues) {
        if (!this.watch(value)) return;
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

  failed(error: unknown): void {
    this.exhausted = shared.gaveUp;
    this.goOn(this.end(this.low, Ending.failed, error));
  }

  completed(): void {
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
      const stage = stages[at]!;
      let next: Continuation | undefined;
      try {
        if (stage.first !== undefined && (fresh & (1 << at)) !== 0) stage.first(this.owner, at);
        if (stage.value !== undefined) next = stage.value(this.owner, at, value);
      } catch (thrown) {
        this.unsee(fresh, at);
        if (this.turn === turn) this.throwAt(at, thrown);
        return false;
      }
      if (this.turn !== turn) return false;
      if (next !== undefined) {
        this.unsee(fresh, at);
        next.at = at;
        this.interrupt(at, undefined);
        this.goOn(next);
        return false;
      }
    }
    return true;
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
    this.goOn(this.end(at, Ending.failed, thrown));
  }
}
