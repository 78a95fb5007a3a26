import type { CircuitState } from '../core/circuit-state.js';

/** A circuit at one moment, in durations and not in instants: another process, with another clock, may begin with it. */
export interface CircuitSnapshot {
  /** As an initial state, `half-open` is an open circuit with nothing remaining, and `isolated` a closed one. */
  readonly state: CircuitState;
  /** Milliseconds until an open circuit is half-open. As an initial state without it: the break of `breakDuration`. */
  readonly remaining?: number | undefined;
  /** How often it has opened since it was last closed. */
  readonly openings?: number | undefined;
  /** The last change of state, and how many milliseconds ago it was. */
  readonly lastTransition?: { readonly from: CircuitState; readonly to: CircuitState; readonly ago: number } | undefined;
  /** The error that opened it last. */
  readonly lastError?: unknown;
}
