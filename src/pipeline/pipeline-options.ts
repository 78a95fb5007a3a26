import type { Observable, ObservableInput } from 'rxjs';
import type { Bulkhead } from '../bulkhead/bulkhead.js';
import type { BulkheadOptions, BulkheadQueue } from '../bulkhead/bulkhead-options.js';
import type { CircuitBreakerOptions } from '../circuit-breaker/breaker-options.js';
import type { CircuitBreaker } from '../circuit-breaker/circuit-breaker.js';
import type { Classify } from '../core/classify.js';
import type { Priority } from '../core/priority.js';
import type { DeadlineSettings } from '../deadline/deadline-options.js';
import type { DeadlinePolicy } from '../deadline/with-deadline.js';
import type { FallbackOperator, FallbackUpdate } from '../fallback/fallback-core.js';
import type { FallbackEvent, FallbackMetrics } from '../fallback/fallback-events.js';
import type { FallbackToLastOperator } from '../fallback/fallback-to-last.js';
import type { LoadShed } from '../load-shed/load-shed.js';
import type { LoadShedEvent, LoadShedMetrics } from '../load-shed/load-shed-events.js';
import type { LoadShedOptions, LoadShedUpdate, PriorityOf } from '../load-shed/load-shed-options.js';
import type { CallContext } from '../operator/context.js';
import type { Policy, PolicyOptions } from '../operator/policy-types.js';
import type { RetryOptions } from '../retry/retry-options.js';
import type { RetryPolicy } from '../retry/retry-with-backoff.js';

/** A deadline that a pipeline makes: its settings, and what every policy takes. */
export interface PipelineDeadline extends DeadlineSettings, PolicyOptions {}

/** A bulkhead that a pipeline makes. */
export interface PipelineBulkhead extends BulkheadOptions {
  /** Calls that run at once, at least 1; or an observable of it. */
  readonly maxConcurrent: number | Observable<number>;
  /** Calls that may wait, at least 0, or more of it. Default 0. */
  readonly queue?: number | BulkheadQueue | undefined;
}

/** Load shedding that a pipeline makes. */
export interface PipelineShed extends LoadShedOptions {
  /** How much these calls matter, or a function that says so for each. */
  readonly priority: Priority | PriorityOf;
}

/** Whatever `fallbackTo`, `fallbackToValue` or `fallbackToLast` has made. */
export type FallbackPolicy = Policy<FallbackEvent, FallbackUpdate, FallbackMetrics>;

/** What answers instead of a call that failed: what `fallbackTo` takes, or a policy. */
export type PipelineFallback =
  | Observable<unknown>
  | PromiseLike<unknown>
  | FallbackPolicy
  | ((error: unknown, context: CallContext) => ObservableInput<unknown>);

/** What such a fallback can emit. */
export type FallbackValue<F> = [F] extends [never]
  ? never
  : F extends FallbackToLastOperator<never>
    ? never
    : F extends FallbackOperator<infer R>
      ? R
      : F extends (...given: never[]) => ObservableInput<infer R>
        ? R
        : F extends ObservableInput<infer R>
          ? R
          : never;

/** Options, and no policy: one of another kind has no part in common with them but its name. */
type Settings<O> = O & { readonly kind?: never };

/** A `LoadShed` without its call: beside it, a function that says the priority is told apart. */
export type ShedPolicy = Policy<LoadShedEvent, LoadShedUpdate, LoadShedMetrics> & Pick<LoadShed, 'shedder'>;

/** What the parts of a pipeline share. */
export interface PipelineCommon extends PolicyOptions {
  /** For each part that is made here and has none of its own. Default `pipeline`. The deadline of each try is `NAME.attempt`. */
  readonly name?: string | undefined;
  /** Whether the whole is down without what this protects: of the breaker. Default false. */
  readonly required?: boolean | undefined;
  /** What kind of error it is, for the breaker, the retry and the fallback. Default `classify`. */
  readonly classify?: Classify | undefined;
  /** What counts as a value, for the deadlines, the breaker, the retry and the shedding. Default: every value. */
  readonly isValue?: ((value: unknown, context: CallContext) => boolean) | undefined;
}

/** The parts of a pipeline: each is left out, or given by its options, or by a policy that others share. */
export interface PipelineOptions extends PipelineCommon {
  /** The whole operation: milliseconds, at least 0, or settings. Default none. */
  readonly deadline?: number | Settings<PipelineDeadline> | DeadlinePolicy | undefined;
  /** How much its calls matter when there are too many, or options. Default none. */
  readonly shed?: Priority | PriorityOf | Settings<PipelineShed> | ShedPolicy | undefined;
  /** Trying again. Default none. */
  readonly retry?: Settings<RetryOptions> | RetryPolicy | undefined;
  /** Not calling what is down. Default none. */
  readonly breaker?: Settings<CircuitBreakerOptions> | CircuitBreaker | undefined;
  /** Calls that run at once, at least 1, or options. Default none. */
  readonly bulkhead?: number | Settings<PipelineBulkhead> | Bulkhead | undefined;
  /** Each try: milliseconds, at least 0 and less than `deadline`, or settings. Default none. */
  readonly attemptDeadline?: number | Settings<PipelineDeadline> | DeadlinePolicy | undefined;
  /** What answers instead. Default none. */
  readonly fallback?: PipelineFallback | undefined;
}

/** By which name each kind of part is known, from the call outwards. */
export interface PipelinePolicies {
  readonly attemptDeadline: DeadlinePolicy;
  readonly bulkhead: Bulkhead;
  readonly breaker: CircuitBreaker;
  readonly retry: RetryPolicy;
  readonly shed: LoadShed;
  readonly deadline: DeadlinePolicy;
  readonly fallback: FallbackPolicy;
}

export type PartName = keyof PipelinePolicies;

/** The documented order, from the call outwards. */
export const partNames: readonly PartName[] = [
  'attemptDeadline', 'bulkhead', 'breaker', 'retry', 'shed', 'deadline', 'fallback',
];

export const commonNames: readonly string[] = ['classify', 'isValue'];

/** Parts of which it is not known which ones are there. */
export type PipelineParts = { readonly [P in PartName]?: PipelinePolicies[P] };
