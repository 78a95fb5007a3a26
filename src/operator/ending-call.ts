import { Ending } from '../core/ending.js';
import { discard } from '../core/response.js';
import type { Aside } from './aside.js';
import { CallState, stack } from './call-state.js';
import { close } from './connection.js';
import { emitLast } from './last-value.js';
import { report, shared, type UnsubscriptionCause } from './shared.js';
import type { Continuation, Stage } from './stage.js';

/**
 * How a call ends: stages settle inner to outer, downstream is notified, the source is torn down, then waiters are
 * woken.
 */
export abstract class EndingCall extends CallState {
  /** Goes on instead of ending. */
  abstract proceed(next: Continuation | undefined): void;

  /** The present subscriber of the source is unsubscribed from downstream. */
  gone(): void {
    if (this.over) this.release();
    else this.leave();
  }

  /** After a notification of the source, which may still be subscribing. */
  protected goOn(next: Continuation | undefined): void {
    if (next === undefined) return;
    if (stack.connecting === undefined || this.subscribing) this.proceed(next);
    else stack.connecting.defer(() => this.inScope(() => this.proceed(next)));
  }

  protected end(from: number, ending: Ending, error: unknown): Continuation | undefined {
    const { stages } = this.list;
    const turn = ++this.turn;
    for (let at = from; at < stages.length; at++) {
      this.low = at + 1;
      let next: Continuation | undefined;
      try {
        next = this.settle(at, ending, error);
      } catch (thrown) {
        ending = Ending.failed;
        error = thrown;
      }
      if (this.turn !== turn) return undefined;
      if (next !== undefined) {
        next.at = at;
        if (next.source === undefined) this.low = at;
        this.release();
        // It may be a response that was thrown, and nobody gets it.
        discard(error);
        return next;
      }
    }
    this.low = stages.length;
    this.finish(ending, error);
    return undefined;
  }

  /** The stage at `at` settles; those who wait for it are woken when the source is gone. */
  protected settle(at: number, ending: Ending, error: unknown): Continuation | undefined {
    const { settle, line } = this.list.stages[at]!;
    if (settle === undefined) return undefined;
    if (line !== undefined && line.size > 0 && at < this.asleep) this.asleep = at;
    return settle(this.owner, at, ending, error);
  }

  /** @param subject the error or, with `last`, a value with which the call completes */
  protected finish(ending: Ending, subject: unknown, last: boolean = false): void {
    this.over = true;
    const { context, gaveUp } = shared;
    shared.context = this.outer;
    try {
      if (last) {
        if (this.exhausted !== undefined) shared.gaveUp = this.exhausted;
        emitLast(this.sink, subject);
      } else if (ending === Ending.completed) {
        this.sink.complete();
      } else {
        shared.gaveUp = this.exhausted;
        this.sink.error(subject);
      }
    } finally {
      shared.context = context;
      shared.gaveUp = gaveUp;
      // Most consumers have left by now.
      if (this.connection !== undefined) this.release();
    }
  }

  /** Tears the present try down; what it settled is woken once the source is gone. */
  protected release(): void {
    const { connection } = this;
    this.connection = undefined;
    try {
      if (connection !== undefined) close(connection);
    } finally {
      const { aside } = this;
      if (aside !== undefined) this.settleLeft(aside);
      // Nothing else waits for our own source yet: it is enough to remember from where on.
      if (this.asleep < this.low) {
        if (stack.connecting === this.owner && aside?.afterwards === undefined) this.rare.remembered = true;
        else if (aside?.remembered !== true) this.wake();
      }
    }
  }

  protected wake(): void {
    const { stages } = this.list;
    const { asleep, low } = this;
    this.asleep = stages.length;
    for (let at = asleep; at < low; at++) wakeUp(stages[at]!);
  }

  /** `source.subscribe` has returned. */
  protected catchUp(aside: Aside): void {
    const previous = stack.connecting;
    const { afterwards, remembered } = aside;
    stack.connecting = undefined;
    aside.afterwards = undefined;
    aside.remembered = false;
    try {
      if (remembered) this.wake();
      if (afterwards !== undefined) for (const work of afterwards) work();
    } finally {
      stack.connecting = previous;
    }
  }

  protected leave(): void {
    const { cause } = shared;
    const size = this.list.stages.length;
    this.over = true;
    this.interrupt(size, cause);
  }

  /** Tears down what is further in than `at` and lets it settle: cut, lost, or left by its consumer. */
  protected interrupt(at: number, cause: UnsubscriptionCause | undefined): void {
    const { connection, low } = this;
    const previous = shared.cause;
    this.turn++;
    this.connection = undefined;
    this.waiting = -1;
    this.low = at;
    shared.cause = cause;
    try {
      if (connection !== undefined) close(connection);
    } finally {
      shared.cause = previous;
      const ending = cause === undefined ? Ending.left : cause.lost ? Ending.lost : Ending.cut;
      if (this.aside !== undefined) this.settleLeft(this.aside);
      this.settleInner(low, at, ending, cause?.cut);
    }
  }

  private settleLeft(aside: Aside): void {
    const { left } = aside;
    if (left < 0) return;
    aside.left = -1;
    this.settleInner(left, aside.leftEnd, Ending.left, undefined);
  }

  protected settleInner(from: number, to: number, ending: Ending, error: unknown): void {
    const { stages } = this.list;
    for (let at = from; at < to; at++) {
      const stage = stages[at]!;
      try {
        stage.settle?.(this.owner, at, ending, error);
      } catch (thrown) {
        // The call ends with something else already, and the other stages have to hear of it as well.
        report(thrown);
      }
      wakeUp(stage);
    }
  }
}

/** Lets waiters in, once a source that is subscribing has been torn down. */
function wakeUp({ line }: Stage): void {
  if (line === undefined) return;
  if (stack.connecting === undefined) line.serve();
  else stack.connecting.defer(() => line.serve());
}
