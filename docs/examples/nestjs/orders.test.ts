import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CircuitBreaker, ResiliencePipeline } from 'rxjs-resilience';
import { policyToken } from 'rxjs-resilience/nestjs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AppModule } from './app.module.js';

let app: INestApplication;
let url: string;

beforeEach(async () => {
  app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
});
afterEach(() => app.close());

type WithBreaker = ResiliencePipeline<never, { breaker: CircuitBreaker }>;
const paymentsCircuit = () => app.get<WithBreaker>(policyToken('payments')).parts.breaker;

it('does not ask a provider that is down', async () => {
  const pay = (amount: number) => fetch(`${url}/orders/7/pay/${amount}`, { method: 'POST' });
  expect(await (await pay(5)).text()).toBe('paid 5');
  for (let call = 0; call < 3; call++) expect((await pay(2_000)).status).toBe(500);

  const refused = await pay(5);
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ error: 'Service Unavailable' });
  expect(paymentsCircuit().state).toBe('open');

  const health = await fetch(`${url}/health`);
  expect(health.status).toBe(503); // payments are required
  expect((await health.json()).error).toStrictEqual({ payments: { status: 'down' } });
});

it('takes no longer than a client waits', async () => {
  const report = (ms: number) => fetch(`${url}/orders/report`, { headers: { 'X-Request-Timeout-Ms': String(ms) } });
  expect((await (await report(2_000)).json()).left).toBeLessThanOrEqual(2_000);
  expect((await report(0)).status).toBe(504);
});

it('counts a refund that nobody can find as answered', async () => {
  expect((await fetch(`${url}/orders/8/payment`, { method: 'DELETE' })).status).toBe(404);
  expect(paymentsCircuit().metrics()).toMatchObject({ failures: 0, successes: 1 });
});
