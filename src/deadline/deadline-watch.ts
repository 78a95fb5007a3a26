import { DeadlineExceededError } from '../core/deadline-exceeded-error.js';
import { stackless } from '../core/stackless.js';
import { abortErrorOf } from '../operator/abort.js';
import { type AsyncScope, captureAsyncScope, runInAsyncScope } from '../operator/async-resource.js';
import type { Call } from '../operator/call.js';
import type { Deadline, DeadlineWatch } from '../operator/deadline.js';

/** Late by more than this, the event loop is to blame and not the dependency; or by more than the time allowed. */
const stall = 1_000;

/** The policy whose deadline it is. */
interface Expiry {
  readonly name: string;
  /** The source runs on without the call. */
  readonly detaches: boolean;
  noteExpired(call: Call, at: number, budget: number, stalled: boolean, counting: number): void;
  noteDetachedEnd(): void;
}

/** On which a call got its time. */
export interface Terms {
  readonly budget: number;
  readonly shortened: boolean;
  readonly hungAfter: number;
  readonly signal: AbortSignal | undefined;
  readonly enforced: boolean;
  readonly counting: number;
}

/** One call that keeps a deadline: the ticket of its stage. */
export class CallWatch implements DeadlineWatch {
  previous: DeadlineWatch | undefined = undefined;
  next: DeadlineWatch | undefined = undefined;
  private scope: AsyncScope = undefined;
  private aborted: (() => void) | undefined = undefined;

  constructor(
    private readonly core: Expiry,
    private readonly call: Call,
    private readonly at: number,
    readonly deadline: Deadline | undefined,
    readonly terms: Terms,
  ) {}

  start(raw: number): void {
    const { deadline } = this;
    const { signal, enforced } = this.terms;
    this.scope = captureAsyncScope();
    if (signal !== undefined && enforced) {
      if (signal.aborted) {
        this.abort(signal);
        return;
      }
      this.aborted = () => runInAsyncScope(this.scope, () => this.abort(signal));
      signal.addEventListener('abort', this.aborted);
    }
    deadline?.arm(raw);
  }

  stop(): void {
    this.deadline?.unwatch(this);
    if (this.aborted !== undefined) this.terms.signal!.removeEventListener('abort', this.aborted);
    this.aborted = undefined;
  }

  expired(late: number): void {
    // The timer may be shared: the call goes on in its own asynchronous context, not in that of who armed it.
    runInAsyncScope(this.scope, () => this.expire(late));
  }

  private expire(late: number): void {
    const { core, call, at } = this;
    const { budget, counting, enforced, hungAfter, shortened } = this.terms;
    const stalled = late > Math.min(budget, stall);
    core.noteExpired(call, at, budget, stalled, counting);
    if (!enforced) return;
    const facts = { started: true, budget, shortened, stalled, hungAfter, ran: budget + late };
    const error = stackless(false, () => new DeadlineExceededError(core.name, facts));
    if (core.detaches) call.detach(at, error, () => core.noteDetachedEnd());
    else call.cut(at, error, { cut: error });
  }

  private abort(signal: AbortSignal): void {
    this.call.cut(this.at, abortErrorOf(signal));
  }
}
