import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { firstValueFrom, throwError } from 'rxjs';
import { attempt, circuitBreaker, retryWithBackoff } from 'rxjs-resilience';
import { toHttpResponse } from 'rxjs-resilience/node';
import { expect, it } from 'vitest';

it('tells a client how long to wait, and the client does', async () => {
  const catalog = circuitBreaker({ failureThreshold: 1, breakDuration: 700, successThreshold: 1 });
  throwError(() => new Error('away')).pipe(catalog).subscribe({ error: () => undefined });
  const server = createServer((_req, res) => {
    firstValueFrom(attempt(() => Promise.resolve('fine')).pipe(catalog)).then(
      (text) => res.end(text),
      (error: unknown) => {
        const { status, headers, body } = toHttpResponse(error);
        res.writeHead(status, { ...headers, 'Content-Type': 'application/json' }).end(JSON.stringify(body));
      },
    );
  });
  await new Promise<void>((listening) => server.listen(0, listening));
  const url = `http://localhost:${(server.address() as AddressInfo).port}/`;

  const waits: number[] = [];
  const retry = retryWithBackoff(() => 0, { name: 'client' });
  retry.events$.subscribe((event) => event.type === 'scheduled' && waits.push(event.delay));
  const get = attempt(async ({ signal }) => {
    const res = await fetch(url, { signal });
    if (!res.ok) throw res; // its Retry-After is read by the retry
    return res.text();
  });

  expect(await firstValueFrom(get.pipe(retry))).toBe('fine');
  expect(waits.length).toBe(1);
  expect(waits[0]).toBeGreaterThanOrEqual(1_000); // 700 ms, rounded up to a second
  server.closeAllConnections();
  server.close();
});
