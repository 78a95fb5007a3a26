import type { HealthStatus } from '../core/health.js';
import type { CircuitState } from '../core/circuit-state.js';
import type { PolicyKind, PolicyMode } from '../operator/policy-types.js';

/** A health without its error: what leaves the process. */
export interface HealthView {
  readonly name: string;
  readonly status: HealthStatus;
  readonly required: boolean;
  /** Epoch milliseconds. */
  readonly since: number;
  readonly details: Readonly<Record<string, unknown>>;
  readonly components?: Readonly<Record<string, HealthView>>;
}

/** Data of the server-sent event `health`: the board, at first and after each change. */
export interface HealthMessage {
  readonly at: number;
  readonly live: HealthView;
  readonly startup: HealthView;
  readonly ready: HealthView;
}

/** What calls took since the last message; only those that began while a stream was open. Milliseconds. */
export interface LatencyView {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
}

/** One policy. */
export interface PolicyView {
  readonly policy: string;
  readonly kind: PolicyKind;
  readonly mode: PolicyMode;
  readonly health: HealthView;
  /** Of a circuit breaker. */
  readonly state?: CircuitState;
  /** Its counters as `metrics()` has them. */
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly latency?: LatencyView;
}

/** Data of `policies`: all of them at first, then those that changed and those that are gone. */
export interface PoliciesMessage {
  readonly at: number;
  /** These are all. */
  readonly whole: boolean;
  readonly policies: readonly PolicyView[];
  readonly gone: readonly { readonly policy: string; readonly kind: PolicyKind }[];
  /** Whether `isolate`, `release` and `reset` may be asked for. */
  readonly control: boolean;
}

/** Data of `event`: a policy opened, closed, was isolated, released or reset. Its server-sent id resumes the stream. */
export interface EventMessage {
  readonly at: number;
  readonly policy: string;
  readonly kind: PolicyKind;
  readonly type: string;
  /** For people, without the text of an error. */
  readonly text: string;
}
