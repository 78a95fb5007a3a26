import { nextDelay } from '../core/backoff.js';
import { Circuit } from '../core/circuit.js';
import type { CircuitState, Counted, Probe, Refusal, Transition } from '../core/circuit-state.js';
import type { Ending } from '../core/ending.js';
import { type Outcome, outcomeOf } from '../core/outcome.js';
import { retryAfterOf } from '../core/retry-after.js';
import { stackless } from '../core/stackless.js';
import type { Call } from '../operator/call.js';
import { toContext } from '../operator/context.js';
import { DueTimer } from '../operator/due-timer.js';
import { checkPolicyUpdate, type HealthReading, PolicyCore } from '../operator/policy-core.js';
import type { PolicyOptions } from '../operator/policy-types.js';
import { Published } from '../operator/published.js';
import { BreakerCall } from './breaker-call.js';
import { BreakerCounters } from './breaker-counters.js';
import type { BreakerEvent, BreakerMetrics } from './breaker-events.js';
import { BreakerHistory } from './breaker-history.js';
import {
  breakerOptionNames, type BreakerSettings, type BreakerSetup, type CircuitBreakerOptions, readBreaker, readInitialState,
} from './breaker-options.js';
import { CircuitOpenError, isCircuitOpenError } from './circuit-open-error.js';
import type { CircuitSnapshot } from './circuit-snapshot.js';

export type BreakerUpdate = BreakerSettings & Pick<PolicyOptions, 'mode' | 'required'>;

/** Holds the circuit open until it is released. */
export interface Isolation {
  /** Lets go; the circuit closes with the last one that does. Doing it twice is doing it once. */
  release(caller?: string): void;
}

/** Feeds the circuit, and tells how it is. */
export class BreakerCore extends PolicyCore<BreakerEvent> {
  private setup: BreakerSetup;
  /** Whether every value is looked at: settled at construction, for it decides how the stage is built. */
  readonly watchesValues: boolean;
  readonly states: Published<CircuitState>;
  private readonly circuit: Circuit;
  private readonly counters = new BreakerCounters();
  private readonly history: BreakerHistory;
  private readonly timer: DueTimer;
  private readonly moves: (readonly [Transition, unknown])[] = [];
  private telling = false;
  private healthIsObserved = false;
  private stateIsObserved = false;

  constructor(options: CircuitBreakerOptions) {
    super('circuitBreaker', options);
    this.setup = readBreaker(options);
    this.watchesValues = this.setup.isFailureValue !== undefined || this.setup.isValue !== undefined;
    this.history = new BreakerHistory(this.scheduler.now());
    this.timer = new DueTimer(this.scheduler, this.clock, () => this.look());
    this.circuit = new Circuit(
      this.setup.trip.start(undefined),
      this.setup,
      (error) => this.breakFor(error),
      (transition, error, probed) => this.note(transition, error, probed),
    );
    this.states = new Published(
      () => this.state,
      (a, b) => a === b,
      (listening) => {
        this.stateIsObserved = listening;
        this.watch();
      },
    );
    this.begin(readInitialState(options.initialState));
  }

  get state(): CircuitState {
    return this.circuit.isClosed ? 'closed' : this.circuit.stateAt(this.clock.now());
  }

  admit(call: Call, at: number): Error | undefined {
    call.tickets[at] = undefined;
    if (this.mode === 'disabled') return undefined;
    this.counters.calls++;
    this.calls++;
    const { circuit } = this;
    if (circuit.isClosed) {
      const start = this.measures(call) ? call.now(this.clock) : NaN;
      call.tickets[at] = new BreakerCall(circuit.generation, undefined, start);
      return undefined;
    }
    const now = call.now(this.clock);
    circuit.advance(now);
    const answer = circuit.admit(now);
    const refused = answer !== undefined && 'reason' in answer;
    if (!refused) call.tickets[at] = new BreakerCall(circuit.generation, answer, now);
    this.tellMoves(call);
    return refused ? this.refuse(call, answer) : undefined;
  }

  /** Time runs from the subscription of the source proper: a wait in a queue is not the dependency's fault. */
  connected(call: Call, at: number): void {
    const ticket = call.tickets[at] as BreakerCall | undefined;
    if (ticket?.isMeasured !== true) return;
    ticket.start = this.clock.now();
    if (ticket.probe !== undefined) ticket.probe.started = ticket.start;
  }

  value(call: Call, at: number, value: unknown): undefined {
    const ticket = call.tickets[at] as BreakerCall | undefined;
    if (ticket === undefined || ticket.settled) return;
    const { isFailureValue, isValue, onFirstValue } = this.setup;
    if (this.watchesValues) {
      const context = toContext(call.frameWith(at));
      if (isValue !== undefined && !isValue(value, context)) return;
      call.markSeen(at);
      if (isFailureValue?.(value, context) === true) {
        this.finish(call, at, ticket, 'failure', value);
        return;
      }
    }
    if (ticket.valued) return;
    ticket.valued = true;
    if (ticket.isMeasured) ticket.valuedAt = this.clock.now();
    if (ticket.probe !== undefined) this.noteProbe(call, ticket.probe, ticket.valuedAt);
    if (onFirstValue) this.finish(call, at, ticket, 'success', undefined);
  }

