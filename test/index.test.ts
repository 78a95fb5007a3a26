import * as library from 'rxjs-resilience';
import { expect, it } from 'vitest';

it('exports these names and no others', () => {
  expect(Object.keys(library).sort()).toStrictEqual([
    'BulkheadFullError', 'CircuitOpenError', 'Deadline', 'DeadlineExceededError', 'LoadShedError', 'RejectedError', 'ResilienceError',
    'RetryExhaustedError', 'anyOf', 'attempt', 'bulkhead', 'circuitBreaker', 'classify', 'consecutiveFailures', 'constant',
    'currentContext', 'decorrelatedJitter', 'describeEvent', 'detachContext', 'exponential', 'failureCount', 'failureRate',
    'fallbackTo', 'fallbackToLast', 'fallbackToValue', 'fibonacci', 'fixedLimit', 'httpStatusOf', 'isBulkheadFullError',
    'isCircuitOpenError', 'isDeadlineExceededError', 'isLoadShedError', 'isRejectedError', 'isResilienceError',
    'isRetryExhaustedError', 'isTransient', 'lastValues', 'linear', 'loadShed', 'loadShedder', 'retryBudget', 'retryWithBackoff',
    'runInContext', 'slowCallRate', 'tokenBudget', 'vegasLimit', 'withDeadline',
  ]);
});
