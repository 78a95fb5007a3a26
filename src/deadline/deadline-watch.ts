import type { DeadlineExceededError } from '../core/deadline-exceeded-error.js';
import { cutOnAbort } from '../operator/abort.js';
import type { Call } from '../operator/call.js';
import type { Deadline, DeadlineWatch } from '../operator/deadline.js';

/** The policy whose deadline it is. */
interface Expiry {
  /** The source runs on without the call. */
  readonly detaches: boolean;
  /** The error of a call whose time is over, or undefined where it may go on. */
  expire(call: Call, terms: Terms, late: number, at: number): DeadlineExceededError | undefined;
  noteDetachedEnd(): void;
}

/** On which a call got its time. */
export interface Terms {
  /** Milliseconds. */
  readonly budget: number;
  /** A deadline further out allowed less than the setting. */
  readonly shortened: boolean;
  /** If it is cut sooner than this, that proves nothing about the dependency. */
  readonly hungAfter: number;
  /** Ends it as well. */
  readonly signal: AbortSignal | undefined;
  readonly enforced: boolean;
  /** How often the policy had been reset. */
  readonly counting: number;
}

/** One call that keeps a deadline: the ticket of its stage. */
export class CallWatch implements DeadlineWatch {
  previous: DeadlineWatch | undefined = undefined;
  next: DeadlineWatch | undefined = undefined;
  private unlisten: (() => void) | undefined = undefined;

  constructor(
    private readonly core: Expiry,
    private readonly call: Call,
    private readonly at: number,
    readonly deadline: Deadline | undefined,
    readonly terms: Terms,
  ) {}

  start(): void {
    const { signal } = this.terms;
    this.call.keepScope();
    if (signal !== undefined) {
      this.unlisten = cutOnAbort(this.call, this.at, signal);
      if (this.unlisten === undefined) return;
    }
    this.deadline?.arm();
  }

  stop(): void {
    this.deadline?.unwatch(this);
    this.unlisten?.();
    this.unlisten = undefined;
  }

  expired(late: number): void {
    const { core, call, at } = this;
    const error = core.expire(call, this.terms, late, at);
    if (error === undefined) return;
    if (core.detaches) call.detach(at, error, () => call.inScope(() => core.noteDetachedEnd()));
    else call.cut(at, error, { cut: error });
  }
}
