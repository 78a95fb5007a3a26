import { of, throwError, VirtualTimeScheduler } from 'rxjs';
import { circuitBreaker, describeEvent } from 'rxjs-resilience';
import { expect, it } from 'vitest';

it('shows in shadow mode what it would do, and does nothing', () => {
  const scheduler = new VirtualTimeScheduler();
  const options = { name: 'catalog', failureThreshold: 1, breakDuration: 5_000, scheduler };
  const breaker = circuitBreaker({ ...options, mode: 'shadow' });
  const lines: string[] = [];
  const statuses: unknown[] = [];
  breaker.events$.subscribe((event) => lines.push(describeEvent(event)));
  breaker.health$.subscribe(({ status, details }) => statuses.push([status, details['would']]));

  const values: string[] = [];
  throwError(() => ({ status: 503 })).pipe(breaker).subscribe({ error: () => undefined });
  of('let through').pipe(breaker).subscribe((value) => values.push(value));

  expect(values).toStrictEqual(['let through']);
  expect(breaker.metrics()).toMatchObject({ calls: 2, failures: 1, refused: 1, successes: 0 });
  expect(statuses).toStrictEqual([['up', 'up'], ['up', 'down']]);
  expect(lines).toStrictEqual([
    'catalog: call failed (503) after 0 ms',
    'catalog: circuit opened (503), for 5 s',
    'catalog: call refused: open, retry after 5 s',
  ]);

  breaker.update({ mode: 'enforce' });
  expect(breaker.mode).toBe('enforce');
  breaker.dispose();
});
