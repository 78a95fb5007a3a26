import { Subscriber } from 'rxjs';
import type { Priority } from '../core/priority.js';
import { discard } from '../core/response.js';
import type { Call } from './call.js';
import type { Deadline } from './deadline.js';
import type { Frame, FrameOwner } from './frame.js';

/** The subscriber, and the context, of a second or later try, of a fallback, or of a source that may be detached. */
export class Connection extends Subscriber<unknown> implements Frame {
  readonly outer: Frame;
  readonly owner: FrameOwner;
  deadline: Deadline | undefined;
  priority: Priority | undefined;
  attempt: number;
  signal: AbortSignal | undefined;
  tags: Readonly<Record<string, unknown>> | undefined;
  /** Set once the call has gone on without this source. */
  detached: (() => void) | undefined = undefined;

  constructor(private readonly call: Call) {
    super(call.sink);
    const { outer } = call;
    this.outer = outer;
    this.owner = call;
    this.deadline = outer.deadline;
    this.priority = outer.priority;
    this.attempt = outer.attempt;
    this.signal = outer.signal;
    this.tags = outer.tags;
  }

  /** The source has emitted its last value and ends with it. */
  endWith(value: unknown): void {
    if (this.isStopped) {
      discard(value);
      return;
    }
    this.isStopped = true;
    if (this.detached === undefined) {
      this.call.concluded(value);
    } else {
      discard(value);
      this.endDetached();
    }
  }

  protected override _next(value: unknown): void {
    if (this.detached === undefined) this.call.emit(value);
    else discard(value);
  }

  protected override _error(error: unknown): void {
    if (this.detached === undefined) this.call.failed(error);
    else this.endDetached();
  }

  protected override _complete(): void {
    if (this.detached === undefined) this.call.completed();
    else this.endDetached();
  }

  /** Only downstream calls this: the call itself closes its connections. */
  override unsubscribe(): void {
    if (this.closed) return;
    // A destination that is closed already unsubscribes inside the constructor, before `call` is there.
    if (this.call === undefined || this.detached !== undefined) close(this);
    else this.call.gone();
  }

  private endDetached(): void {
    try {
      this.detached?.();
    } finally {
      close(this);
    }
  }
}

/** Unsubscribes without asking the call. */
export function close(connection: Subscriber<unknown>): void {
  Subscriber.prototype.unsubscribe.call(connection);
}
