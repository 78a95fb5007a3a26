import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { firstValueFrom } from 'rxjs';
import {
  attempt, bulkhead, circuitBreaker, constant, healthBoard, healthCheck, policyRegistry, retryWithBackoff,
} from 'rxjs-resilience';
import { type HealthHandler, healthHandler } from 'rxjs-resilience/node';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { executablePath, launch, type Watched, watched } from './browser.js';

// Real sockets, a real browser, and the other tests beside them.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 40_000 });

async function listen(handler: RequestListener, port = 0): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

function kill(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** A service as its users build it, whose dependency can be killed. */
async function startService() {
  const answer: RequestListener = (_, response) => void response.end('stock');
  let dependency = await listen(answer);
  const url = `http://127.0.0.1:${dependency.port}/`;

  const registry = policyRegistry();
  const pool = registry.register(bulkhead(5, 10, { name: 'stock' }));
  const circuit = registry.register(circuitBreaker({ name: 'stock', failureThreshold: 3, breakDuration: 500, successThreshold: 1 }));
  const retry = registry.register(retryWithBackoff(constant(20), { name: 'stock', maxRetries: 1 }));
  const call = attempt(async ({ signal }) => (await fetch(url, { signal })).text()).pipe(pool, circuit, retry);
  const board = healthBoard({
    ready: { stock: circuit, 'stock server': healthCheck('stock server', () => firstValueFrom(attempt(() => fetch(url).then(() => true))), { every: 200, required: true }) },
  });

  const allowed = { isYes: true };
  const authorize = (_: unknown, action?: string): boolean => action === undefined || allowed.isYes;
  const options = { registry, dashboard: true, control: true, authorize };
  let handler: HealthHandler = healthHandler(board, options);
  let { server, port } = await listen((request, response) => handler(request, response));
  const load = setInterval(() => void firstValueFrom(call).catch(() => undefined), 25);

  return {
    address: `http://127.0.0.1:${port}/health/dashboard`,
    circuit,
    allowed,
    killDependency: () => kill(dependency.server),
    async reviveDependency(): Promise<void> {
      dependency = await listen(answer, dependency.port);
    },
    async restart(): Promise<void> {
      handler.dispose();
      await kill(server);
      handler = healthHandler(board, options);
      ({ server, port } = await listen((request, response) => handler(request, response), port));
    },
    async stop(): Promise<void> {
      clearInterval(load);
      handler.dispose();
      board.dispose();
      registry.dispose();
      for (const policy of [pool, circuit, retry]) policy.dispose();
      await Promise.all([kill(server), kill(dependency.server)]);
    },
  };
}

describe.skipIf(executablePath === undefined)('the dashboard of a real service', () => {
  let browser: Browser;
  let service: Awaited<ReturnType<typeof startService>> | undefined;
  let one: Watched | undefined;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    const troubles = one?.troubles;
    await one?.context.close();
    await service?.stop();
    expect(troubles).toStrictEqual([]);
  });

  async function open(): Promise<Page> {
    service = await startService();
    one = await watched(browser);
    await one.page.goto(service.address);
    return one.page;
  }
  const row = (page: Page, kind: string) => page.locator('#rows .row').filter({ has: page.locator('.policy .caption', { hasText: kind }) });
  const eventually = { timeout: 15_000 };

  it('shows an outage of its dependency, and that it is over', async () => {
    const page = await open();
    const badge = row(page, 'circuit breaker').locator('.badge');
    const ready = page.locator('.tile', { hasText: 'Ready' }).locator('.top .badge');
    await expect.poll(() => page.locator('#headline').innerText(), eventually).toBe('All 3 policies are up');
    await expect.poll(() => ready.innerText(), eventually).toBe('up');
    await expect.poll(() => row(page, 'circuit breaker').locator('td.calls').innerText(), eventually).toMatch(/^[1-9][\d.]*\/s/);
    await expect.poll(() => row(page, 'circuit breaker').locator('td.latency').innerText(), eventually).toMatch(/p99 .*ms/);
    expect(await row(page, 'bulkhead').locator('td.load').innerText()).toMatch(/permits\n\d+ of 5\nqueue\n\d+ of 10/);

    await service!.killDependency();
    await expect.poll(() => badge.innerText(), eventually).toMatch(/^(open|half-open)$/);
    await expect.poll(() => ready.innerText(), eventually).toBe('down');
    await expect.poll(() => row(page, 'circuit breaker').locator('td.calls').innerText(), eventually).toMatch(/refused/);
    await expect.poll(() => page.locator('#events').innerText(), eventually).toMatch(/circuit opened/);
    expect((await page.locator('#rows .policy .caption').allInnerTexts())[0]).toBe('circuit breaker');

    await service!.reviveDependency();
    await expect.poll(() => badge.innerText(), eventually).toBe('closed');
    await expect.poll(() => ready.innerText(), eventually).toBe('up');
    await expect.poll(() => page.locator('#headline').innerText(), eventually).toBe('All 3 policies are up');
    await expect.poll(() => row(page, 'circuit breaker').getByRole('img').getAttribute('aria-label'), eventually).toMatch(/closed .*open .*/);
    const [latest] = await page.locator('#events li').allInnerTexts();
    expect(latest).toMatch(/circuit closed/);

    // Who comes late sees what was.
    const late = await one!.context.newPage();
    await late.goto(service!.address);
    await expect.poll(() => row(late, 'circuit breaker').getByRole('img').getAttribute('aria-label'), eventually).toMatch(/closed .*open .*|open .*closed .*/);
    await expect.poll(() => late.locator('#events').innerText(), eventually).toMatch(/circuit closed[^]*circuit opened/);
    const origin = new URL(service!.address).origin;
    expect(one!.requests.filter((address) => !address.startsWith(`${origin}/health/`))).toStrictEqual([]);
  });

  it('isolates, releases and resets a policy where authorize allows it, and says where it does not', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Isolate stock' }).click(eventually);
    await page.getByRole('button', { name: 'Isolate', exact: true }).click();
    await expect.poll(() => service!.circuit.state, eventually).toBe('isolated');
    await page.getByRole('button', { name: 'Release stock' }).click(eventually);
    await expect.poll(() => service!.circuit.state, eventually).toBe('closed');
    service!.circuit.isolate('a test');
    await page.getByRole('button', { name: 'Release stock' }).waitFor(eventually);
    service!.allowed.isYes = false;
    await row(page, 'circuit breaker').getByRole('button', { name: 'Reset stock' }).click();
    await expect.poll(() => row(page, 'circuit breaker').getByRole('alert').textContent(), eventually).toBe('not allowed to reset');
  });

  it('comes back by itself when the service has been restarted', async () => {
    const page = await open();
    await expect.poll(() => page.locator('#connection').innerText(), eventually).toMatch(/^Live/);
    await service!.restart();
    await expect.poll(() => page.locator('[role=status]').textContent(), eventually).toMatch(/Connected again/);
    await expect.poll(() => page.locator('#connection').innerText(), eventually).toMatch(/^Live/);
    await expect.poll(() => page.locator('#rows .row').count(), eventually).toBe(3);
  });
});
