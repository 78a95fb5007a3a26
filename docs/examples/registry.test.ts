import { of, throwError } from 'rxjs';
import { circuitBreaker, describeEvent, policyRegistry } from 'rxjs-resilience';
import { expect, it } from 'vitest';

it('shows late what happened before anybody looked, and makes events only for those who listen', () => {
  const registry = policyRegistry();
  const catalog = registry.register(circuitBreaker({ name: 'catalog', failureThreshold: 1, breakDuration: 5_000 }));
  throwError(() => ({ status: 503 })).pipe(catalog).subscribe({ error: () => undefined });

  const lines: string[] = [];
  const listening = registry.events$.subscribe((event) => lines.push(describeEvent(event)));
  of('never asked').pipe(catalog).subscribe({ error: () => undefined });
  listening.unsubscribe();

  expect(registry.history().map(({ event }) => describeEvent(event))).toStrictEqual(['catalog: circuit opened (503), for 5 s']);
  expect(lines).toStrictEqual(['catalog: call refused: open, retry after 5 s']);
  expect(registry.metrics()).toMatchObject([{ policy: 'catalog', kind: 'circuitBreaker', metrics: { failures: 1, refused: 1 } }]);
});
