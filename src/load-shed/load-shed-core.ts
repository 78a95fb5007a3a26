import { Ending } from '../core/ending.js';
import { checkOneOf } from '../core/options.js';
import { type Priority, priorities, rankOf } from '../core/priority.js';
import { isFailedResponse, withoutBody } from '../core/response.js';
import type { Call } from '../operator/call.js';
import { toContext } from '../operator/context.js';
import type { Frame } from '../operator/frame.js';
import { checkPolicyUpdate } from '../operator/policy-core.js';
import { type Admission, WAIT } from '../operator/stage.js';
import { isExpired, neverStarted } from '../operator/waiting.js';
import { takeSample } from './latency-samples.js';
import { LoadShedBooks } from './load-shed-books.js';
import type { ShedReason } from './load-shed-error.js';
import { checkLoadShedOptions, type LoadShedUpdate, loadShedUpdateNames } from './load-shed-options.js';
import { freeTickets, heldTickets, type ShedOwner, type ShedTicket, ShedWait, ticketOf } from './shed-ticket.js';

/** Asks the shedder for one kind of calls, and measures them where its limit wants to know. */
export class LoadShedCore extends LoadShedBooks implements ShedOwner {
  admit(call: Call, at: number): Admission {
    call.tickets[at] = undefined;
    if (this.mode === 'disabled') return undefined;
    const priority = this.priorityOf(call);
    if (this.mode === 'enforce') call.frame.priority = priority;
    const { counters, shedder } = this;
    shedder.signals.start();
    this.calls++;
    const rank = rankOf(priority);
    const verdict = shedder.verdict(rank);
    if (verdict === 'go') {
      call.tickets[at] = shedder.limiter.sampled ? ticketOf(rank, true, call.now(this.clock), counters) : heldTickets[rank];
      shedder.take();
      shedder.changed();
      this.admits(call, counters);
      return undefined;
    }
    if (this.mode === 'shadow') {
      call.tickets[at] = freeTickets[rank];
      if (verdict === 'wait') this.admits(call, counters);
      else this.sheds(call, rank, verdict, counters);
      return undefined;
    }
    return verdict === 'signal' ? this.sheds(call, rank, verdict, counters) : this.enqueue(call, at, rank);
  }

  arm(call: Call, at: number): void {
    const ticket = call.tickets[at];
    if (ticket instanceof ShedWait) this.shedder.line.arm(ticket);
  }

  /** The first value of a call whose latency is measured. */
  answered(call: Call, at: number, value: unknown): undefined {
    const ticket = call.tickets[at] as ShedTicket | undefined;
    if (ticket?.counters === undefined) return;
    ticket.latency = this.clock.now() - ticket.start;
    if (isFailedResponse(value)) ticket.failure = withoutBody(value);
  }

  settle(call: Call, at: number, ending: Ending, error: unknown): undefined {
    const ticket = call.tickets[at] as ShedTicket | undefined;
    if (ticket === undefined) return;
    const { shedder } = this;
    // Where a callback has thrown, what is further in settles after this and still belongs to this priority.
    call.tickets[at] = freeTickets[ticket.rank];
    if (!ticket.holds) {
      if (ticket instanceof ShedWait && shedder.line.leave(ticket)) shedder.changed();
      return;
    }
    const inFlight = shedder.inFlight--;
    shedder.changed();
    const { counters } = this;
    // Not measured, or from before a reset.
    if (ticket.counters !== counters || !shedder.limiter.sampled) return;
    const { limit } = shedder;
    const { failure } = ticket;
    const failed = failure !== undefined;
    takeSample(counters.sampler, call, at, ticket, failed ? Ending.failed : ending, failure ?? error, inFlight, this.clock.now());
    shedder.limitMayHaveChanged(limit);
  }

  /** What further tries inherit. */
  contribute(call: Call, at: number, frame: Frame): void {
    const ticket = call.tickets[at] as ShedTicket | undefined;
    if (ticket !== undefined && this.mode === 'enforce') frame.priority = priorities[ticket.rank];
  }

  letGo(waiting: ShedWait): void {
    const { shedder } = this;
    if (shedder.limiter.sampled) waiting.start = this.clock.now();
    shedder.changed();
    this.admits(waiting.call, waiting.counters);
    waiting.goOn();
  }

  expire(waiting: ShedWait): void {
    this.shedder.changed();
    waiting.goOn(neverStarted(this.name, this.captureStacks));
  }

  timedOut(waiting: ShedWait): void {
    this.shedder.line.leave(waiting);
    this.shedder.changed();
    this.shedWaiting(waiting, 'queue-timeout');
  }

  shedWaiting(waiting: ShedWait, reason: ShedReason): void {
    waiting.goOn(this.sheds(waiting.call, waiting.rank, reason, waiting.counters));
  }

  update(update: LoadShedUpdate): void {
    const options = checkPolicyUpdate(update, loadShedUpdateNames);
    checkLoadShedOptions(options);
    const { captureStacks, priority } = options;
    const { mode } = this;
    const { line } = this.shedder;
    if (captureStacks !== undefined) this.captureStacks = captureStacks;
    if (priority !== undefined) this.priority = priority;
    this.updateCommon(options);
    if (this.mode !== mode) line.letIn(line.all().filter(({ owner }) => owner === this));
    this.healthChanged();
  }

  private priorityOf(call: Call): Priority {
    const { priority } = this;
    if (typeof priority !== 'function') return priority;
    call.forgetTime();
    return checkOneOf('priority', priority(toContext(call.frame)), priorities);
  }

  private enqueue(call: Call, at: number, rank: number): Admission {
    const { counters, shedder } = this;
    const { line } = shedder;
    // It would never start.
    if (isExpired(call.frame.deadline)) return neverStarted(this.name, this.captureStacks);
    const expired = line.makeRoom();
    const displaced = line.hasRoom ? undefined : shedder.victimOf(rank);
    if (displaced !== undefined) line.leave(displaced);
    const joins = line.hasRoom;
    if (joins) {
      const waiting = new ShedWait(this, call, at, call.now(line.time.clock), rank, counters);
      call.tickets[at] = waiting;
      line.join(waiting);
    }
    shedder.changed();
    // Own bookkeeping is done: what these do in their handlers finds everything in its place.
    for (const other of expired) other.owner.expire(other);
    displaced?.owner.shedWaiting(displaced, 'displaced');
    return joins ? WAIT : this.sheds(call, rank, 'full', counters);
  }
}
