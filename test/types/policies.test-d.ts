import type { Observable } from 'rxjs';
import {
  bulkhead, type BulkheadMetrics, circuitBreaker, type BreakerMetrics, type BreakerUpdate, type CircuitState, fallbackToValue,
  type FallbackMetrics, type Health, isBulkheadFullError, isCircuitOpenError, isDeadlineExceededError, isLoadShedError, isRejectedError,
  isResilienceError, isRetryExhaustedError, loadShed, type LoadShedMetrics, type ResilienceErrorCode, retryWithBackoff,
  type RetryMetrics, type RetryUpdate, withDeadline, type DeadlineMetrics,
} from 'rxjs-resilience';
import { expectTypeOf, it } from 'vitest';

it('types the members of each policy', () => {
  const breaker = circuitBreaker();
  expectTypeOf(breaker.state).toEqualTypeOf<CircuitState>();
  expectTypeOf(breaker.state$).toEqualTypeOf<Observable<CircuitState>>();
  expectTypeOf(breaker.health$).toEqualTypeOf<Observable<Health>>();
  expectTypeOf(breaker.metrics()).toEqualTypeOf<BreakerMetrics>();
  expectTypeOf(breaker.update).parameter(0).toEqualTypeOf<Partial<BreakerUpdate>>();
  expectTypeOf(retryWithBackoff().metrics()).toEqualTypeOf<RetryMetrics>();
  expectTypeOf(retryWithBackoff().update).parameter(0).toEqualTypeOf<Partial<RetryUpdate>>();
  expectTypeOf(bulkhead(1).metrics()).toEqualTypeOf<BulkheadMetrics>();
  expectTypeOf(bulkhead(1).queued).toEqualTypeOf<number>();
  expectTypeOf(withDeadline(1).metrics()).toEqualTypeOf<DeadlineMetrics>();
  expectTypeOf(fallbackToValue(1).metrics()).toEqualTypeOf<FallbackMetrics>();
  expectTypeOf(loadShed('critical').metrics()).toEqualTypeOf<LoadShedMetrics>();
});

it('tells events apart by their type', () => {
  circuitBreaker().events$.subscribe((event) => {
    if (event.type === 'opened') expectTypeOf(event.until).toEqualTypeOf<number>();
    if (event.type === 'failed') expectTypeOf(event.duration).toEqualTypeOf<number>();
    // @ts-expect-error: only some events have it
    void event.until;
    // @ts-expect-error: a breaker has no such event
    void (event.type === 'queued');
  });
  bulkhead(1).events$.subscribe((event) => {
    if (event.type === 'started') expectTypeOf(event.waited).toEqualTypeOf<number>();
    if (event.type === 'refused') expectTypeOf(event.reason).toEqualTypeOf<'full' | 'queue-timeout'>();
  });
});

it('narrows an error by its guard', () => {
  const error = {} as unknown;
  if (isResilienceError(error)) expectTypeOf(error.code).toEqualTypeOf<ResilienceErrorCode>();
  if (isRejectedError(error)) expectTypeOf(error.retryAfter).toEqualTypeOf<number | undefined>();
  if (isCircuitOpenError(error)) expectTypeOf(error.openedAt).toEqualTypeOf<number | undefined>();
  if (isBulkheadFullError(error)) expectTypeOf<(typeof error)['code']>().toEqualTypeOf<'BULKHEAD_FULL'>();
  if (isLoadShedError(error)) expectTypeOf<(typeof error)['code']>().toEqualTypeOf<'LOAD_SHED'>();
  if (isDeadlineExceededError(error)) {
    expectTypeOf(error.budget).toEqualTypeOf<number>();
    expectTypeOf(error.stalled).toEqualTypeOf<boolean>();
  }
  if (isRetryExhaustedError(error)) expectTypeOf(error.attempts).toEqualTypeOf<number>();
});