  settle(call: Call, at: number, ending: Ending, error: unknown): undefined {
    const ticket = call.tickets[at] as BreakerCall | undefined;
    if (ticket === undefined) return;
    call.tickets[at] = undefined;
    if (ticket.settled) return;
    let outcome: Outcome = 'ignored';
    try {
      const { classify, hungAfter } = this.setup;
      // What was measured for a listener alone decides nothing: whether somebody looks must not matter.
      const decides = ticket.isMeasured && (ticket.probe !== undefined || this.decidesByTime(call));
      const ran = decides ? this.clock.now() - ticket.start : undefined;
      outcome = outcomeOf(ending, error, call.hasSeen(at), call.parked, classify, ran, hungAfter);
    } finally {
      // A classification that throws ends the call with that error, and its place as a probe is given back.
      this.finish(call, at, ticket, outcome, error);
    }
  }

  isolate(caller?: string): Isolation {
    this.circuit.isolate(this.clock.now());
    if (this.isListenedTo) this.tell({ type: 'isolated', ...(caller !== undefined && { caller }) });
    this.tellMoves();
    let held = true;
    return {
      release: (by?: string) => {
        if (!held) return;
        held = false;
        this.circuit.release(this.clock.now());
        if (this.isListenedTo) this.tell({ type: 'released', ...(by !== undefined && { caller: by }) });
        this.tellMoves();
      },
    };
  }

  snapshot(): CircuitSnapshot {
    const now = this.clock.now();
    const state = this.circuit.stateAt(now);
    const remaining = this.circuit.remaining(now);
    const { due, name } = this.circuit;
    // Time has moved it on, and nobody has looked yet.
    const unseen = state === name ? undefined : ({ from: name, to: state, at: due } as const);
    const openings = state === 'closed' ? 0 : this.history.openings;
    return { state, ...(state === 'open' && { remaining }), openings, ...this.history.told(now, unseen) };
  }

  metrics(): BreakerMetrics {
    const rate = this.circuit.trip.rate(this.clock.now());
    return { ...this.counters.read(), opened: this.history.opened, rate };
  }

  reset(caller?: string): void {
    this.counters.reset();
    this.history.reset();
    this.circuit.reset(this.clock.now());
    if (this.isListenedTo) this.tell({ type: 'reset', ...(caller !== undefined && { caller }) });
    this.tellMoves();
  }

  update(options: BreakerUpdate): void {
    checkPolicyUpdate(options, breakerOptionNames);
    if (!this.watchesValues && (options.isFailureValue ?? options.isValue) !== undefined) {
      throw new TypeError('isFailureValue and isValue can be changed only where one of them was set first');
    }
    const before = this.setup;
    this.setup = readBreaker(options, before);
    if (this.setup.trip !== before.trip) this.circuit.trip = this.setup.trip.start(this.circuit.trip);
    this.circuit.settings = this.setup;
    this.updateCommon(options);
    this.look();
  }

  override dispose(): void {
    this.states.complete();
    super.dispose();
    this.timer.clear();
  }

  protected override reading(): HealthReading {
    const state = this.state;
    const { lastError, since } = this.history;
    const openings = state === 'closed' ? 0 : this.history.openings;
    // Time has moved it on, and nobody has looked yet.
    const moved = !this.circuit.isClosed && state !== this.circuit.name;
    const status = state === 'closed' ? 'up' : state === 'half-open' ? 'degraded' : 'down';
    const failed = (state === 'open' || state === 'half-open') && lastError !== undefined;
    return {
      status,
      details: { state, openings },
      since: moved ? this.rawOf(this.circuit.due) : since,
      ...(failed && { error: lastError }),
    };
  }

  protected override healthObserved(listening: boolean): void {
    this.healthIsObserved = listening;
    this.watch();
  }

  private measures(call: Call): boolean {
    return this.decidesByTime(call) || this.isListenedTo;
  }

  private decidesByTime(call: Call): boolean {
    return (
      this.setup.hungAfter !== undefined ||
      this.circuit.trip.slowerThan !== Infinity ||
      call.frame.deadline !== undefined
    );
  }

  private refuse(call: Call, refusal: Refusal): Error | undefined {
    this.counters.refused++;
    if (this.isListenedTo) this.tell({ type: 'refused', ...refusal }, call);
    if (this.mode === 'shadow') return undefined;
    const { lastError, openedAt } = this.history;
    // The chain of causes does not grow where a refusal was taken for a failure; no error has isolated it.
    const opener = isCircuitOpenError(lastError) ? lastError.cause : lastError;
    const cause = refusal.reason === 'isolated' ? undefined : opener;
    return stackless(this.setup.captureStacks, () => new CircuitOpenError(this.name, refusal, openedAt, cause));
  }

