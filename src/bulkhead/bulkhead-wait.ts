import type { Call } from '../operator/call.js';
import { type WaitOwner, Waiting } from '../operator/waiting.js';

/** A call in the queue of a bulkhead, or one that came out of it. */
export class BulkheadWait extends Waiting {
  /** It came out with a permit. */
  holds = false;

  constructor(
    private readonly owner: WaitOwner<BulkheadWait>,
    call: Call,
    at: number,
    since: number,
    /** It only would wait, and runs meanwhile. */
    readonly shadow: boolean,
    /** Which generation of the counters it belongs to. */
    readonly counting: number,
  ) {
    super(call, at, since);
  }

  /** One that runs has the deadlines of what is further in, too. */
  override isExpired(): boolean {
    return !this.shadow && super.isExpired();
  }

  override fire(): void {
    this.owner.timedOut(this);
  }
}
