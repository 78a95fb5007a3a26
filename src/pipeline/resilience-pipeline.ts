import { asyncScheduler, type Observable } from 'rxjs';
import type { BreakerEvent } from '../circuit-breaker/breaker-events.js';
import type { BulkheadEvent } from '../bulkhead/bulkhead-events.js';
import type { Health } from '../core/health.js';
import { reading } from '../core/options.js';
import type { DeadlineEvent } from '../deadline/deadline-events.js';
import type { FallbackEvent } from '../fallback/fallback-events.js';
import type { LoadShedEvent } from '../load-shed/load-shed-events.js';
import type { AttemptContext } from '../operator/attempt.js';
import { applied } from '../operator/policy.js';
import type { RetryEvent } from '../retry/retry-events.js';
import { assemble } from './assemble.js';
import { callerSignal } from './caller-signal.js';
import { makeParts, type Part } from './make-parts.js';
import { checkPipelineOptions, checkTogether } from './pipeline-checks.js';
import type { FallbackValue, PartName, PipelineFallback, PipelineOptions, PipelineParts, PipelinePolicies } from './pipeline-options.js';
import { PipelineStreams } from './pipeline-streams.js';
import { runCall, type RunOptions, type Settled } from './run-call.js';

/** An event of any part: `kind` and `policy` say whose. */
export type PipelineEvent = BreakerEvent | BulkheadEvent | DeadlineEvent | FallbackEvent | LoadShedEvent | RetryEvent;

/** The counters of each part. */
export type PipelineMetrics<P extends PipelineParts = PipelineParts> = {
  readonly [N in keyof P]: NonNullable<P[N]> extends { metrics(): infer M } ? M : never;
};

/** Several policies as one operator, in the documented order. `R` is what its fallback may emit. */
export interface ResiliencePipeline<R = never, P extends PipelineParts = PipelineParts> {
  <T>(source: Observable<T>): Observable<T | R>;
  readonly name: string;
  /** The policies themselves, from the call outwards. */
  readonly parts: P;
  /**
   * The worst status of the parts: `down` while the breaker is open. `required` is that of the breaker, `components` has
   * each part. The present value at once, then each change; never errors, completes on `dispose`.
   */
  readonly health$: Observable<Health>;
  /** The events of all parts: hot, without replay. They are made only while somebody listens. */
  readonly events$: Observable<PipelineEvent>;
  /**
   * One call, for those who use promises. `fn` is what `attempt` takes, called for each try; it may give an
   * observable, an asynchronous iterable, a promise or a value. Resolves with the last value (`undefined` where there is none); rejects with what the call
   * fails with, and never throws. When `signal` aborts, the call is left and the promise rejects with its reason; if it
   * has aborted before, `fn` is not called.
   *
   * The call is made under the context in which `run` is called: its deadline, its priority, its signal.
   */
  run<A>(fn: (context: AttemptContext) => A, options?: RunOptions): Promise<Settled<A> | R>;
  /** A copy of the counters of each part. */
  metrics(): PipelineMetrics<P>;
  /** Resets the parts that were made here; one that is shared has its own `reset`. */
  reset(caller?: string): void;
  /** Completes the streams, and disposes the parts that were made here. Calls and decisions go on. */
  dispose(): void;
}

/** The parts that were given. */
export type GivenParts<K> = { readonly [P in PartName & K]: PipelinePolicies[P] };

/** What its fallback can emit, where there is one. */
export type GivenFallback<K, F> = 'fallback' extends K ? FallbackValue<F> : never;

/** Options of which it is known which ones there are. */
export type GivenOptions<K extends keyof PipelineOptions> = {
  readonly [P in K]: P extends 'fallback' ? object : P extends PartName ? NonNullable<PipelineOptions[P]> : PipelineOptions[P];
};

/**
 * Builds one operator out of policies, in the order in which they work: from the call outwards a deadline for each try,
 * bulkhead, breaker, retry, load shedding, a deadline for the whole, fallback. Each part is left out, given by its
 * options (`deadline: 3_000`, `retry: { maxRetries: 2 }`), or by a policy that is shared with others. It costs a call
 * what its parts cost, and a look at the context. Make it once for each dependency.
 *
 * A call ends as its parts say; an abort signal in its context ends it with an `AbortError`, which no fallback answers.
 *
 * @throws TypeError, RangeError for options that are unknown or out of their range, and for settings that cannot work
 * together, naming both: an `attemptDeadline` that is not less than `deadline`, a time window of the breaker that is
 * shorter than two attempts, a policy or a pipeline in a wrong place. Where it is piped, a TypeError for a source that
 * carries a retry or, with a breaker, a fallback of this library already, or the same bulkhead or shedder.
 *
 * ```ts
 * const read = resiliencePipeline({ name: 'catalog', deadline: 3_000, retry: {}, breaker: {}, attemptDeadline: 800 });
 * const item = await read.run(({ signal }) => fetch(`/items/${id}`, { signal }));
 * ```
 */
export function resiliencePipeline<K extends keyof PipelineOptions, F extends PipelineFallback>(
  options: GivenOptions<K> & { readonly fallback?: F | undefined },
): ResiliencePipeline<GivenFallback<K, F>, GivenParts<K>>;
export function resiliencePipeline<K extends keyof PipelineOptions, F extends PipelineFallback>(
  options: Pick<PipelineOptions, K> & { readonly fallback?: F | undefined },
): ResiliencePipeline<GivenFallback<K, F>>;
export function resiliencePipeline(options: PipelineOptions): ResiliencePipeline<unknown> {
  const { given, parts } = reading('resiliencePipeline', () => readPipeline(options), true);
  const { name = 'pipeline', required = false, scheduler = asyncScheduler } = given;
  const own = parts.filter((part) => part.own);
  const streams = new PipelineStreams(name, parts, required, scheduler);
  const operator = assemble(name, parts, applied(callerSignal()));
  const pipeline = (source: Observable<unknown>): Observable<unknown> => operator(source);
  Object.defineProperty(pipeline, 'name', { value: name, configurable: true });
  const { health$, events$ } = streams;
  return Object.assign(pipeline, {
    parts: Object.freeze(Object.fromEntries(parts.map(({ option, policy }) => [option, policy]))),
    health$,
    events$,
    run: (fn: (context: AttemptContext) => unknown, given: RunOptions = {}) => runCall(operator, fn, given),
    metrics: () => Object.fromEntries(parts.map(({ option, policy }) => [option, policy.metrics()])),
    reset: (caller?: string) => own.forEach(({ policy }) => policy.reset(caller)),
    dispose: () => {
      streams.dispose();
      for (const { policy } of own) policy.dispose();
    },
  }) as unknown as ResiliencePipeline<unknown>;
}

function readPipeline(options: PipelineOptions): { readonly given: PipelineOptions; readonly parts: readonly Part[] } {
  const given = checkPipelineOptions(options);
  const parts = makeParts(given, { ...given, name: given.name ?? 'pipeline' });
  checkTogether(parts, given);
  return { given, parts };
}
