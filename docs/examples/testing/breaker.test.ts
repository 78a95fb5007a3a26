import { circuitBreaker } from 'rxjs-resilience';
import { failed, marbles, refused } from 'rxjs-resilience/testing';
import { it } from 'vitest';

it('stops calling a dependency that is down, and comes back', marbles(({ outage, calls, expectObservable, expectState }) => {
  const payments = circuitBreaker({ failureThreshold: 2, breakDuration: 4, successThreshold: 1 });
  const api = outage({ from: 2, to: 6 }, '(a|)', '#'); //  what it does while it is up, and while it is down
  const results = calls('      x-x-x-x-x|', () => api.pipe(payments)); // one call for each x

  expectObservable(results).toBe('a-E-E-R-a|', { a: 'a', E: failed, R: refused });
  expectState(payments).toBe('    c---o---(hc)');
}));
