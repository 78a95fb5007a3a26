import { delayOf } from '../core/backoff.js';
import { Circuit } from '../core/circuit.js';
import type { CircuitState, Transition } from '../core/circuit-state.js';
import { show } from '../core/options.js';
import { retryAfterOf } from '../core/retry-after.js';
import { keepForLater } from '../operator/async-input.js';
import type { Call } from '../operator/call.js';
import { DueTimer } from '../operator/due-timer.js';
import { type HealthReading, PolicyCore } from '../operator/policy-core.js';
import { Published } from '../operator/published.js';
import type { Told } from '../operator/policy-types.js';
import type { BreakerEvent } from './breaker-events.js';
import { BreakerHistory } from './breaker-history.js';
import { type BreakerSetup, type CircuitBreakerOptions, readBreaker, readInitialState } from './breaker-options.js';
import type { CircuitSnapshot } from './circuit-snapshot.js';

/** Holds the circuit open until it is released. */
export interface Isolation {
  /** Lets go; the circuit closes with the last one that does. Doing it twice is doing it once. */
  release(caller?: string): void;
}

/** A move that listeners have not heard of. Times are readings of the scheduler. */
interface Move {
  readonly to: CircuitState;
  readonly at: number;
  /** When time moves it on. */
  readonly until: number;
  readonly cause: unknown;
}

/** A circuit, its past, and those who watch it: everything about a breaker that is not about one call. */
export abstract class WatchedCircuit extends PolicyCore<BreakerEvent> {
  /** A pipeline asks whether its windows can work. */
  setup: BreakerSetup;
  readonly states: Published<CircuitState>;
  protected readonly circuit: Circuit;
  protected readonly history: BreakerHistory;
  private lastBreak = 0;
  private readonly timer: DueTimer;
  private readonly moves: Move[] = [];
  private telling = false;

  constructor(options: CircuitBreakerOptions) {
    super('circuitBreaker', options);
    this.setup = readBreaker(options);
    this.history = new BreakerHistory(this.scheduler.now());
    this.timer = new DueTimer(this.clock, () => this.look());
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
    const { lastError, openings = 1, remaining, state } = readInitialState(options.initialState);
    if (state === 'open' || state === 'half-open') {
      this.circuit.open(this.clock.now(), lastError, state === 'open' ? remaining : 0);
      this.history.opened = 0;
      this.history.openings = openings;
      // Nobody listens yet.
      this.moves.length = 0;
    }
  }

  get state(): CircuitState {
    return this.circuit.stateAt(this.clock.now());
  }

  isolate(caller?: string): Isolation {
    this.look();
    this.circuit.isolate(this.clock.now());
    this.tellBy('isolated', caller);
    let held = true;
    return {
      release: (by?: string) => {
        if (!held) return;
        held = false;
        this.circuit.release(this.clock.now());
        this.tellBy('released', by);
      },
    };
  }

  snapshot(): CircuitSnapshot {
    const now = this.clock.now();
    const { circuit, history } = this;
    const { due, name } = circuit;
    const state = circuit.stateAt(now);
    // Time may have moved it on, and nobody has looked yet.
    const last = state === name ? history.last : { from: name, to: state, at: due };
    const { lastError } = history;
    return {
      state,
      ...(state === 'open' && { remaining: due - now }),
      openings: state === 'closed' ? 0 : history.openings,
      ...(last !== undefined && { lastTransition: { from: last.from, to: last.to, ago: Math.max(0, now - last.at) } }),
      ...(lastError !== undefined && { lastError }),
    };
  }

  override dispose(): void {
    this.states.complete();
    super.dispose();
  }

  protected override reading(): HealthReading {
    const { circuit, history, state } = this;
    return {
      status: state === 'closed' ? 'up' : state === 'half-open' ? 'degraded' : 'down',
      details: { state, openings: state === 'closed' ? 0 : history.openings },
      // Time may have moved it on, and nobody has looked yet.
      since: state === circuit.name ? history.since : this.rawOf(circuit.due),
      error: state === 'open' || state === 'half-open' ? history.lastError : undefined,
    };
  }

  protected override healthObserved(): void {
    this.watch();
  }

  private breakFor(error: unknown): number {
    const { openings } = this.history;
    const { breakDuration, maxBreakDuration } = this.setup;
    const previousDelay = openings === 0 ? 0 : this.lastBreak;
    const own = breakDuration({ attempt: openings + 1, previousDelay, error, random: this.random });
    if (typeof own === 'object' && own !== null) {
      keepForLater(own);
      throw new TypeError(`breakDuration must answer with milliseconds or null, got ${show(own)}: only a retry can wait for that`);
    }
    if (own !== null) this.lastBreak = delayOf(own);
    return Math.max(this.lastBreak, Math.min(retryAfterOf(error, this.scheduler) ?? 0, maxBreakDuration));
  }

  private note(transition: Transition, cause: unknown, probed: boolean): void {
    const at = this.rawOf(transition.at);
    this.history.note(transition, at, cause, probed);
    this.moves.push({ to: transition.to, at, until: this.rawOf(this.circuit.due), cause });
  }

  /** And what that led to. */
  protected override tellBy(type: 'isolated' | 'released' | 'reset', caller: string | undefined): void {
    super.tellBy(type, caller);
    this.tellMoves();
  }

  /** Listeners hear of moves once everything is in its place: one of them may cause the next. */
  protected tellMoves(call?: Call): void {
    if (this.moves.length === 0 || this.telling) return;
    this.telling = true;
    call?.forgetTime();
    try {
      for (let move = this.moves.shift(); move !== undefined; move = this.moves.shift()) {
        this.tellMove(move);
        this.states.push();
        this.healthChanged();
      }
    } finally {
      this.telling = false;
      this.watch();
    }
  }

  private tellMove({ to, at, until, cause }: Move): void {
    // Of an isolation the one who did it is told.
    if (to === 'isolated') return;
    const event = to === 'open' ? { type: 'opened', cause, until } : { type: to === 'closed' ? 'closed' : 'halfOpened' };
    this.tellTransition(event as Told<BreakerEvent>, at);
  }

  /** Makes what was due by now, and tells. */
  protected look(): void {
    this.circuit.advance(this.clock.now());
    this.tellMoves();
    this.healthChanged();
    this.watch();
  }

  /** Whether those who watch it let it open. */
  protected get mayOpen(): boolean {
    return this.watches?.some((watch) => watch.mayOpen?.() === false) !== true;
  }

  /** A timer exists only while somebody observes. */
  protected watch(): void {
    if (this.states.isObserved || this.isHealthObserved) this.timer.set(this.circuit.due);
    else this.timer.clear();
  }

  /** The scheduler's reading that belongs to a time of the clock, which has just been read. */
  private rawOf(time: number): number {
    return time - this.clock.latest + this.clock.raw;
  }
}
