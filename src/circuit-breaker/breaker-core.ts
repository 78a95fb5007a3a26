import type { Counted, Probe, Refusal } from '../core/circuit-state.js';
import { Ending } from '../core/ending.js';
import { type Outcome, outcomeOf } from '../core/outcome.js';
import { isFailedResponse, withoutBody } from '../core/response.js';
import { stackless } from '../core/stackless.js';
import type { Call } from '../operator/call.js';
import { toContext } from '../operator/context.js';
import { checkPolicyUpdate } from '../operator/policy-core.js';
import type { PolicyOptions } from '../operator/policy-types.js';
import { BreakerCall } from './breaker-call.js';
import type { BreakerMetrics } from './breaker-events.js';
import { breakerOptionNames, type BreakerSettings, readBreaker } from './breaker-options.js';
import { type End, endEvent, type Ends, noEnds } from './call-ends.js';
import { CircuitOpenError, isCircuitOpenError } from './circuit-open-error.js';
import { isOurHaste } from './too-late.js';
import { WatchedCircuit } from './watched-circuit.js';

export type { Isolation } from './watched-circuit.js';

/** What a call has from us; a generation alone where nobody needs to know when it began. */
type Ticket = BreakerCall | number | undefined;

/** What `update` takes: an option that is left out stays as it is. */
export type BreakerUpdate = BreakerSettings & Pick<PolicyOptions, 'mode' | 'required'>;

/** Feeds the circuit with calls, and counts them. */
export class BreakerCore extends WatchedCircuit {
  private ends: Ends = noEnds();
  private slow = 0;

  admit(call: Call, at: number): Error | undefined {
    call.tickets[at] = undefined;
    if (this.mode === 'disabled') return undefined;
    this.calls++;
    const { circuit } = this;
    if (circuit.isClosed) {
      const { hungAfter } = this.setup;
      const decides = hungAfter !== undefined || circuit.trip.slowerThan !== Infinity || call.frame.deadline !== undefined;
      call.tickets[at] =
        decides || this.isListenedTo
          ? new BreakerCall(circuit.generation, undefined, call.now(this.clock), decides)
          : circuit.generation;
      return undefined;
    }
    const now = call.now(this.clock);
    circuit.advance(now);
    const answer = circuit.admit(now);
    const refused = answer !== undefined && 'reason' in answer;
    if (!refused) call.tickets[at] = new BreakerCall(circuit.generation, answer, now, true);
    this.tellMoves(call);
    return refused ? this.refuse(call, answer) : undefined;
  }

  /** Time runs from the subscription of the source proper: a wait in a queue is not the dependency's fault. */
  connected(call: Call, at: number): void {
    const ticket = call.tickets[at] as Ticket;
    if (ticket === undefined) return;
    const now = this.clock.now();
    // A deadline between the queue and here counts from before the wait: its own measure would not do.
    if (typeof ticket === 'number') call.tickets[at] = new BreakerCall(ticket, undefined, now, true);
    else ticket.startAt(now);
  }

  /** The first value; with a predicate of values every one. */
  value(call: Call, at: number, value: unknown): undefined {
    const ticket = call.tickets[at] as Ticket;
    if (ticket === undefined) return;
    const { isFailureValue, isValue, settleOn } = this.setup;
    let failed: boolean;
    if (isFailureValue !== undefined || isValue !== undefined) {
      call.watchOn();
      const context = toContext(call.frameWith(at));
      if (isValue !== undefined && !call.inScope(() => isValue(value, context))) return;
      call.markSeen(at);
      failed = isFailureValue === undefined ? this.isFailure(value) : call.inScope(() => isFailureValue(value, context));
    } else {
      if (call.hasSeen(at)) return;
      call.markSeen(at);
      failed = this.isFailure(value);
    }
    if (failed) {
      const isHaste = isOurHaste(call, value, this.ranFor(ticket), this.setup.hungAfter);
      this.finish(call, at, ticket, isHaste ? 'ignored' : 'failure', value);
      return;
    }
    if (typeof ticket === 'object') {
      if (ticket.valued) return;
      ticket.valued = true;
      if (this.measures(ticket)) ticket.valuedAt = this.clock.now();
      if (ticket.probe !== undefined) this.noteProbe(call, ticket.probe, ticket.valuedAt!);
    }
    if (settleOn === 'firstValue') this.finish(call, at, ticket, 'success', undefined);
  }

