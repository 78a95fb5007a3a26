import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { health, payments, registry, server } from '../../../docs/examples/dashboard.js';

let port: number;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  health.dispose();
  registry.dispose();
  payments.dispose();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function ask(method: string, path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject);
    sent.end(method === 'POST' ? '{}' : undefined);
  });
}
const page = (headers: Record<string, string>): Promise<number | undefined> =>
  ask('GET', '/health/dashboard', { host: 'admin.example', ...headers });
const isolate = (headers: Record<string, string>): Promise<number | undefined> =>
  ask('POST', '/health/policies/payments/isolate', {
    ...{ host: 'admin.example', origin: 'https://admin.example', 'content-type': 'application/json', 'x-requested-with': 'rxjs-resilience' },
    ...headers,
  });

it('shows the dashboard of the documentation to those who may see it', async () => {
  expect(await page({ 'x-role': 'viewer' })).toBe(200);
  expect(await page({ 'x-role': 'operator' })).toBe(200);
  expect(await page({})).toBe(403);
  expect(await page({ 'x-role': 'viewer', host: 'rebound.example' })).toBe(403);
});

it('lets only operators use its controls, and only from the page itself', async () => {
  expect(await isolate({ 'x-role': 'viewer' })).toBe(403);
  expect(await isolate({ 'x-role': 'operator', origin: 'https://elsewhere.example' })).toBe(403);
  expect(await isolate({ 'x-role': 'operator', 'content-type': 'text/plain' })).toBe(415);
  expect(await isolate({ 'x-role': 'operator', 'x-requested-with': '' })).toBe(403);
  expect(payments.state).toBe('closed');
  expect(await isolate({ 'x-role': 'operator' })).toBe(200);
  expect(payments.state).toBe('isolated');
});
