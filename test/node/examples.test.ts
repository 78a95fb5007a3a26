import type { AddressInfo } from 'node:net';
import { NEVER } from 'rxjs';
import { expect, it, onTestFinished, vi } from 'vitest';
import { app as busyApp, pool as busyPool } from '../../docs/examples/node/busy.js';
import { app as expressApp, pool } from '../../docs/examples/node/express.js';
import { app as fastifyApp } from '../../docs/examples/node/fastify.js';
import { server } from '../../docs/examples/node/node-http.js';
import { ask, askJson, serve, until } from './sockets.js';

vi.hoisted(() => (process.env['OPS_KEY'] = 'secret'));

it('the example for node:http serves health, and answers its own refusals', async () => {
  onTestFinished(() => void server.close());
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  expect((await ask(port, '/health/ready')).status).toBe(200);
  const answers = [];
  for (let i = 0; i < 3; i++) answers.push(await ask(port, '/'));
  expect(answers.map(({ status }) => status)).toStrictEqual([500, 500, 503]);
  expect(answers[2]!.headers['retry-after']).toBe('1');
  expect(JSON.parse((await ask(port, '/health/ready')).body)).toStrictEqual({ status: 'warn' });
});

it('the example for Express is mounted, and shows details to those who have the key', async () => {
  const { port } = await serve(expressApp);
  expect((await ask(port, '/reports')).body).toBe('a report');
  expect(await askJson(port, '/internal/ready')).toStrictEqual({ status: 'pass' });
  expect(await askJson(port, '/internal/ready', { headers: { 'x-ops-key': 'secret' } })).toMatchObject({ checks: { pool: [{ status: 'pass' }] } });
  const calls = Array.from({ length: 30 }, () => NEVER.pipe(pool).subscribe());
  expect((await ask(port, '/reports')).status).toBe(503);
  calls.forEach((call) => call.unsubscribe());
});

it('the example that says how busy it is marks its refusals too', async () => {
  const { port } = await serve(busyApp);
  expect(await ask(port, '/reports')).toMatchObject({ status: 200, headers: { 'x-bulkhead-active': '0' } });
  const calls = Array.from({ length: 10 }, () => NEVER.pipe(busyPool).subscribe());
  expect(await ask(port, '/reports')).toMatchObject({ status: 503, headers: { 'x-bulkhead-active': '10', 'retry-after': '2' } });
  calls.forEach((call) => call.unsubscribe());
});

it('the example for Fastify lets operators act and viewers look', async () => {
  onTestFinished(() => fastifyApp.close());
  await fastifyApp.listen({ port: 0, host: '127.0.0.1' });
  const { port } = fastifyApp.server.address() as AddressInfo;
  const as = (who: string) => ({ host: 'ops.example', origin: 'https://ops.example', authorization: `Bearer ${who}`, 'content-type': 'application/json', 'x-requested-with': 'test' });
  const isolate = (who: string) => ask(port, '/health/policies/payments/isolate', { method: 'POST', headers: as(who), body: '{}' });
  for (const [who, looks, acts] of [['two', 200, 403], ['three', 403, 403], ['one', 200, 200]] as const) {
    expect([(await ask(port, '/health/dashboard', { headers: as(who) })).status, (await isolate(who)).status]).toStrictEqual([looks, acts]);
  }
  expect((await ask(port, '/pay')).status).toBe(503);
  await until(async () => (await ask(port, '/health/ready')).status === 503);
});
