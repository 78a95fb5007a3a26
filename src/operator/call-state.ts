import { type Observable, Subscriber } from 'rxjs';
import type { Priority } from '../core/priority.js';
import { Aside } from './aside.js';
import { type AsyncScope, captureAsyncScope, isInOtherZone, runInAsyncScope, zones } from './async-resource.js';
import type { Call } from './call.js';
import type { Clock } from './clock.js';
import type { Deadline } from './deadline.js';
import type { Frame } from './frame.js';
import type { StageList } from './fuse.js';
import { ambient, shared } from './shared.js';

type Tags = Readonly<Record<string, unknown>> | undefined;

/** A position further out than any: nothing happened that a stage would have to know. */
export const nowhere = 64;

/**
 * The call whose `source.subscribe` is innermost on the stack. What a synchronous source leads to further out, waking
 * waiters and trying again, waits until that has returned: only then is the source torn down.
 */
export const stack: { connecting: Call | undefined } = { connecting: undefined };

/** What a call knows of itself, and what its stages may ask. */
export abstract class CallState extends Subscriber<unknown> implements Frame {
  readonly outer: Frame;
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
  /** The position of the last wait in a queue, -1 for one further in than this list, until the source is subscribed. */
  protected parkedAt: number = nowhere;
  readonly sink: Subscriber<unknown>;
  protected connection: Subscriber<unknown> | undefined;
  /** Innermost live position: everything from here outwards is admitted and not settled. */
  protected low: number;
  /** Positions from here outwards have been armed. */
  protected armed: number;
  /** Innermost position that has been settled and not yet woken. */
  protected asleep: number;
  /** Changes whenever the present way of the call ends, so that a loop on the stack notices. */
  protected turn = 0;
  /** It has ended or was left. */
  over = false;
  protected subscribing = false;
  protected watching: boolean;
  /** Bits of the positions for which the source proper has been subscribed, and as it was before what is under way. */
  protected connectedMask = 0;
  protected connectedBefore = 0;
  protected disturbed: number = nowhere;
  /** The position that waits in a queue, or -1. */
  waiting = -1;
  protected aside: Aside | undefined = undefined;
  /** The scope in which it was made, once a stage keeps it. Its events are told there. */
  scope: AsyncScope = undefined;
  /** The clock that was read last in this synchronous pass. */
  protected readBy: Clock | undefined = undefined;

  constructor(
    destination: Subscriber<unknown>,
    protected readonly source: Observable<unknown>,
    readonly list: StageList,
  ) {
    super(destination);
    const outer = ambient();
    this.outer = outer;
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

  /** Itself, as what it will be. */
  get owner(): Call {
    return this as unknown as Call;
  }

  /**
   * A stage calls this if it lets the call go on later. It does so where the call is parked or armed: then the code that
   * has made the call is still on the stack.
   */
  keepScope(): void {
    this.scope ??= captureAsyncScope();
  }

  /** Whether what is on the stack runs in another zone than the call: results come in the zone of their call. */
  protected get isInOtherZone(): boolean {
    return zones.present && isInOtherZone(this.scope);
  }

  /** Runs `work` in the scope of the call: the event on the stack may be one of another call. */
  inScope<T>(work: () => T): T {
    return runInAsyncScope(this.scope, work);
  }

  protected get rare(): Aside {
    return (this.aside ??= new Aside());
  }

  /** The error by which a retry, here or further in, has given up. */
  get exhausted(): { readonly error: unknown } | undefined {
    return this.aside?.exhausted;
  }
  set exhausted(exhausted: { readonly error: unknown } | undefined) {
    if (exhausted !== undefined || this.aside !== undefined) this.rare.exhausted = exhausted;
  }

  /** The time of `clock`; stages that are admitted in one pass share one reading of the scheduler. */
  now(clock: Clock): number {
    const now = this.timeOfSuccess(clock);
    this.readBy = clock;
    return now;
  }

  /**
   * As `now`, for what counts a success: where the source has answered while it was subscribed, the time at which that
   * began will do. It is no reading for others to share: time may have passed since.
   */
  timeOfSuccess(clock: Clock): number {
    return this.readBy === clock ? clock.latest : clock.now();
  }

  /** A stage is about to call foreign code: the reading is old after that. */
  forgetTime(): void {
    this.readBy = undefined;
  }

  /** Whether the last thing that happened further in than `at` was a wait in a queue, not a subscription. */
  isParked(at: number): boolean {
    return this.parkedAt < at;
  }

  hasSeen(at: number): boolean {
    return (this.seen & (1 << at)) !== 0;
  }

  markSeen(at: number): void {
    this.seen |= 1 << at;
  }

  /** A stage wants to hear of the next value too. */
  watchOn(): void {
    this.watching = true;
  }

  /** Whether a retry, here or inner to this call, has just given up with this value. */
  hasGivenUpWith(value: unknown): boolean {
    const gaveUp = this.exhausted ?? shared.gaveUp;
    return gaveUp !== undefined && gaveUp.error === value;
  }

  /** Whether something further in than `at` was queued, retried or answered by a fallback. */
  isDisturbed(at: number): boolean {
    return this.disturbed < at;
  }

  /** The context with which the stage at `at` subscribes what is further in, before its own contribution. */
  frameAt(at: number): Frame {
    const { outer } = this;
    const { deadline, priority, attempt, signal, tags } = outer;
    return this.contribute({ outer, owner: this.owner, deadline, priority, attempt, signal, tags }, at);
  }

  /** The same with its own contribution: what the stage at `at` knows once others further in are admitted. */
  frameWith(at: number): Frame {
    return this.frameAt(at - 1);
  }

  /** Writes into a frame what the stages further out than `at` add to it. */
  protected contribute<F extends Frame>(frame: F, at: number): F {
    const { stages } = this.list;
    for (let i = stages.length - 1; i > at; i--) {
      stages[i]!.context?.(this.owner, i, frame);
      const attempt = this.aside?.attempts?.[i];
      if (attempt !== undefined) frame.attempt = attempt;
    }
    return frame;
  }

  /** Until `source.subscribe`, which is on the stack, has returned. */
  defer(work: () => void): void {
    (this.rare.afterwards ??= []).push(work);
  }
}
