import type { AddressInfo } from 'node:net';
import { Controller } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Transport } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import type { CircuitBreaker } from 'rxjs-resilience';
import { policyToken } from 'rxjs-resilience/nestjs';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ask, serve } from '../node/sockets.ts';

it('the example of an application asks its catalog again, tells it what is left, and shows its policies', async () => {
  const statuses = [503, 200];
  const left: unknown[] = [];
  const { port } = await serve((req, res) => {
    left.push(req.headers['x-request-timeout-ms']);
    res.writeHead(statuses.shift()!, { 'Content-Type': 'application/json' }).end('{"id":"7","price":5}');
  });
  vi.stubEnv('CATALOG_URL', `http://127.0.0.1:${port}`);
  vi.stubEnv('OPS_KEY', 'secret');
  const { bootstrap } = await import('../../docs/examples/nestjs/main.ts');
  const app = await bootstrap(0);
  onTestFinished(() => app.close());
  const own = (app.getHttpServer().address() as AddressInfo).port;
  expect((await ask(own, '/orders/price/7')).body).toBe('5');
  expect(left).toStrictEqual([expect.stringMatching(/^\d+$/), expect.stringMatching(/^\d+$/)]);
  expect((await ask(own, '/ops/ready')).status).toBe(200);
  expect((await ask(own, '/ops/dashboard')).status).toBe(403);
  const shown = await ask(own, '/ops/dashboard', { headers: { 'X-Ops-Key': 'secret' } });
  expect(shown.status).toBe(200);
});

it('the example with settings sends messages through the policy of their number', async () => {
  @Controller()
  class Billing {
    @MessagePattern('add')
    add(numbers: number[]) {
      return numbers.reduce((sum, number) => sum + number, 0);
    }
  }
  class Root {}
  Reflect.defineMetadata('controllers', [Billing], Root);
  const options = { host: '127.0.0.1', port: 0 };
  const service = await NestFactory.createMicroservice(Root, { transport: Transport.TCP, options, logger: false });
  await service.listen();
  onTestFinished(() => service.close());
  const { port } = service.unwrap<{ address(): AddressInfo }>().address();
  vi.stubEnv('BILLING_PORT', String(port));
  vi.stubEnv('BILLING_FAILURES', '2');
  const { BillingAppModule, Settings } = await import('../../docs/examples/nestjs/settings.module.ts');
  const context = await NestFactory.createApplicationContext(BillingAppModule, { logger: false, abortOnError: false });
  onTestFinished(() => context.close());
  const client = context.get<{ send(pattern: string, data: unknown): never }>('BILLING');
  expect(await lastValueFrom(client.send('add', [1, 2]))).toBe(3);
  expect(context.get<CircuitBreaker>(policyToken('billing')).metrics().successes).toBe(1);
  expect(context.get(Settings, { strict: false }).failures).toBe(2);
});
