import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { health, server, shutdown } from '../../docs/examples/service.js';

vi.hoisted(() => (process.env['OPS_SESSION'] = 'hers'));
let address = '';
beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  shutdown.dispose();
  health.dispose();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

it.each([
  ['/health/live', 200, '{"status":"pass"}'],
  ['/health/ready', 200, '{"status":"pass"}'],
  ['/health/policies', 404, '{"error":"Not Found"}'],
  ['/elsewhere', 200, 'items'],
])('the service of the README answers %s', async (path, status, body) => {
  const response = await fetch(`${address}${path}`);
  expect([response.status, await response.text()]).toStrictEqual([status, body]);
});

it('the service of the README shows its policies to its operators, and to nobody else', async () => {
  const page = (cookie: string) => fetch(`${address}/health/dashboard`, { headers: { cookie } });
  expect((await page('session=undefined')).status).toBe(403);
  const response = await page('session=hers');
  expect(response.status).toBe(200);
  expect(await response.text()).toMatch(/^<!doctype html>/i);
});
