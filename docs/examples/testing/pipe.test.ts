import { bulkhead, circuitBreaker, constant, fallbackToValue, retryWithBackoff, withDeadline } from 'rxjs-resilience';
import { marbles } from 'rxjs-resilience/testing';
import { it } from 'vitest';

it('answers all the time, while the dependency hangs and is then left alone', marbles((test) => {
  const api = test.outage({ from: 5, to: 30 }, '-(a|)', '-'); // while it is down it never answers
  const pool = bulkhead(10);
  const catalog = circuitBreaker({ failureThreshold: 2, breakDuration: 20, successThreshold: 1 });
  const retry = retryWithBackoff(constant(2), { maxRetries: 2 });

  const find = () => api.pipe(withDeadline(4), pool, catalog, retry, withDeadline(15), fallbackToValue('f'));
  const results = test.calls('         x---------x---------x---------x---------x-|', find);
  test.expectObservable(results).toBe('-a--------------------f---f---f----------a|');
  test.expectState(catalog).toBe('     c-------------------o-------------------hc');
}));
