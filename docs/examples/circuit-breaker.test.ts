import { of, throwError } from 'rxjs';
import { circuitBreaker, type CircuitSnapshot, isCircuitOpenError } from 'rxjs-resilience';
import { expect, it } from 'vitest';

const seen = (breaker: ReturnType<typeof circuitBreaker>, source = of('a')): unknown => {
  let last: unknown;
  source.pipe(breaker).subscribe({ next: (value) => (last = value), error: (error) => (last = error) });
  return last;
};

it('hands its state over to the next process', () => {
  const before = circuitBreaker({ failureThreshold: 1, breakDuration: 60_000 });
  seen(before, throwError(() => new Error('down')));
  const snapshot: CircuitSnapshot = before.snapshot();
  expect(snapshot).toMatchObject({ state: 'open', openings: 1 });

  const after = circuitBreaker({ initialState: snapshot });
  expect(isCircuitOpenError(seen(after))).toBe(true);
});

it('is held open by hand until everybody has let go', () => {
  const breaker = circuitBreaker();
  const [deploy, operator] = [breaker.isolate('deploy'), breaker.isolate('operator')];
  deploy.release();
  expect(seen(breaker)).toMatchObject({ code: 'CIRCUIT_OPEN', reason: 'isolated' });
  operator.release();
  expect(seen(breaker)).toBe('a');
});
