import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { defer, firstValueFrom, of, skip } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { healthCheck } from '../../src/health/health-check.js';
import { readResult } from '../../src/health/probe-result.js';
import { virtual } from '../virtual.js';

interface Told {
  readonly response: Response;
  readonly isCancelled: () => boolean;
}

/** An answer with a body that has more to come. */
function answer(status = 200): Told {
  let cancelled = false;
  const body = new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(9)), cancel: () => void (cancelled = true) });
  return { response: new Response(body, { status }), isCancelled: () => cancelled };
}

describe('the response of a probe', () => {
  it.each<[string, (response: Response) => unknown]>([
    ['a value', (response) => response],
    ['a promise', (response) => Promise.resolve(response)],
    ['an observable', (response) => of(response)],
    ['an error, as clients carry it', (response) => Promise.reject(Object.assign(new Error('503'), { response }))],
    ['a throw', (response) => defer(() => { throw Object.assign(new Error('503'), { response }); })],
  ])('gives back its connection: %s', async (_, given) => {
    const { isCancelled, response } = answer(503);
    const check = healthCheck('db', () => given(response));
    expect((await firstValueFrom(check.pipe(skip(1)))).status).toBe('down');
    await wait(0);
    expect(isCancelled()).toBe(true);
  });

  it.each(['timed out', 'left'] as const)('gives it back where it comes after the probe was %s', async (how) => {
    const { advance, scheduler } = virtual();
    const { isCancelled, response } = answer();
    let resolve!: (response: Response) => void;
    const promise = new Promise<Response>((settle) => (resolve = settle));
    const subscription = healthCheck('db', () => promise, { scheduler, timeout: 100 }).subscribe();
    if (how === 'left') subscription.unsubscribe();
    else advance(100);
    resolve(response);
    await wait(0);
    expect(isCancelled()).toBe(true);
    subscription.unsubscribe();
  });

  it('is left alone where the probe itself reads it', async () => {
    const response = new Response('{"lag":12}');
    const check = healthCheck('db', async () => ((await response.json()) as { lag: number }).lag < 60);
    expect((await firstValueFrom(check.pipe(skip(1)))).status).toBe('up');
    const read = answer();
    const reader = read.response.body!.getReader();
    healthCheck('db', () => read.response).subscribe().unsubscribe();
    expect((await reader.read()).value).toHaveLength(9);
    expect(read.isCancelled()).toBe(false);
  });

  it('subscribes a thenable once, for some of them begin their work with that', () => {
    let begun = 0;
    const query = { then: (done: (rows: number) => void) => (begun++, done(1)) };
    healthCheck('db', () => query).subscribe().unsubscribe();
    expect(begun).toBe(1);
  });
});

it('what says that it is not ok is down', () => {
  expect(readResult({ ok: false })).toStrictEqual({ status: 'down', details: {} });
  expect(readResult({ ok: 1 })).toStrictEqual({ status: 'up', details: {} });
  expect(readResult(new Response(null, { status: 304 }))).toStrictEqual({ status: 'up', details: { httpStatus: 304 } });
});

describe('against a server', () => {
  let server: Server;
  let open = 0;
  let asked = 0;

  beforeEach(async () => {
    [open, asked] = [0, 0];
    server = createServer((_, response) => {
      const slow = ++asked % 2 === 0;
      setTimeout(() => response.end('x'.repeat(50_000)), slow ? 60 : 0);
    });
    server.on('connection', (socket) => {
      open++;
      socket.on('error', () => undefined).on('close', () => open--);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  it('a check keeps no connections, of answers that come in time and of late ones', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const subscription = healthCheck('db', () => fetch(url), { every: 20, spread: 0, timeout: 40 }).subscribe();
    while (asked < 40) await wait(20);
    expect(open).toBeLessThanOrEqual(4);
    subscription.unsubscribe();
  }, 20_000);
});
