import * as library from 'rxjs-resilience';
import { expect, it } from 'vitest';

it('exports these names and no others', () => {
  expect(Object.keys(library).sort()).toStrictEqual([
    'BulkheadFullError', 'CircuitOpenError', 'Deadline', 'DeadlineExceededError', 'LoadShedError', 'RejectedError', 'ResilienceError',
    'RetryExhaustedError', 'anyOf', 'attempt', 'bulkhead', 'circuitBreaker', 'classify', 'combineHealth', 'consecutiveFailures',
    'constant', 'currentContext', 'decorrelatedJitter', 'describeEvent', 'detachContext', 'exponential', 'failureCount',
    'failureRate', 'fallbackTo', 'fallbackToLast', 'fallbackToValue', 'fibonacci', 'fixedLimit', 'healthBoard', 'healthCheck',
    'heartbeat', 'httpStatusOf', 'isBulkheadFullError', 'isCircuitOpenError', 'isDeadlineExceededError', 'isLoadShedError',
    'isRejectedError', 'isResilienceError', 'isRetryExhaustedError', 'isTransient', 'lastValues', 'linear', 'loadShed', 'loadShedder',
    'overflowKey', 'perKey', 'policyRegistry', 'protect', 'readPipeline', 'resiliencePipeline', 'retryBudget', 'retryWithBackoff',
    'runInContext', 'slowCallRate', 'standardPipeline', 'tokenBudget', 'vegasLimit', 'warmup', 'withDeadline', 'writePipeline',
  ]);
});
