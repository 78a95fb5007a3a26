import { type Observable, Subscriber } from 'rxjs';
import { Ending } from '../core/ending.js';
import type { Priority } from '../core/priority.js';
import { type AsyncScope, captureAsyncScope, runInAsyncScope } from './async-resource.js';
import type { Clock } from './clock.js';
import { close, Connection } from './connection.js';
import type { Deadline } from './deadline.js';
import type { Frame, FrameOwner } from './frame.js';
import type { StageList } from './fuse.js';
import { shared, type UnsubscriptionCause } from './shared.js';
import { type Again, type Continuation, type Instead, type Stage, WAIT } from './stage.js';
import { after } from './timer.js';

type Tags = Readonly<Record<string, unknown>> | undefined;

/**
 * The call whose `source.subscribe` is innermost on the stack. What a synchronous source leads to further out, waking
 * waiters and trying again, waits until that has returned: only then is the source torn down.
 */
let connecting: Call | undefined;

/** No stage has been disturbed by what is further in. */
const undisturbed = 64;

/**
 * One subscription to a pipe of ours: takes the call through all stages of a list, from the outermost inwards, and its
 * ending back outwards. It is itself the subscriber of the first try and the context of what is subscribed inside;
 * later tries and fallbacks get a `Connection` each.
 *
 * The order at the end of a call: stages settle inner to outer, downstream is notified, the source is torn down, then
 * waiters are woken.
 */
export class Call extends Subscriber<unknown> implements Frame, FrameOwner {
  readonly outer: Frame;
  readonly owner: FrameOwner;
  deadline: Deadline | undefined;
  priority: Priority | undefined;
  attempt: number;
  signal: AbortSignal | undefined;
  tags: Tags;
  /** One for each position. */
  readonly tickets: unknown[];
  /** Context of the present try. */
  frame: Frame;
  /** Bits of the positions that have seen a value in their present try. */
  seen = 0;
  /** The last thing that happened further in was a wait in a queue, not a subscription. */
  parked = false;
  /** The error by which a retry, here or further in, has given up. */
  exhausted: { readonly error: unknown } | undefined = undefined;
  readonly sink: Subscriber<unknown>;
  private connection: Subscriber<unknown> | undefined;
  /** Innermost live position: everything from here outwards is admitted and not settled. */
  private low: number;
  /** Positions from here outwards have been armed. */
  private armed: number;
  /** Innermost position that has been settled and not yet woken. */
  private asleep: number;
  /** A callback at `low` has thrown: what is further in, from here, is still admitted and is left with the source. */
  private left = -1;
  private leftEnd = -1;
  /** Changes whenever the present way of the call ends, so that a loop on the stack notices. */
  private turn = 0;
  private over = false;
  subscribing = false;
  private watching: boolean;
  private pending: Continuation | undefined = undefined;
  private connectedMask = 0;
  private connectedBefore = 0;
  private disturbed: number = undisturbed;
  /** The position that waits in a queue, or -1. */
  private waiting = -1;
  /** What became of a waiter before its `admit` had returned: undefined, let in, or refused. */
  private early: { readonly error: unknown } | 'go' | undefined = undefined;
  private scope: AsyncScope = undefined;
  /** What waits for `source.subscribe` to return. */
  private afterwards: (() => void)[] | undefined = undefined;
  /** Before all of that: waking from `asleep` on. */
  private remembered = false;
  /** The scheduler's reading in this synchronous pass of admissions; NaN when it has to be read. */
  private raw = NaN;

  constructor(
    destination: Subscriber<unknown>,
    private readonly source: Observable<unknown>,
    private readonly list: StageList,
  ) {
    super(destination);
    const outer = shared.context;
    this.outer = outer;
    this.owner = this;
    this.deadline = outer.deadline;
    this.priority = outer.priority;
    this.attempt = outer.attempt;
    this.signal = outer.signal;
    this.tags = outer.tags;
    const size = list.stages.length;
    this.tickets = new Array<unknown>(size);
    this.frame = this;
    this.sink = destination;
    this.connection = this;
    this.low = this.armed = this.asleep = size;
    this.watching = list.watches;
  }

