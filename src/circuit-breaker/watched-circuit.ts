import { nextDelay } from '../core/backoff.js';
import { Circuit } from '../core/circuit.js';
import type { CircuitState, Transition } from '../core/circuit-state.js';
import { retryAfterOf } from '../core/retry-after.js';
import type { Call } from '../operator/call.js';
import { DueTimer } from '../operator/due-timer.js';
import { type HealthReading, PolicyCore } from '../operator/policy-core.js';
import { Published } from '../operator/published.js';
import type { BreakerEvent } from './breaker-events.js';
import { BreakerHistory } from './breaker-history.js';
import { type BreakerSetup, type CircuitBreakerOptions, readBreaker, readInitialState } from './breaker-options.js';
import type { CircuitSnapshot } from './circuit-snapshot.js';

/** Holds the circuit open until it is released. */
export interface Isolation {
  /** Lets go; the circuit closes with the last one that does. Doing it twice is doing it once. */
  release(caller?: string): void;
}

/** A circuit, its past, and those who watch it: everything about a breaker that is not about one call. */
export abstract class WatchedCircuit extends PolicyCore<BreakerEvent> {
  protected setup: BreakerSetup;
  readonly states: Published<CircuitState>;
  protected readonly circuit: Circuit;
  protected readonly history: BreakerHistory;
  private readonly timer: DueTimer;
  private readonly moves: (readonly [Transition, unknown])[] = [];
  private begun = false;
  private telling = false;

  constructor(options: CircuitBreakerOptions) {
    super('circuitBreaker', options);
    this.setup = readBreaker(options);
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
      () => this.watch(),
    );
    this.begin(readInitialState(options.initialState));
    this.begun = true;
  }

  get state(): CircuitState {
    return this.circuit.isClosed ? 'closed' : this.circuit.stateAt(this.clock.now());
  }

  isolate(caller?: string): Isolation {
    this.look();
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

  protected override healthObserved(): void {
    this.watch();
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
    const asked = retryAfterOf(error, this.scheduler) ?? 0;
    return Math.max(history.lastBreak, Math.min(asked, setup.maxBreakDuration));
  }

  private note(transition: Transition, error: unknown, probed: boolean): void {
    // As it is made, one reading of the clock is enough: with another, a millisecond might pass in between.
    const raw = this.begun ? this.rawOf(transition.at) : this.history.since;
    this.history.note(transition, raw, error, probed);
    this.moves.push([transition, error]);
  }

  /** Listeners hear of moves once everything is in its place: one of them may cause the next. */
  protected tellMoves(call?: Call): void {
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
  protected look(): void {
    this.circuit.advance(this.clock.now());
    this.tellMoves();
    this.states.push();
    this.healthChanged();
    this.watch();
  }

  /** A timer exists only while somebody observes. */
  protected watch(): void {
    if (this.states.isObserved || this.isHealthObserved) this.timer.set(this.circuit.due);
    else this.timer.clear();
  }

  /** The scheduler's reading that belongs to a time of the clock. */
  private rawOf(time: number): number {
    const { clock } = this;
    return time - clock.now() + clock.raw;
  }
}
