import type { Observable, SchedulerLike } from 'rxjs';
import type { Health } from '../core/health.js';
import type { Priority } from '../core/priority.js';

export type PolicyKind = 'circuitBreaker' | 'retry' | 'bulkhead' | 'deadline' | 'fallback' | 'loadShed';

/** `shadow` decides, counts and publishes, and lets every call through; `disabled` neither decides nor counts. */
export type PolicyMode = 'enforce' | 'shadow' | 'disabled';

export const policyModes: readonly PolicyMode[] = ['enforce', 'shadow', 'disabled'];

/** What every policy takes. */
export interface PolicyOptions {
  /** For people, logs and metrics. Default: the kind. */
  readonly name?: string | undefined;
  /** Default `enforce`. */
  readonly mode?: PolicyMode | undefined;
  /** Whether the whole is down without what this policy protects. Default false. */
  readonly required?: boolean | undefined;
  /** Clock and timers. Default `asyncScheduler`, which `TestScheduler.run` makes virtual. */
  readonly scheduler?: SchedulerLike | undefined;
  /** Numbers from 0 (included) to 1 (excluded). Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

export const policyOptionNames: readonly string[] = ['name', 'mode', 'required', 'scheduler', 'random'];

export interface EventContext {
  readonly attempt: number;
  readonly priority?: Priority | undefined;
  readonly tags?: Readonly<Record<string, unknown>> | undefined;
}

/** What every event has besides its own fields. */
export interface PolicyEvent {
  readonly type: string;
  readonly policy: string;
  readonly kind: PolicyKind;
  /** `scheduler.now()`: epoch milliseconds in real time. */
  readonly at: number;
  readonly context?: EventContext | undefined;
}

/** An event with the common fields left out, as a policy hands it to its stream. */
export type Told<E> = E extends PolicyEvent ? Omit<E, 'policy' | 'kind' | 'at' | 'context'> : never;

export interface ResetEvent extends PolicyEvent {
  readonly type: 'reset';
  readonly caller?: string;
}

/** Cumulative counters; which ones there are depends on the kind. */
export interface PolicyMetrics {
  readonly calls: number;
}

/** What an operator carries besides its work. */
export interface Policy<E extends PolicyEvent = PolicyEvent, O = PolicyOptions, M extends PolicyMetrics = PolicyMetrics> {
  readonly name: string;
  readonly kind: PolicyKind;
  readonly mode: PolicyMode;
  /** Replays the present health synchronously, never errors, completes on `dispose`. */
  readonly health$: Observable<Health>;
  /** Hot, without replay. Events are made only while somebody listens. */
  readonly events$: Observable<E>;
  /** A copy of the counters. */
  metrics(): M;
  /** Forgets history and counters, not what runs or waits; calls admitted before are late. */
  reset(caller?: string): void;
  /** New values for options of the factory; nothing that was counted is lost, a refused update changes nothing. */
  update(options: Partial<O>): void;
  /** Completes the streams and clears the timers that serve them; calls and decisions go on. */
  dispose(): void;
}

export interface PolicyOperator<E extends PolicyEvent = PolicyEvent, O = PolicyOptions, M extends PolicyMetrics = PolicyMetrics>
  extends Policy<E, O, M> {
  <T>(source: Observable<T>): Observable<T>;
}
