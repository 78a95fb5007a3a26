import type { Bulkhead } from '../bulkhead/bulkhead.js';
import type { CircuitBreakerOptions } from '../circuit-breaker/breaker-options.js';
import { decorrelatedJitter, exponential } from '../core/backoff.js';
import { checkBoolean, checkOneOf, reading } from '../core/options.js';
import { consecutiveFailures, failureCount } from '../core/trip.js';
import type { RetryOptions } from '../retry/retry-options.js';
import type { RetryPolicy } from '../retry/retry-with-backoff.js';
import { checkPipelineOptions } from './pipeline-checks.js';
import type { PipelineBulkhead, PipelineCommon } from './pipeline-options.js';
import { type GivenParts, type ResiliencePipeline, resiliencePipeline } from './resilience-pipeline.js';

/** How soon a preset gives up on a dependency. */
export type Tolerance = 'normal' | 'strict' | 'lenient';

/** What the presets take. */
export interface PresetOptions extends PipelineCommon {
  /** `strict` for what must not hang (payments), `lenient` for what may fail now and then (analytics). Default `normal`. */
  readonly tolerance?: Tolerance | undefined;
  /** Calls that run at once, at least 1, or options, or one that is shared. Default none. */
  readonly bulkhead?: number | PipelineBulkhead | Bulkhead | undefined;
}

export interface WritePresetOptions extends PresetOptions {
  /** Whether doing it twice is doing it once: each try carries the same key. Default false: nothing is tried again. */
  readonly idempotent?: boolean | undefined;
}

/** The parts of a preset. */
export type PresetParts = GivenParts<'attemptDeadline' | 'breaker' | 'retry' | 'deadline'> & { readonly bulkhead?: Bulkhead };

/** The parts of a preset for writes. */
export type WritePresetParts = GivenParts<'attemptDeadline' | 'breaker' | 'deadline'> & {
  readonly bulkhead?: Bulkhead;
  readonly retry?: RetryPolicy;
};

interface Setting {
  readonly attemptDeadline: number;
  readonly retry: RetryOptions;
  readonly trip: CircuitBreakerOptions['trip'];
}

/** Milliseconds for the whole operation. */
const deadline = 30_000;

const settings: Readonly<Record<Tolerance, () => Setting>> = {
  normal: () => ({ attemptDeadline: 10_000, retry: { backoff: exponential(), maxRetries: 3 }, trip: consecutiveFailures(5) }),
  strict: () => ({
    attemptDeadline: 5_000,
    retry: { backoff: decorrelatedJitter(), maxRetries: 2 },
    trip: failureCount({ failures: 3, window: { calls: 5 } }),
  }),
  lenient: () => ({
    attemptDeadline: 10_000,
    retry: { backoff: exponential(), maxRetries: 3 },
    trip: failureCount({ failures: 10, window: { calls: 20 } }),
  }),
};

/**
 * A pipeline with settings that suit most dependencies.
 *
 * | | `normal` | `strict` | `lenient` |
 * |---|---|---|---|
 * | the whole operation | 30,000 ms | 30,000 ms | 30,000 ms |
 * | each try | 10,000 ms | 5,000 ms | 10,000 ms |
 * | retries | 3, `exponential()` | 2, `decorrelatedJitter()` | 3, `exponential()` |
 * | the breaker opens at | 5 failures in a row | 3 failures in the last 5 calls | 10 failures in the last 20 calls |
 * | stays open for | 30,000 ms | 30,000 ms | 30,000 ms |
 * | closes after | 3 successful probes | 3 successful probes | 3 successful probes |
 * | bulkhead | only where given | only where given | only where given |
 *
 * Everything else is the default of each operator; there is no load shedding and no fallback.
 *
 * @throws TypeError, RangeError for options that are unknown or out of their range
 *
 * ```ts
 * const catalog = standardPipeline({ name: 'catalog', bulkhead: { maxConcurrent: 10, queue: 20 } });
 * const item = await catalog.run(({ signal }) => fetch(`/items/${id}`, { signal }));
 * ```
 */
export function standardPipeline(options: PresetOptions = {}): ResiliencePipeline<never, PresetParts> {
  return preset('standardPipeline', options, []) as ResiliencePipeline<never, PresetParts>;
}

/** For what only reads, and may be tried again: `standardPipeline` by another name. */
export function readPipeline(options: PresetOptions = {}): ResiliencePipeline<never, PresetParts> {
  return preset('readPipeline', options, []) as ResiliencePipeline<never, PresetParts>;
}

/**
 * As `standardPipeline`, for what changes something: nothing is tried again, unless `idempotent` says that doing it
 * twice is doing it once. Then make the key by which the other side knows that, once and outside of `fn`.
 *
 * @throws TypeError, RangeError for options that are unknown or out of their range
 *
 * ```ts
 * const pay = writePipeline({ name: 'payments', tolerance: 'strict', idempotent: true });
 * const key = crypto.randomUUID();
 * await pay.run(({ signal }) => fetch('/payments', { method: 'POST', signal, headers: { 'Idempotency-Key': key } }));
 * ```
 */
export function writePipeline(options: WritePresetOptions = {}): ResiliencePipeline<never, WritePresetParts> {
  return preset('writePipeline', options, ['idempotent']) as ResiliencePipeline<never, WritePresetParts>;
}

/** `own`: what it takes besides; without `idempotent` everything may be tried again. */
function preset(factory: string, options: WritePresetOptions, own: readonly string[]): ResiliencePipeline {
  const make = (): ResiliencePipeline => {
    const given = checkPipelineOptions(options, ['tolerance', 'bulkhead', ...own]);
    const { idempotent = own.length === 0, tolerance = 'normal', ...others } = given;
    checkBoolean('idempotent', idempotent);
    checkOneOf('tolerance', tolerance, ['normal', 'strict', 'lenient']);
    const { attemptDeadline, retry, trip } = settings[tolerance]();
    const breaker = { trip, successThreshold: 3, breakDuration: 30_000 };
    return resiliencePipeline({ ...others, deadline, attemptDeadline, breaker, ...(idempotent && { retry }) });
  };
  return reading(factory, make, true);
}
