import '@angular/compiler';
import { httpResource } from '@angular/common/http';
import { runInInjectionContext } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startApplication } from './example-application.js';
import { Payments } from '../../docs/examples/angular/payments.js';

// No jitter: what waits for nothing is sent again at once.
beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0));
afterEach(() => void vi.restoreAllMocks());

it('shows payments although the first tries fail, each with a token of its own and what is left of the time', async () => {
  const { injector, sent, stable } = startApplication({ failures: 2 });
  const page = runInInjectionContext(injector, () => new Payments());
  expect([page.health().status, page.circuit()]).toStrictEqual(['unknown', undefined]);
  await stable();

  expect(page.payments.value()).toStrictEqual([{ id: '1', amount: 7 }]);
  expect([page.health().status, page.circuit(), page.problem()]).toStrictEqual(['up', 'closed', undefined]);
  expect(sent.map(({ headers }) => headers.get('Authorization'))).toStrictEqual(['Bearer 1', 'Bearer 2', 'Bearer 3']);
  expect(sent.map(({ headers }) => headers.get('Priority'))).toStrictEqual(['u=3', 'u=3', 'u=3']);
  for (const { headers } of sent) expect(Number(headers.get('X-Request-Timeout-Ms'))).toBeLessThanOrEqual(795);
  injector.destroy();
});

it('says when to come back once the circuit is open, and sends nothing', async () => {
  const { injector, sent, stable } = startApplication({ failures: Infinity });
  const page = runInInjectionContext(injector, () => new Payments());
  await stable();
  expect([sent.length, page.problem()]).toStrictEqual([4, 'Payments cannot be shown.']);

  page.payments.reload();
  await stable();
  expect([page.health().status, page.circuit()]).toStrictEqual(['down', 'open']);
  expect(page.problem()).toBe('Please come back in 30 s.');
  expect(sent.length).toBe(5);
  injector.destroy();
});

it('is not made again where somebody is not allowed to see it', async () => {
  const { injector, sent, stable } = startApplication({ failures: Infinity, status: 401 });
  const page = runInInjectionContext(injector, () => new Payments());
  await stable();
  expect([sent.length, page.health().status]).toStrictEqual([1, 'up']);
  injector.destroy();
});

it('pays once: each try carries the same key', async () => {
  const { injector, sent } = startApplication({ failures: 1 });
  const page = runInInjectionContext(injector, () => new Payments());
  await firstValueFrom(page.pay(7, 'k'));
  expect(sent.map(({ method, headers }) => [method, headers.get('Idempotency-Key')])).toStrictEqual([['POST', 'k'], ['POST', 'k']]);
  injector.destroy();
});

it('has popular items where there are no suggestions', async () => {
  const { injector, stable } = startApplication({ failures: Infinity });
  const suggestions = runInInjectionContext(injector, () => httpResource(() => '/api/suggestions'));
  await stable();
  expect([suggestions.status(), suggestions.value()]).toStrictEqual(['resolved', { title: 'Popular', items: [] }]);
  injector.destroy();
});
