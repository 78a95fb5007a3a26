import { catchError, concatMap, defer, of } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { circuitBreaker, isCircuitOpenError } from 'rxjs-resilience';
import { expect, it } from 'vitest';

it('stops calling a dependency that is down, and comes back', () => {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toStrictEqual(expected));
  scheduler.run(({ cold, hot, expectObservable }) => {
    const breaker = circuitBreaker({ failureThreshold: 2, breakDuration: 4, successThreshold: 1 });
    const answers = [cold('#'), cold('#'), cold('(a|)'), cold('(a|)')];
    const api = defer(() => answers.shift()!);
    const call = () => api.pipe(breaker, catchError((e) => of(isCircuitOpenError(e) ? 'refused' : 'failed')));

    const calls = hot('                         x-x-x-x-x|');
    expectObservable(calls.pipe(concatMap(call))).toBe('f-f-r-a-a|', { f: 'failed', r: 'refused', a: 'a' });
    expectObservable(breaker.state$, '          ^--------!').toBe('c-o---(hc)', { c: 'closed', o: 'open', h: 'half-open' });
  });
});
