// The six operators
export { circuitBreaker, type CircuitBreaker } from './circuit-breaker/circuit-breaker.js';
export type { BreakerSettings, CircuitBreakerOptions } from './circuit-breaker/breaker-options.js';
export type { BreakerUpdate, Isolation } from './circuit-breaker/breaker-core.js';
export type { BreakerEvent, BreakerMetrics } from './circuit-breaker/breaker-events.js';
export type { CircuitSnapshot } from './circuit-breaker/circuit-snapshot.js';
export type { CircuitState } from './core/circuit-state.js';
export { retryWithBackoff, type RetryPolicy } from './retry/retry-with-backoff.js';
export type { BackoffStrategy, RetryContext, RetryOptions, RetrySettings, RetryUpdate } from './retry/retry-options.js';
export type { ExhaustedReason, RetryEvent, RetryMetrics } from './retry/retry-events.js';
export { bulkhead, type Bulkhead } from './bulkhead/bulkhead.js';
export type { BulkheadOptions, BulkheadQueue, BulkheadUpdate } from './bulkhead/bulkhead-options.js';
export type { BulkheadEvent, BulkheadMetrics, BulkheadRefusal } from './bulkhead/bulkhead-events.js';
export { withDeadline, type DeadlinePolicy } from './deadline/with-deadline.js';
export type { DeadlineSettings } from './deadline/deadline-options.js';
export type { DeadlineUpdate } from './deadline/deadline-core.js';
export type { DeadlineEvent, DeadlineMetrics } from './deadline/deadline-events.js';
export { fallbackTo, fallbackToValue } from './fallback/fallback-to.js';
export { fallbackToLast, type FallbackToLastOperator, type FallbackToLastOptions } from './fallback/fallback-to-last.js';
export { lastValues, type LastValues, type LastValuesOptions } from './fallback/last-values.js';
export type { FallbackOptions } from './fallback/fallback-options.js';
export type { FallbackOperator, FallbackUpdate } from './fallback/fallback-core.js';
export type { FallbackEvent, FallbackMetrics } from './fallback/fallback-events.js';
export { loadShed, type LoadShed } from './load-shed/load-shed.js';
export { loadShedder, type LoadShedder, type LoadShedderOptions, type ShedderQueue } from './load-shed/load-shedder.js';
export type { LoadShedOptions, LoadShedUpdate, PriorityOf } from './load-shed/load-shed-options.js';
export type { LoadShedEvent, LoadShedMetrics } from './load-shed/load-shed-events.js';
export type { Ceilings, Shares } from './load-shed/shares.js';

// What they are told
export { anyOf, consecutiveFailures, failureCount, failureRate, slowCallRate } from './core/trip.js';
export type { FailureCountOptions, RateOptions, SlowCallRateOptions } from './core/trip.js';
export type { TripRule } from './core/trip-state.js';
export type { WindowSpec } from './core/outcome-window.js';
export { constant, decorrelatedJitter, exponential, fibonacci, linear } from './core/backoff.js';
export type { BackoffContext, BackoffOptions, DelayStrategy } from './core/backoff.js';
export type { DecorrelatedJitterOptions, ExponentialOptions, LinearOptions } from './core/backoff.js';
export type { Jitter } from './core/jitter.js';
export { retryBudget } from './core/retry-budget.js';
export type { RetryBudget, RetryBudgetOptions } from './core/retry-budget.js';
export { tokenBudget } from './core/token-budget.js';
export type { TokenBudgetOptions } from './core/token-budget.js';
export { fixedLimit } from './core/fixed-limit.js';
export { vegasLimit, type VegasLimitOptions } from './core/vegas-limit.js';
export type { ConcurrencyLimit, LimitSampler } from './core/concurrency-limit.js';
export type { QueueOrder } from './core/permit-queue.js';
export type { Priority } from './core/priority.js';
export { classify, isTransient, type Classify, type ErrorClass } from './core/classify.js';
export { httpStatusOf } from './core/http-status.js';

