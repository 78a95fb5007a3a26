import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EMPTY, finalize, lastValueFrom, NEVER, type Observable, of, Subject, take, tap, throwError, toArray } from 'rxjs';
import { currentContext } from 'rxjs-resilience';
import { afterEach, expect, it } from 'vitest';
import { client } from './deadline-chain.js';
import { httpMethod, httpService } from './deadline-chain-http.js';

const servers: Server[] = [];

async function listen(server: Server): Promise<string> {
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

/** Gateway, orders, stock, each with a socket of its own; what each of them has left, and whether it has stopped without an answer. */
async function chain(work: (id: string) => Observable<string>) {
  const left: Record<string, number[]> = { gateway: [], orders: [], stock: [] };
  const stopped$ = new Subject<string>();
  const noted = (name: string, handle: (id: string) => Observable<string>) => (id: string) => {
    left[name]!.push(currentContext().deadline?.remaining() ?? Infinity);
    let answered = false;
    return handle(id).pipe(tap(() => (answered = true)), finalize(() => answered || stopped$.next(name)));
  };
  const [toStock, toOrders] = [client('stock'), client('orders')];
  const stock = httpMethod(await listen(httpService(noted('stock', work))));
  const orders = httpMethod(await listen(httpService(noted('orders', (id) => toStock.call(stock, id)))));
  const gateway = await listen(httpService(noted('gateway', (id) => toOrders.call(orders, id))));
  return { gateway, left, stopped$ };
}

it('hands what is left from service to service', async () => {
  const { gateway, left } = await chain((id) => of(`${id} is there`));
  const response = await fetch(`${gateway}/?message=a%20b`, { headers: { 'grpc-timeout': '20S' } });
  expect([response.status, await response.text()]).toStrictEqual([200, 'a b is there']);
  const [[first], [second], [third]] = [left['gateway']!, left['orders']!, left['stock']!];
  expect(first).toBeLessThanOrEqual(20_000);
  // Each try has at most two seconds.
  expect(second).toBeLessThanOrEqual(1_990);
  // A clock of epoch milliseconds has no more than a quarter of a microsecond.
  expect(third).toBeLessThanOrEqual(0.6 * second! - 10 + 0.001);
  expect(third).toBeGreaterThan(0);
}, 30_000);

it('stops all three when the caller leaves', async () => {
  const leave = new AbortController();
  const { gateway, stopped$ } = await chain(() => {
    setImmediate(() => leave.abort());
    return NEVER;
  });
  const stopped = lastValueFrom(stopped$.pipe(take(3), toArray()));
  const call = fetch(gateway, { signal: leave.signal, headers: { 'grpc-timeout': '20S' } });
  await expect(call).rejects.toThrow();
  expect(new Set(await stopped)).toStrictEqual(new Set(['gateway', 'orders', 'stock']));
}, 30_000);

it('answers once, with nothing where there is nothing', async () => {
  const { gateway } = await chain((id) => (id === '' ? EMPTY : of('a', 'b')));
  const texts = await Promise.all(['', '?message=c'].map(async (query) => (await fetch(`${gateway}/${query}`)).text()));
  expect(texts).toStrictEqual(['', 'a']);
}, 30_000);

it.each([
  ['what hangs is cut', () => NEVER, '300m', 504],
  ['what has no time left is not begun', () => of('a'), '0m', 504],
  ['what fails says nothing of itself', () => throwError(() => new Error('secret')), '5S', 503],
] as const)('%s', async (_title, work, timeout, status) => {
  const { gateway, left } = await chain(work);
  const response = await fetch(`${gateway}/?message=%ff%`, { headers: { 'grpc-timeout': timeout } });
  expect(response.status).toBe(status);
  expect(await response.text()).not.toContain('secret');
  if (timeout === '0m') expect(left).toStrictEqual({ gateway: [], orders: [], stock: [] });
}, 30_000);
