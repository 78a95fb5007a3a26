import { DeadlineExceededError } from '../core/deadline-exceeded-error.js';
import { partOf } from '../core/remaining.js';
import { stackless } from '../core/stackless.js';
import { abortErrorOf } from '../operator/abort.js';
import type { Call } from '../operator/call.js';
import { Deadline } from '../operator/deadline.js';
import type { Frame } from '../operator/frame.js';
import { checkPolicyUpdate, type HealthReading, PolicyCore } from '../operator/policy-core.js';
import type { PolicyOptions } from '../operator/policy-types.js';
import { type TimeSource, timeSourceOf } from '../operator/timer-list.js';
import type { DeadlineEvent, DeadlineMetrics } from './deadline-events.js';
import { type Allowance, allowanceNames, checkAllowance, type DeadlineSettings } from './deadline-options.js';
import { CallWatch, type Terms } from './deadline-watch.js';

export type DeadlineUpdate = Pick<DeadlineSettings, 'within' | 'share' | 'reserve'> & Pick<PolicyOptions, 'mode' | 'required'>;

/** A call that ran for less than this, or than half of its time, proves nothing about the dependency. */
const hung = 1_000;

/** Decides how much time a call has, and counts. */
export class DeadlineCore extends PolicyCore<DeadlineEvent> {
  readonly time: TimeSource;
  private expired = 0;
  private expiredOnArrival = 0;
  private stalled = 0;
  /** Calls from before a reset count no more. */
  private counting = 0;

  constructor(
    options: PolicyOptions,
    private allowance: Allowance,
    readonly detaches: boolean,
  ) {
    super('deadline', options);
    this.time = timeSourceOf(this.scheduler);
  }

  admit(call: Call, at: number): Error | undefined {
    call.tickets[at] = undefined;
    if (this.mode === 'disabled') return undefined;
    this.calls++;
    const { received, within, share, reserve } = this.allowance;
    const { frame } = call;
    const { deadline: ambient } = frame;
    const signal = within === undefined && received === undefined ? frame.signal : undefined;
    if (signal?.aborted === true && this.mode === 'enforce') throw abortErrorOf(signal);
    const now = call.now(this.time.clock);
    const left = ambient === undefined ? Infinity : this.leftOf(ambient, now);
    let own = within ?? Infinity;
    if (received !== undefined) own = received.remaining();
    else if (left !== Infinity && (share ?? reserve) !== undefined) {
      own = Math.min(own, partOf(left, share, reserve));
    }
    const budget = Math.min(own, left);
    const shortened = left < own && own !== Infinity;
    const hungAfter = Math.min(hung, (within ?? Infinity) / 2);
    if (budget <= 0) {
      const refusal = this.refuse(call, budget, shortened, hungAfter);
      if (refusal !== undefined) return refusal;
    }
    // On a tie the one further out is told first, and this one only if it still lives.
    const deadline =
      ambient !== undefined && left <= own
        ? ambient
        : own === Infinity
          ? undefined
          : (received ?? new Deadline(this.time, now, own, this.counting));
    const enforced = this.mode === 'enforce';
    if (enforced && !this.detaches) frame.deadline = deadline;
    if (enforced && own === within && own < left && signal === undefined) {
      // The usual one: most calls end before anybody has to watch.
      if (budget > 0) call.tickets[at] = deadline;
    } else if ((deadline !== undefined && budget > 0) || signal !== undefined) {
      const terms = { budget, shortened, hungAfter, signal, enforced, counting: this.counting };
      const watch = new CallWatch(this, call, at, deadline, terms);
      call.tickets[at] = watch;
      deadline?.watch(watch);
    }
    return undefined;
  }

  arm(call: Call, at: number): void {
    const ticket = call.tickets[at] as CallWatch | Deadline | undefined;
    if (ticket === undefined) return;
    const raw = call.rawNow(this.time.clock);
    if (ticket instanceof Deadline) this.watch(call, at, ticket).start(raw);
    else ticket.start(raw);
  }

  stop(call: Call, at: number): void {
    const ticket = call.tickets[at];
    if (ticket instanceof CallWatch) ticket.stop();
  }

  private watch(call: Call, at: number, deadline: Deadline): CallWatch {
    const watch = new CallWatch(this, call, at, deadline, this.termsOf(deadline));
    call.tickets[at] = watch;
    deadline.watchFirst(watch);
    return watch;
  }

  /** Calls that got the same time, one after another, share them. */
  private termsOf({ duration: budget, mark: counting }: Deadline): Terms {
    const { usual } = this;
    if (usual?.budget === budget && usual.counting === counting) return usual;
    const hungAfter = Math.min(hung, budget / 2);
    return (this.usual = { budget, shortened: false, hungAfter, signal: undefined, enforced: true, counting });
  }
  private usual: Terms | undefined = undefined;

  /** What further tries inherit: the deadline of the call, which a new try does not prolong. */
  contribute(call: Call, at: number, frame: Frame): void {
    const ticket = call.tickets[at] as CallWatch | Deadline | undefined;
    if (ticket === undefined || this.detaches) return;
    if (ticket instanceof Deadline) frame.deadline = ticket;
    else if (ticket.terms.enforced) frame.deadline = ticket.deadline;
  }

  noteExpired(call: Call, at: number, budget: number, stalled: boolean, counting: number): void {
    if (counting === this.counting) {
      this.expired++;
      if (stalled) this.stalled++;
    }
    if (this.isListenedTo) this.tell({ type: 'expired', budget, started: true, stalled }, call, at);
  }

  noteDetachedEnd(): void {
    if (this.isListenedTo) this.tell({ type: 'detachedEnd' });
  }

  protected override reading(): HealthReading {
    return { status: 'up', details: {}, since: this.since };
  }
  private readonly since = this.scheduler.now();

  metrics(): DeadlineMetrics {
    const { calls, expired, expiredOnArrival, stalled } = this;
    return { calls, expired, expiredOnArrival, stalled };
  }

  reset(caller?: string): void {
    this.counting++;
    this.calls = this.expired = this.expiredOnArrival = this.stalled = 0;
    if (this.isListenedTo) this.tell({ type: 'reset', ...(caller !== undefined && { caller }) });
  }

  update(options: DeadlineUpdate): void {
    const { received } = this.allowance;
    checkPolicyUpdate(options, received === undefined ? allowanceNames : []);
    checkAllowance(options);
    const { within = this.allowance.within, share = this.allowance.share, reserve = this.allowance.reserve } = options;
    this.allowance = { received, within, share, reserve };
    this.updateCommon(options);
  }

  private leftOf(ambient: Deadline, now: number): number {
    return ambient.scheduler === this.scheduler ? ambient.remainingAt(now) : ambient.remaining();
  }

  private refuse(call: Call, budget: number, shortened: boolean, hungAfter: number): Error | undefined {
    this.expiredOnArrival++;
    if (this.isListenedTo) this.tell({ type: 'expired', budget, started: false, stalled: false }, call);
    if (this.mode !== 'enforce') return undefined;
    const facts = { started: false, budget, shortened, stalled: false, hungAfter, ran: 0 };
    return stackless(false, () => new DeadlineExceededError(this.name, facts));
  }
}
