import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lastValueFrom, NEVER, of, startWith, take } from 'rxjs';
import { expect, it, onTestFinished, vi } from 'vitest';
import { recommend, statusOf } from '../../docs/examples/fetch/instead.js';
import { results } from '../../docs/examples/fetch/search.js';

async function served(answer: (request: IncomingMessage, response: ServerResponse, count: number) => void): Promise<string> {
  let count = 0;
  const server = createServer((request, response) => answer(request.resume(), response, ++count));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('a client of a catalog tries again, says how much time is left, and orders with one key', async () => {
  const keys: unknown[] = [];
  const url = await served(({ headers, url: path = '' }, response, count) => {
    expect(Number(headers['x-request-timeout-ms'])).toBeLessThanOrEqual(4_995);
    if (path === '/orders') keys.push(headers['idempotency-key']);
    if (path === '/items/none') response.writeHead(404).end();
    else response.writeHead(count === 1 || keys.length === 1 ? 503 : 200).end('{"id":"7"}');
  });
  vi.stubEnv('CATALOG_URL', url);
  const { find, fetch, order } = await import('../../docs/examples/fetch/client.js');
  expect(await find('7')).toStrictEqual({ id: '7' });
  expect(await find('none')).toBeUndefined();
  expect(await order('bolts')).toBe('ordered');
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(1);
  await expect(find('7', AbortSignal.abort('left'))).rejects.toBe('left');
  expect(fetch.pipelines.keys()).toStrictEqual([url]);
  fetch.pipelines.get(url)!.parts.breaker!.isolate();
  expect(await order('nuts')).toBe('later');
  vi.unstubAllEnvs();
});

it('a search shows what was found', async () => {
  const url = await served(({ url: path }, response) => response.end(JSON.stringify([path])));
  expect(await lastValueFrom(results(NEVER.pipe(startWith('a b')), url).pipe(take(1)))).toStrictEqual(['/?q=a%20b']);
  expect(await lastValueFrom(results(of('x'), url))).toStrictEqual(['/?q=x']);
});

it('recommendations are what is trending while the service is down, and errors where it says no', async () => {
  const url = await served(({ url: path = '' }, response) => response.writeHead(Number(path.split('/')[2])).end('[]'));
  expect(await (await recommend(`${url}/items/503`)).json()).toStrictEqual(['bolts', 'nuts']);
  expect(await statusOf(`${url}/items/200`)).toBe(200);
  expect(await statusOf(`${url}/items/401`)).toBe(401);
  expect(recommend.pipelines.keys()).toStrictEqual(['items']);
});
