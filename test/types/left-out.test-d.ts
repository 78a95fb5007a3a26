import { of, type SchedulerLike } from 'rxjs';
import {
  bulkhead, circuitBreaker, Deadline, exponential, fallbackTo, fallbackToValue, healthCheck, lastValues, loadShed, loadShedder, perKey, type Priority,
  resiliencePipeline, retryWithBackoff, runInContext, standardPipeline, vegasLimit, withDeadline,
} from 'rxjs-resilience';
import { resilientFetch } from 'rxjs-resilience/fetch';
import { deadlineMiddleware } from 'rxjs-resilience/node';
import { it } from 'vitest';

declare const ms: number | undefined;
declare const flag: boolean | undefined;
declare const scheduler: SchedulerLike | undefined;
declare const priority: Priority | undefined;

it('takes undefined for what may be left out, with exactOptionalPropertyTypes', () => {
  circuitBreaker({ failureThreshold: ms, hungAfter: ms, scheduler, required: flag });
  circuitBreaker().update({ maxProbes: ms, mode: undefined });
  circuitBreaker({ initialState: { state: 'open', remaining: ms, openings: ms, lastTransition: undefined } });
  retryWithBackoff(exponential({ initial: ms, cap: ms, jitter: undefined }), { maxRetries: ms, budget: undefined });
  retryWithBackoff().update({ maxRetries: ms, backoff: undefined });
  bulkhead(1, { size: 1, timeout: ms, order: undefined }, { captureStacks: flag });
  withDeadline({ within: ms, share: ms, isValue: undefined }, { name: undefined });
  fallbackTo(of(1), { when: undefined });
  fallbackToValue(1, { classify: undefined });
  lastValues({ maxAge: 1, maxKeys: ms });
  loadShed('critical', { shedder: undefined });
  loadShedder({ shares: { critical: ms }, ceilings: { sheddable: ms }, limit: vegasLimit({ initial: ms, random: undefined }) });
  Deadline.after(1).child({ share: ms, cap: ms, reserve: ms });
  runInContext({ deadline: undefined, priority, attempt: ms, signal: undefined, tags: undefined }, () => 0);
  resiliencePipeline({ deadline: ms, retry: undefined, fallback: undefined, bulkhead: ms });
  standardPipeline({ tolerance: undefined, bulkhead: ms });
  perKey(() => circuitBreaker(), { maxKeys: ms });
  healthCheck('db', () => true, { every: ms, required: flag });
  resilientFetch({ maxKeys: ms, until: undefined });
  deadlineMiddleware({ maximum: ms, accept: undefined });
});
