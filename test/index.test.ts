import * as library from 'rxjs-resilience';
import { expect, it } from 'vitest';

it('exports these names and no others', () => {
  expect(Object.keys(library).sort()).toStrictEqual([
    'BulkheadFullError', 'CircuitOpenError', 'Deadline', 'DeadlineExceededError', 'LoadShedError', 'RejectedError',
    'ResilienceError', 'RetryExhaustedError', 'absoluteDeadline', 'anyOf', 'attempt', 'bulkhead', 'circuitBreaker', 'classify',
    'combineHealth', 'consecutiveFailures', 'constant', 'currentContext', 'decodePriority', 'decorrelatedJitter', 'describeEvent',
    'detachContext', 'encodePriority', 'envoyTimeout', 'exponential', 'failureCount', 'failureRate', 'fallbackTo', 'fallbackToLast',
    'fallbackToValue', 'fibonacci', 'fixedLimit', 'grpcTimeout', 'healthBoard', 'healthCheck', 'heartbeat', 'httpStatusOf',
    'isBulkheadFullError', 'isCircuitOpenError', 'isDeadlineExceededError', 'isLoadShedError', 'isRejectedError',
    'isResilienceError', 'isRetryExhaustedError', 'isTransient', 'lastValues', 'linear', 'loadShed', 'loadShedder',
    'outgoingHeaders', 'overflowKey', 'perKey', 'policyRegistry', 'protect', 'readPipeline', 'requestTimeout', 'resiliencePipeline',
    'retryBudget', 'retryWithBackoff', 'runInContext', 'slowCallRate', 'standardPipeline', 'tokenBudget', 'vegasLimit', 'warmup',
    'withDeadline', 'writePipeline',
  ]);
});