  settle(call: Call, at: number, ending: Ending, error: unknown): undefined {
    const ticket = call.tickets[at] as Ticket;
    if (ticket === undefined) return;
    let outcome: Outcome = 'ignored';
    try {
      const { classify, hungAfter } = this.setup;
      const ran = ending === Ending.completed ? undefined : this.ranFor(ticket);
      outcome = outcomeOf(ending, error, call.hasSeen(at), call.isParked(at), classify, ran, hungAfter);
      if (outcome === 'failure' && ending === Ending.failed && isOurHaste(call, error, ran, hungAfter)) outcome = 'ignored';
    } finally {
      // A classification that throws ends the call with that error, and its place as a probe is given back.
      this.finish(call, at, ticket, outcome, error);
    }
  }

  metrics(): BreakerMetrics {
    const { calls, circuit, clock, ends, history, slow } = this;
    return { calls, ...ends, slow, opened: history.opened, rate: circuit.rateAt(clock.now()) };
  }

  protected override forget(): void {
    this.look();
    for (const ended of Object.values(this.ends)) this.calls -= ended;
    this.ends = noEnds();
    this.slow = 0;
    this.history.reset();
    this.circuit.reset(this.clock.now());
  }

  update(update: BreakerUpdate): void {
    const options = checkPolicyUpdate(update, breakerOptionNames);
    const before = this.setup;
    const setup = (this.setup = readBreaker(options, before));
    this.circuit.adapt(setup, setup.trip === before.trip ? undefined : setup.trip, this.clock.now());
    this.updateCommon(options);
    this.look();
  }

  /** Whether a value is a `Response` that stands for a failed call, as an error with its status would. */
  private isFailure(value: unknown): boolean {
    return isFailedResponse(value) && this.setup.classify(value) === 'transient';
  }

  /** Milliseconds for which a call has run, where that decides how it ends. */
  private ranFor(ticket: BreakerCall | number): number | undefined {
    return typeof ticket === 'object' && ticket.decides ? this.clock.now() - ticket.start : undefined;
  }

  /** Whether the duration of a call that ends well matters to anybody. */
  private measures({ probe }: BreakerCall): boolean {
    return probe !== undefined || this.circuit.trip.slowerThan !== Infinity || this.isListenedTo;
  }

  private refuse(call: Call, refusal: Refusal): Error | undefined {
    this.ends.refused++;
    if (this.isListenedTo) this.tell({ type: 'refused', ...refusal }, call);
    if (this.mode === 'shadow') return undefined;
    const { lastError, openedAt } = this.history;
    // The chain of causes does not grow where a refusal was taken for a failure; no error has isolated it.
    const opener = isCircuitOpenError(lastError) ? lastError.cause : lastError;
    const cause = refusal.reason === 'isolated' ? undefined : opener;
    return stackless(this.setup.captureStacks, () => new CircuitOpenError(this.name, refusal, openedAt, cause));
  }

  private finish(call: Call, at: number, ticket: BreakerCall | number, outcome: Outcome, error: unknown): void {
    call.tickets[at] = undefined;
    const { circuit, clock, history } = this;
    const timed = typeof ticket === 'number' ? undefined : ticket;
    const generation = timed === undefined ? (ticket as number) : timed.generation;
    const measured = timed !== undefined && this.measures(timed);
    let now = NaN;
    if (measured || outcome === 'failure') now = clock.now();
    else if (circuit.trip.timed) now = call.timeOfSuccess(clock);
    const duration = measured ? (timed.valuedAt ?? now) - timed.start : NaN;
    if (outcome === 'failure' && generation === circuit.generation) history.lastFailure = withoutBody(error);
    let counted: Counted = 'counted';
    try {
      counted = circuit.settle(generation, timed?.probe, outcome, duration, now, history.lastFailure);
      // A success may be the call that makes a rate complete, and nobody has read the clock for it.
      if (counted === 'trips' && this.mayOpen) circuit.open(now !== now ? clock.now() : now, history.lastFailure);
    } finally {
      // A strategy that throws ends the call with that error, and the call counts all the same.
      const end = counted === 'late' ? 'late' : outcome;
      this.count(end, duration >= circuit.trip.slowerThan);
      if (this.isListenedTo) this.tell(endEvent(end, error, duration), call, at);
      this.tellMoves(call);
      // A success that is not enough lets those that have a value already close it sooner.
      if (timed?.probe !== undefined) this.watch();
    }
  }

  private count(end: End, slow: boolean): void {
    const { ends } = this;
    if (end === 'success') ends.successes++;
    else if (end === 'failure') ends.failures++;
    else ends[end]++;
    if (slow && (end === 'success' || end === 'failure')) this.slow++;
  }

  /** A probe has its first value: too late where its time is over, though nobody has looked since. */
  private noteProbe(call: Call, probe: Probe, now: number): void {
    this.circuit.advance(now);
    probe.answered = true;
    // With a rule for slow calls a slow probe is a failed one, and its end says so.
    probe.valued = now - probe.started < this.circuit.trip.slowerThan;
    this.tellMoves(call);
    this.watch();
  }
}