  private finish(call: Call, at: number, ticket: BreakerCall, outcome: Outcome, error: unknown): void {
    ticket.settled = true;
    const { circuit, clock, history } = this;
    const { generation, probe, start, valuedAt } = ticket;
    const timed = circuit.trip.timed || probe !== undefined || ticket.isMeasured || outcome === 'failure';
    const now = timed ? clock.now() : NaN;
    const duration = valuedAt === valuedAt ? valuedAt - start : now - start;
    if (outcome === 'failure' && generation === circuit.generation) history.lastFailure = error;
    let counted: Counted = 'counted';
    try {
      counted = circuit.settle(generation, probe, outcome, duration, now, history.lastFailure);
      // A success may be the call that makes a rate complete; the clock is read for those alone.
      if (counted === 'trips') circuit.open(clock.now(), history.lastFailure);
    } finally {
      // A strategy that throws ends the call with that error, and the call counts all the same.
      const told = counted === 'late' ? 'late' : outcome;
      this.counters.note(told, duration >= circuit.trip.slowerThan);
      if (this.isListenedTo) this.tellOutcome(call, at, told, duration, error);
      this.tellMoves(call);
    }
  }

  /** A probe has its first value: too late where its time is over, though nobody has looked since. */
  private noteProbe(call: Call, probe: Probe, now: number): void {
    this.circuit.advance(now);
    probe.valued = true;
    this.tellMoves(call);
    this.watch();
  }

  private tellOutcome(call: Call, at: number, outcome: Outcome | 'late', measured: number, error: unknown): void {
    // A listener came after the call was admitted: nobody knows when it began.
    const duration = measured === measured ? measured : 0;
    if (outcome === 'success') this.tell({ type: 'succeeded', duration }, call, at);
    else if (outcome === 'failure') this.tell({ type: 'failed', error, duration }, call, at);
    else if (outcome === 'abandoned') this.tell({ type: 'abandoned', after: duration }, call, at);
    else if (outcome === 'ignored') this.tell({ type: 'ignored', error }, call, at);
    else this.tell({ type: 'late' }, call, at);
  }

  private begin(initial: CircuitSnapshot): void {
    const { remaining, state } = initial;
    if (state === 'closed' || state === 'isolated') return;
    const now = this.clock.now();
    this.circuit.open(now, initial.lastError, state === 'half-open' ? 0 : remaining);
    this.history.begin(initial);
    this.moves.length = 0;
  }

  private breakFor(error: unknown): number {
    const { history, random, setup } = this;
    const { lastBreak, openings } = history;
    const context = { attempt: openings + 1, previousDelay: openings === 0 ? 0 : lastBreak, error, random };
    history.lastBreak = nextDelay(setup.breakDuration, context) ?? history.lastBreak;
    const asked = retryAfterOf(error, this.scheduler.now()) ?? 0;
    return Math.max(history.lastBreak, Math.min(asked, setup.maxBreakDuration));
  }

  private note(transition: Transition, error: unknown, probed: boolean): void {
    this.history.note(transition, this.rawOf(transition.at), error, probed);
    this.moves.push([transition, error]);
  }

  /** Listeners hear of moves once everything is in its place: one of them may cause the next. */
  private tellMoves(call?: Call): void {
    if (this.moves.length === 0 || this.telling) return;
    this.telling = true;
    call?.forgetTime();
    try {
      for (let move = this.moves.shift(); move !== undefined; move = this.moves.shift()) {
        if (this.isListenedTo) this.tellMove(move[0], move[1]);
        this.states.push();
        this.healthChanged();
      }
    } finally {
      this.telling = false;
      this.watch();
    }
  }

  private tellMove({ to, at }: Transition, cause: unknown): void {
    const raw = this.rawOf(at);
    const due = this.circuit.due;
    if (to === 'open') {
      this.tell({ type: 'opened', cause, until: due === Infinity ? raw : this.rawOf(due) }, undefined, undefined, raw);
    } else if (to !== 'isolated') {
      this.tell({ type: to === 'closed' ? 'closed' : 'halfOpened' }, undefined, undefined, raw);
    }
  }

  /** Makes what was due by now, and tells. */
  private look(): void {
    this.circuit.advance(this.clock.now());
    this.tellMoves();
    this.states.push();
    this.healthChanged();
    this.watch();
  }

  /** A timer exists only while somebody observes. */
  private watch(): void {
    if (this.stateIsObserved || this.healthIsObserved) this.timer.set(this.circuit.due);
    else this.timer.clear();
  }

  /** The scheduler's reading that belongs to a time of the clock. */
  private rawOf(time: number): number {
    const raw = this.scheduler.now();
    return raw - (this.clock.at(raw) - time);
  }
}