// Calls and their context
export { attempt, type AttemptContext } from './operator/attempt.js';
export { currentContext, detachContext, runInContext, type CallContext } from './operator/context.js';
export { Deadline, type ChildDeadline, type DeadlineOrigin } from './operator/deadline.js';

// What crosses to other services
export type { DeadlineCodec } from './wire/deadline-codec.js';
export { envoyTimeout, requestTimeout } from './wire/request-timeout.js';
export { grpcTimeout } from './wire/grpc-timeout.js';
export { absoluteDeadline, type AbsoluteDeadlineOptions } from './wire/absolute-deadline.js';
export { decodePriority, encodePriority } from './wire/priority-header.js';
export { outgoingHeaders, type OutgoingOptions } from './wire/outgoing-headers.js';
export type { Destinations } from './http/destinations.js';

// Several policies as one
export { resiliencePipeline } from './pipeline/resilience-pipeline.js';
export type { GivenParts, PipelineEvent, PipelineMetrics, ResiliencePipeline } from './pipeline/resilience-pipeline.js';
export type {
  FallbackPolicy, PipelineBulkhead, PipelineCommon, PipelineDeadline, PipelineFallback, PipelineOptions, PipelineParts, PipelineShed,
} from './pipeline/pipeline-options.js';
export { readPipeline, standardPipeline, writePipeline } from './pipeline/presets.js';
export type { PresetOptions, PresetParts, Tolerance, WritePresetOptions, WritePresetParts } from './pipeline/presets.js';
export { protect, type Protection } from './pipeline/protect.js';
export type { RunOptions, Settled } from './pipeline/run-call.js';

// How a service is
export { healthCheck } from './health/health-check.js';
export type { HealthCheckOptions } from './health/health-options.js';
export type { ProbeReport, ProbeResult } from './health/probe-result.js';
export { warmup, type WarmupOptions } from './health/warmup.js';
export { heartbeat, type Heartbeat, type HeartbeatOptions } from './health/heartbeat.js';
export { combineHealth, type CombineHealthOptions } from './health/combine-health.js';
export type { HealthParts, HealthSource } from './health/health-source.js';
export { healthBoard, type HealthBoard, type HealthKind } from './health/health-board.js';
export type { HealthBoardOptions, HealthBoardParts } from './health/health-board-options.js';

// The policies of a service
export { policyRegistry } from './registry/policy-registry.js';
export { perKey } from './registry/per-key.js';
export { overflowKey } from './registry/keyed-types.js';
export type { HeldClosedEvent, KeyedOperator, KeyedPolicy, OverflowEvent, PerKey, PerKeyOptions } from './registry/keyed-types.js';
export type { PolicyParts, PolicyRegistry, PolicyRegistryOptions, PolicyReport, RegisteredTransition } from './registry/registry-types.js';

// Errors
export { ResilienceError, RejectedError, type ResilienceErrorCode } from './core/resilience-error.js';
export { isRejectedError, isResilienceError } from './core/guards.js';
export { CircuitOpenError, isCircuitOpenError } from './circuit-breaker/circuit-open-error.js';
export { BulkheadFullError, isBulkheadFullError } from './bulkhead/bulkhead-full-error.js';
export { LoadShedError, isLoadShedError, type ShedReason } from './load-shed/load-shed-error.js';
export { DeadlineExceededError } from './core/deadline-exceeded-error.js';
export { isDeadlineExceededError } from './deadline/with-deadline.js';
export { RetryExhaustedError, isRetryExhaustedError } from './retry/retry-exhausted-error.js';

// Policies and their streams
export type { Health, HealthStatus } from './core/health.js';
export type {
  EventContext, Policy, PolicyEvent, PolicyKind, PolicyMetrics, PolicyMode, PolicyOperator, PolicyOptions, ResetEvent,
} from './operator/policy-types.js';
export { describeEvent } from './operator/describe-event.js';
