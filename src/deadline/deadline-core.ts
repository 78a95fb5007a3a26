import { DeadlineExceededError, hungAfter, isStall } from '../core/deadline-exceeded-error.js';
import { partOf } from '../core/remaining.js';
import { stackless } from '../core/stackless.js';
import { abortErrorOf } from '../operator/abort-reason.js';
import type { Call } from '../operator/call.js';
import { Deadline } from '../operator/deadline.js';
import type { Frame } from '../operator/frame.js';
import { checkPolicyUpdate, type HealthReading, PolicyCore } from '../operator/policy-core.js';
import type { PolicyOptions } from '../operator/policy-types.js';
import type { PolicyInCall } from '../operator/shared.js';
import { type TimeSource, timeSourceOf } from '../operator/timer-list.js';
import type { DeadlineEvent, DeadlineMetrics } from './deadline-events.js';
import { allowanceNames, checkAllowance, type DeadlineSettings, type DeadlineSetup } from './deadline-options.js';
import { CallWatch, type Terms } from './deadline-watch.js';

/** What `update` takes, for calls that come from now on; where the setting was a `Deadline`, only `mode` and `required`. */
export type DeadlineUpdate = Pick<DeadlineSettings, 'within' | 'share' | 'reserve'> & Pick<PolicyOptions, 'mode' | 'required'>;

/** Decides how much time a call has, and counts. */
export class DeadlineCore extends PolicyCore<DeadlineEvent> {
  readonly detaches: boolean;
  private readonly time: TimeSource;
  /** It is made inline, for each call: the clock is read for it only where somebody looks. */
  private since: number | undefined = undefined;
  private readonly received: Deadline | undefined;
  /** A pipeline compares it with that of another. */
  within: number | undefined;
  private share: number | undefined;
  private reserve: number | undefined;
  private expired = 0;
  private expiredOnArrival = 0;
  private stalled = 0;
  /** Calls from before a reset count no more. */
  private counting = 0;
  /** The terms that the last call of the usual kind got. */
  private usual: Terms | undefined = undefined;

  readonly until: 'complete' | 'firstValue';

  constructor(options: PolicyOptions, { received, within, share, reserve, onExpire, until = 'complete' }: DeadlineSetup) {
    super('deadline', options);
    this.until = until;
    this.detaches = onExpire === 'detach';
    this.time = timeSourceOf(this.scheduler);
    this.received = received;
    this.within = within;
    this.share = share;
    this.reserve = reserve;
  }

  admit(call: Call, at: number): Error | undefined {
    call.tickets[at] = undefined;
    if (this.mode === 'disabled') return undefined;
    this.calls++;
    const { counting, received, reserve, share, within } = this;
    const { frame } = call;
    const { deadline: ambient } = frame;
    const enforced = this.mode === 'enforce';
    const signal = enforced && within === undefined && received === undefined ? frame.signal : undefined;
    if (signal?.aborted === true) throw abortErrorOf(signal);
    const now = call.now(this.clock);
    const left = ambient === undefined ? Infinity : this.leftOf(ambient, now);
    let own = received?.remaining() ?? within ?? Infinity;
    if (share !== undefined || reserve !== undefined) own = Math.min(own, partOf(left, share, reserve));
    const budget = Math.min(own, left);
    // On a tie the one further out is told first, and this one only if it still lives.
    const isOwn = own < left;
    if (enforced && isOwn && own === within && budget > 0) {
      // The usual one: most calls end before anybody has to watch.
      const deadline = new Deadline(this.time, now, own, counting, own);
      if (!this.detaches) frame.deadline = deadline;
      call.tickets[at] = deadline;
      return undefined;
    }
    if (budget === Infinity && signal === undefined) return undefined;
    const shortened = left < own && own !== Infinity;
    // The maker of the deadline decides how much its expiry proves. On a tie that is our own setting, for nothing shortened it.
    const maker = left < own ? ambient : own === within ? undefined : (received ?? ambient);
    const trusted = maker?.trusted ?? true;
    const terms = { budget, shortened, hungAfter: hungAfter(within, trusted), signal, enforced, counting };
    if (budget <= 0) return this.expire(call, terms, 0);
    const deadline = isOwn ? (received ?? new Deadline(this.time, now, own, counting, within, trusted)) : ambient;
    if (enforced && !this.detaches) frame.deadline = deadline;
    const watch = new CallWatch(this, call, at, deadline, terms);
    call.tickets[at] = watch;
    deadline?.watch(watch);
    return undefined;
  }