  start(): void {
    if (this.closed) return;
    if (this.list.detaches) {
      this.connection = this.frame = new Connection(this, this);
      close(this);
    }
    this.proceed(this.enter(this.list.stages.length - 1));
  }

  // What stages may ask and do ------------------------------------------------------------------------------------

  /** The time of `clock`; stages that are admitted in one pass share one reading of the scheduler. */
  now(clock: Clock): number {
    if (this.raw !== this.raw) this.raw = clock.scheduler.now();
    return clock.at(this.raw);
  }

  /** The scheduler's own reading of the last `now`. */
  rawNow(clock: Clock): number {
    return this.raw === this.raw ? this.raw : clock.scheduler.now();
  }

  /** A stage is about to call foreign code: the reading is old after that. */
  forgetTime(): void {
    this.raw = NaN;
  }

  hasSeen(at: number): boolean {
    return (this.seen & (1 << at)) !== 0;
  }

  markSeen(at: number): void {
    this.seen |= 1 << at;
  }

  /** Whether something further in than `at` was queued, retried or answered by a fallback. */
  isDisturbed(at: number): boolean {
    return this.disturbed < at;
  }

  /** The context with which the stage at `at` subscribes what is further in, before its own contribution. */
  frameAt(at: number): Frame {
    const { outer } = this;
    const { deadline, priority, attempt, signal, tags } = outer;
    const frame: Frame = { outer, owner: this, deadline, priority, attempt, signal, tags };
    const { stages } = this.list;
    for (let i = stages.length - 1; i > at; i--) stages[i]!.context?.(this, i, frame);
    return frame;
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
    const previous = connecting;
    connecting = undefined;
    try {
      this.interrupt(at, cause);
      this.proceed(this.end(at, Ending.failed, error));
    } finally {
      connecting = previous;
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

  // Notifications of the source -----------------------------------------------------------------------------------

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

  emit(value: unknown): void {
    if (this.watching && !this.watch(value)) return;
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
    this.goOn(this.end(this.low, Ending.completed, undefined));
  }

  /** The present subscriber of the source is unsubscribed from downstream. */
  gone(): void {
    if (this.over) this.release();
    else this.leave();
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

  /** After a notification of the source, which may still be subscribing. */
  private goOn(next: Continuation | undefined): void {
    if (next === undefined) return;
    if (connecting === undefined || this.subscribing) this.proceed(next);
    else connecting.defer(() => this.proceed(next));
  }

  private defer(work: () => void): void {
    (this.afterwards ??= []).push(work);
  }

  /** A loop, not a recursion: 100,000 synchronous failures in a row must not grow the stack. */
  private proceed(next: Continuation | undefined): void {
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
    const previous = connecting;
    connecting = undefined;
    shared.context = this.frame;
    shared.cause = undefined;
    shared.gaveUp = undefined;
    try {
      runInAsyncScope(scope, go);
    } finally {
      connecting = previous;
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
    const previous = connecting;
    connecting = this;
    this.subscribing = true;
    try {
      source.subscribe(connection);
    } catch (thrown) {
      connection.error(thrown);
    } finally {
      shared.context = context;
      shared.cause = cause;
      shared.gaveUp = gaveUp;
      connecting = previous;
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

  // Outwards --------------------------------------------------------------------------------------------------------

  /** Lets the stages that wait for values see one; false where it is not to be delivered. */
  private watch(value: unknown): boolean {
    const { stages, judges, everyValue } = this.list;
    const { turn } = this;
    const fresh = (-1 << this.low) & ~this.seen & ~judges;
    this.seen |= fresh;
    this.watching = everyValue;
    for (let at = this.low; at < stages.length; at++) {
      const stage = stages[at]!;
      let next: Continuation | undefined;
      try {
        if (stage.first !== undefined && (fresh & (1 << at)) !== 0) stage.first(this, at);
        if (stage.value !== undefined) next = stage.value(this, at, value);
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
  private unsee(fresh: number, at: number): void {
    this.seen &= ~(fresh & (-2 << at));
  }

  /** As in RxJS, downstream hears of it first; the source, and what is further in, is left after that. */
  private throwAt(at: number, thrown: unknown): void {
    if (this.low < at) {
      this.left = this.low;
      this.leftEnd = at;
    }
    this.goOn(this.end(at, Ending.failed, thrown));
  }

  private end(from: number, ending: Ending, error: unknown): Continuation | undefined {
    const { stages } = this.list;
    const turn = ++this.turn;
    if (from < this.asleep) this.asleep = from;
    for (let at = from; at < stages.length; at++) {
      this.low = at + 1;
      const { settle } = stages[at]!;
      if (settle === undefined) continue;
      let next: Continuation | undefined;
      try {
        next = settle(this, at, ending, error);
      } catch (thrown) {
        ending = Ending.failed;
        error = thrown;
      }
      if (this.turn !== turn) return undefined;
      if (next !== undefined) {
        next.at = at;
        if (next.source === undefined) this.low = at;
        this.release();
        return next;
      }
    }
    this.low = stages.length;
    this.finish(ending, error);
    return undefined;
  }

  private finish(ending: Ending, error: unknown): void {
    this.over = true;
    const { context, gaveUp } = shared;
    shared.context = this.outer;
    try {
      if (ending === Ending.completed) {
        this.sink.complete();
      } else {
        shared.gaveUp = this.exhausted;
        this.sink.error(error);
      }
    } finally {
      shared.context = context;
      shared.gaveUp = gaveUp;
      this.release();
    }
  }

  /** Tears the present try down; what it settled is woken once the source is gone. */
  private release(): void {
    const { connection } = this;
    this.connection = undefined;
    try {
      if (connection !== undefined) close(connection);
    } finally {
      this.settleLeft();
      // Nothing else waits for our own source yet: it is enough to remember from where on.
      if (this.asleep < this.low) {
        if (connecting === this && this.afterwards === undefined) this.remembered = true;
        if (!this.remembered) this.wake();
      }
    }
  }

  private wake(): void {
    const { stages } = this.list;
    const { asleep, low } = this;
    this.asleep = stages.length;
    for (let at = asleep; at < low; at++) Call.wakeUp(stages[at]!);
  }

  /** `source.subscribe` has returned. */
  private catchUp(): void {
    const previous = connecting;
    const { afterwards, remembered } = this;
    connecting = undefined;
    this.afterwards = undefined;
    this.remembered = false;
    try {
      if (remembered) this.wake();
      if (afterwards !== undefined) for (const work of afterwards) work();
    } finally {
      connecting = previous;
    }
  }

  private leave(): void {
    const { cause } = shared;
    const size = this.list.stages.length;
    this.over = true;
    this.interrupt(size, cause);
  }

  /** Tears down what is further in than `at` and lets it settle: cut, lost, or left by its consumer. */
  private interrupt(at: number, cause: UnsubscriptionCause | undefined): void {
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
      this.settleLeft();
      this.settleInner(low, at, ending, cause?.cut);
    }
  }

  private settleLeft(): void {
    const { left } = this;
    if (left < 0) return;
    this.left = -1;
    this.settleInner(left, this.leftEnd, Ending.left, undefined);
  }

  private settleInner(from: number, to: number, ending: Ending, error: unknown): void {
    const { stages } = this.list;
    for (let at = from; at < to; at++) {
      const stage = stages[at]!;
      stage.settle?.(this, at, ending, error);
      Call.wakeUp(stage);
    }
  }

  private static wakeUp({ wake }: Stage): void {
    if (wake === undefined) return;
    if (connecting === undefined) wake();
    else connecting.defer(wake);
  }
}
