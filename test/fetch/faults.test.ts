import { describe, expect, it } from 'vitest';
import { fetch as undiciFetch } from 'undici';
import { resilientFetch, type FetchLike } from 'rxjs-resilience/fetch';
import { classify, isDeadlineExceededError } from '../../src/index.js';
import { eager } from './pipelines.js';
import { raw, until, web } from './servers.js';

const head = (length: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;

describe.each<[string, FetchLike]>([
  ['the platform', globalThis.fetch],
  ['undici', undiciFetch],
])('with the fetch of %s', (_, fetch) => {
  it('a server that hangs before the head is cut by the deadline, and hears of it', async () => {
    let left = 0;
    const { origin, arrived } = await web((__, response) => response.on('close', () => left++));
    const caught = await resilientFetch({ fetch, pipeline: (name) => eager(name, { deadline: 150 }) })(origin).catch((error: unknown) => error);
    expect(isDeadlineExceededError(caught)).toBe(true);
    await until(() => left === 1);
    expect(arrived).toHaveLength(1);
  });

  it('each try that hangs is cut and followed by another', async () => {
    const { origin, arrived } = await web((__, response, count) => count === 3 && response.end('third'));
    const resilient = resilientFetch({ fetch, pipeline: (name) => eager(name, { attemptDeadline: 400 }) });
    expect(await (await resilient(origin)).text()).toBe('third');
    expect(arrived).toHaveLength(3);
  });

  it('a body that hangs is not aborted by us', async () => {
    const { origin } = await web((__, response) => {
      response.write('first ');
      setTimeout(() => response.end('last'), 1_200);
    });
    const resilient = resilientFetch({ fetch, pipeline: (name) => eager(name, { attemptDeadline: 400, deadline: 800 }) });
    expect(await (await resilient(origin)).text()).toBe('first last');
  });

  it('a connection that is reset before the head is tried again', async () => {
    const { origin, count } = await raw((socket, nth) => (nth < 3 ? socket.resetAndDestroy() : socket.end(`${head(2)}ok`)));
    const resilient = resilientFetch({ fetch, pipeline: eager });
    expect(await (await resilient(origin)).text()).toBe('ok');
    expect(count()).toBe(3);
  });

  it('one that is reset in the body fails the body, and is not tried again', async () => {
    const { origin, count } = await raw((socket) => {
      socket.write(`${head(10)}hal`);
      setTimeout(() => socket.resetAndDestroy(), 50);
    });
    const response = await resilientFetch({ fetch, pipeline: eager })(origin);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow(TypeError);
    expect(count()).toBe(1);
  });

  it.each([
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['half a head', 'HTTP/1.1 200 OK\r\nContent-Le'],
    ['a status that is none', 'HTTP/1.1 2000000 OK\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx'],
    ['nothing', ''],
  ])('%s is an error of the network', async (__, garbage) => {
    const { origin, count } = await raw((socket) => socket.end(garbage));
    const caught = await resilientFetch({ fetch, pipeline: eager })(origin).catch((error: unknown) => error);
    expect(caught).toBeInstanceOf(TypeError);
    expect(classify(caught)).toBe('transient');
    expect(count()).toBe(4);
  });

  it('a server that is not there is tried again, and its error is that of fetch', async () => {
    const { origin } = await raw(() => {});
    const port = new URL(origin).port;
    const caught = await resilientFetch({ fetch, pipeline: eager })(`http://127.0.0.2:${port}`).catch((error: unknown) => error);
    expect(caught).toBeInstanceOf(TypeError);
    expect((caught as { cause: { code: string } }).cause.code).toBe('ECONNREFUSED');
  });

  it('a slow body of chunks comes as a whole', async () => {
    const { origin } = await web(async (__, response) => {
      for (let i = 0; i < 20; i++) {
        response.write(`${i} `);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      response.end();
    });
    const whole = Array.from({ length: 20 }, (__, i) => `${i} `).join('');
    for (const until of ['head', 'body'] as const) {
      expect(await (await resilientFetch({ fetch, until })(origin)).text()).toBe(whole);
    }
  });

  it('a redirect in a circle is an error of fetch', async () => {
    const { origin, arrived } = await web((__, response) => response.writeHead(302, { location: '/again' }).end());
    for (const propagateTo of [[], [origin]]) {
      arrived.length = 0;
      const resilient = resilientFetch({ fetch, propagateTo, pipeline: (name) => eager(name, { deadline: 5_000, retry: { maxRetries: 0 } }) });
      await expect(resilient(origin)).rejects.toThrow(TypeError);
      expect(arrived.length).toBeGreaterThan(20);
      expect(arrived.length).toBeLessThan(24);
    }
  });
});