  arm(call: Call, at: number): void {
    let ticket = call.tickets[at] as CallWatch | Deadline | undefined;
    if (ticket === undefined) return;
    if (ticket instanceof Deadline) {
      const deadline = ticket;
      ticket = call.tickets[at] = new CallWatch(this, call, at, deadline, this.termsOf(deadline));
      deadline.watchFirst(ticket);
    }
    ticket.start();
  }

  stop(call: Call, at: number): undefined {
    const ticket = call.tickets[at];
    if (ticket instanceof CallWatch) ticket.stop();
  }

  /** What further tries inherit: the deadline of the call, which a new try does not prolong. */
  contribute(call: Call, at: number, frame: Frame): void {
    const ticket = call.tickets[at] as CallWatch | Deadline | undefined;
    if (ticket === undefined || this.detaches) return;
    if (ticket instanceof Deadline) frame.deadline = ticket;
    else if (ticket.terms.enforced) frame.deadline = ticket.deadline;
  }

  /** The outer one ends each call as soon as this one would, or sooner. */
  isInVain(outer: PolicyInCall): boolean {
    if (this.within === undefined || this.share !== undefined || this.reserve !== undefined) return false;
    return this.within >= (outer.within ?? Infinity) && (outer.until === 'complete' || this.until === 'firstValue');
  }

  /** Its time is over, at the position `at` or, where that is left out, on arrival. */
  expire(call: Call, terms: Terms, late: number, at?: number): DeadlineExceededError | undefined {
    const { budget, counting, enforced, hungAfter, shortened } = terms;
    const started = at !== undefined;
    const stalled = isStall(late, budget);
    if (!started) {
      this.expiredOnArrival++;
    } else if (counting === this.counting) {
      this.expired++;
      if (stalled) this.stalled++;
    }
    if (this.isListenedTo) this.tell({ type: 'expired', budget, started, stalled }, call, at);
    if (!enforced) return undefined;
    const facts = { started, budget, shortened, stalled, hungAfter, ran: budget + late };
    return stackless(false, () => new DeadlineExceededError(this.name, facts));
  }

  noteDetachedEnd(): void {
    if (this.isListenedTo) this.tell({ type: 'detachedEnd' });
  }

  protected override reading(): HealthReading {
    return { status: 'up', details: {}, since: (this.since ??= this.scheduler.now()) };
  }

  metrics(): DeadlineMetrics {
    const { calls, expired, expiredOnArrival, stalled } = this;
    return { calls, expired, expiredOnArrival, stalled };
  }

  protected override forget(): void {
    this.counting++;
    this.calls = this.expired = this.expiredOnArrival = this.stalled = 0;
  }

  update(update: DeadlineUpdate): void {
    const options = checkPolicyUpdate(update, this.received === undefined ? allowanceNames : []);
    checkAllowance(options);
    const { within = this.within, share = this.share, reserve = this.reserve } = options;
    this.within = within;
    this.share = share;
    this.reserve = reserve;
    this.updateCommon(options);
    this.healthChanged();
  }

  /** Calls of the usual kind that got the same time, one after another, share them. */
  private termsOf({ duration: budget, mark: counting }: Deadline): Terms {
    const { usual } = this;
    if (usual?.budget === budget && usual.counting === counting) return usual;
    const terms = { budget, shortened: false, hungAfter: hungAfter(budget), signal: undefined, enforced: true, counting };
    return (this.usual = terms);
  }

  private leftOf(ambient: Deadline, now: number): number {
    return ambient.scheduler === this.scheduler ? ambient.remainingAt(now) : ambient.remaining();
  }
}
