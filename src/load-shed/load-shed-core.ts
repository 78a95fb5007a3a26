import type { Ending } from '../core/ending.js';
import { checkOneOf } from '../core/options.js';
import { type Priority, priorities, rankOf } from '../core/priority.js';
import type { Call } from '../operator/call.js';
import { toContext } from '../operator/context.js';
import type { Frame } from '../operator/frame.js';
import { checkPolicyUpdate } from '../operator/policy-core.js';
import { type Admission, WAIT } from '../operator/stage.js';
import { expiredInQueue } from '../operator/waiting.js';
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
    const { shedder } = this;
    call.frame.priority = priority;
    shedder.start();
    this.calls++;
    const rank = rankOf(priority);
    const verdict = shedder.verdict(rank);
    if (verdict === 'go') {
      call.tickets[at] = this.samples.wanted ? ticketOf(rank, true, call.now(this.clock), this.counting) : heldTickets[rank];
      shedder.take();
      shedder.changed();
      this.admits(call, this.counting);
      return undefined;
    }
    if (this.mode === 'shadow') {
      call.tickets[at] = freeTickets[rank];
      if (verdict === 'full' || verdict === 'signal') this.sheds(call, rank, verdict, this.counting);
      else this.admits(call, this.counting);
      return undefined;
    }
    return verdict === 'signal' ? this.sheds(call, rank, verdict, this.counting) : this.enqueue(call, at, rank);
  }

  arm(call: Call, at: number): void {
    const ticket = call.tickets[at];
    if (ticket instanceof ShedWait) this.shedder.line.arm(ticket);
  }

  /** The first value of a call whose latency is measured. */
  answered(call: Call, at: number): void {
    const ticket = call.tickets[at] as ShedTicket | undefined;
    if (ticket !== undefined && ticket.start === ticket.start) ticket.latency = this.clock.now() - ticket.start;
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
    const inFlight = shedder.giveBack();
    shedder.changed();
    if (!this.samples.wanted || ticket.counting !== this.counting) return;
    const { limit } = shedder;
    this.samples.take(call, at, ticket, ending, error, inFlight, this.clock.now());
    shedder.limitMayHaveChanged(limit);
  }

  /** What further tries inherit. */
  contribute(call: Call, at: number, frame: Frame): void {
    const ticket = call.tickets[at] as ShedTicket | undefined;
    if (ticket !== undefined) frame.priority = priorities[ticket.rank];
  }

  turnOf(waiting: ShedWait): void {
    if (waiting.isExpired()) this.expire(waiting);
    else this.start(waiting);
  }

  shedWaiting(waiting: ShedWait, reason: ShedReason): void {
    waiting.refuse(this.sheds(waiting.call, waiting.rank, reason, waiting.counting));
  }

  timedOut(waiting: ShedWait): void {
    if (!this.shedder.line.leave(waiting)) return;
    this.shedder.changed();
    this.shedWaiting(waiting, 'queue-timeout');
  }

  update(options: LoadShedUpdate): void {
    checkPolicyUpdate(options, loadShedUpdateNames);
    checkLoadShedOptions(options);
    const { captureStacks, mode, priority } = options;
    if (captureStacks !== undefined) this.captureStacks = captureStacks;
    if (priority !== undefined) this.priority = priority;
    const turned = mode !== undefined && mode !== this.mode;
    this.updateCommon(options);
    if (turned) this.letEverybodyIn();
    this.healthChanged();
  }

  private priorityOf(call: Call): Priority {
    const { priority } = this;
    if (typeof priority !== 'function') return priority;
    call.forgetTime();
    return checkOneOf('priority', priority(toContext(call.frame)), priorities);
  }

  private enqueue(call: Call, at: number, rank: number): Admission {
    const { line } = this.shedder;
    const waiting = new ShedWait(this, call, at, call.now(line.clock), rank, this.counting);
    if (waiting.isExpired()) return expiredInQueue(this.name, this.captureStacks);
    const expired = line.hasRoom ? [] : line.takeExpired();
    const displaced = !line.hasRoom && this.shedder.verdict(rank) === 'displace' ? this.shedder.displace() : undefined;
    const hasRoom = line.hasRoom || displaced !== undefined;
    if (hasRoom) {
      line.join(waiting, rank);
      call.tickets[at] = waiting;
    }
    this.shedder.changed();
    // Own bookkeeping is done: what these do in their handlers finds everything in its place.
    for (const other of expired) other.owner.expire(other);
    displaced?.owner.shedWaiting(displaced, 'displaced');
    return hasRoom ? WAIT : this.sheds(call, rank, 'full', this.counting);
  }

  private start(waiting: ShedWait): void {
    this.shedder.take();
    waiting.holds = true;
    this.letGo(waiting);
  }

  private letGo(waiting: ShedWait): void {
    if (this.samples.wanted) waiting.start = this.clock.now();
    this.shedder.changed();
    this.admits(waiting.call, waiting.counting);
    waiting.resume();
  }

  expire(waiting: ShedWait): void {
    this.shedder.changed();
    waiting.refuse(expiredInQueue(this.name, this.captureStacks));
  }

  /** A policy that no longer enforces keeps nobody waiting; all have their permits before one goes on. */
  private letEverybodyIn(): void {
    const { shedder } = this;
    const waiters = shedder.line.all().filter(({ owner }) => owner === this);
    for (const waiting of waiters) {
      shedder.line.leave(waiting);
      shedder.take();
      waiting.holds = true;
    }
    for (const waiting of waiters) if (waiting.isCurrent) this.letGo(waiting);
  }
}
