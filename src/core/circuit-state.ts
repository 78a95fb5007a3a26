export type CircuitState = 'closed' | 'open' | 'half-open' | 'isolated';

/** A call that was let through to find out whether the dependency is back. */
export interface Probe {
  readonly generation: number;
  /** When its source was subscribed. */
  started: number;
  /** It has had a value: it leaves its slot to the next one, though its end still counts. */
  answered: boolean;
  /** That value was not a slow one: it succeeds when its time is over. */
  valued: boolean;
  /** Its time is not over. One that took too long occupies no slot, though its result still counts. */
  running: boolean;
}

/** What the circuit holds in each of its states. Times are milliseconds of the breaker's clock. */
export type Circuitry =
  | { readonly name: 'closed' }
  | { readonly name: 'open'; readonly until: number }
  | { readonly name: 'half-open'; readonly probes: Probe[]; successes: number }
  | { readonly name: 'isolated'; handles: number };

/** A change of state, at the time at which it was due. */
export interface Transition {
  readonly from: CircuitState;
  readonly to: CircuitState;
  readonly at: number;
}

export interface CircuitSettings {
  readonly successThreshold: number;
  readonly maxProbes: number;
  /** Milliseconds. */
  readonly probeTimeout: number;
}

/** A refusal: why, and in how many milliseconds it may be different; undefined where nobody knows. */
export interface Refusal {
  readonly reason: 'open' | 'half-open' | 'isolated';
  readonly retryAfter: number | undefined;
}

/** What became of an outcome. `trips`: the rule says that the circuit is to be opened. */
export type Counted = 'counted' | 'ignored' | 'late' | 'trips';
