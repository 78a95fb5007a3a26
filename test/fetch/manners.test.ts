import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Agent, fetch as undiciFetch, Request as UndiciRequest } from 'undici';
import { fetch$, resilientFetch, HttpStatusError, isHttpStatusError } from 'rxjs-resilience/fetch';
import { oneConnection, onePlatformConnection } from './agents.js';
import { eager } from './pipelines.js';
import { web } from './servers.js';

describe('resilientFetch has the manners of fetch', () => {
  const echo = () =>
    web(({ method, path, body, headers }, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ method, path, body, type: headers['content-type'], x: headers['x-a'] }));
    });

  it('takes a string, a URL and a Request', async () => {
    const { origin } = await echo();
    const fetch = resilientFetch();
    for (const input of [`${origin}/a`, new URL(`${origin}/a`), new Request(`${origin}/a`)]) {
      const response = await fetch(input);
      expect(response).toBeInstanceOf(Response);
      expect(response.url).toBe(`${origin}/a`);
      expect(await response.json()).toStrictEqual({ method: 'GET', path: '/a', body: '' });
    }
  });

  it('lets init decide over what a Request says', async () => {
    const { origin } = await echo();
    const request = new Request(`${origin}/a`, { method: 'PUT', body: 'x', headers: { 'x-a': '1' } });
    const response = await resilientFetch()(request, { method: 'POST', body: 'y', headers: { 'x-a': '2', 'content-type': 'text/csv' } });
    expect(await response.json()).toStrictEqual({ method: 'POST', path: '/a', body: 'y', type: 'text/csv', x: '2' });
  });

  it('takes a Request as init', async () => {
    const { origin } = await echo();
    const request = new Request('http://other.example', { method: 'POST', body: 'y', headers: { 'x-a': '2' } });
    const response = await resilientFetch()(`${origin}/a`, request);
    expect(await response.json()).toStrictEqual({ method: 'POST', path: '/a', body: 'y', type: 'text/plain;charset=UTF-8', x: '2' });
  });

  it.each([
    ['text', 'x', 'text/plain;charset=UTF-8'],
    ['bytes', new Uint8Array([120]), undefined],
    ['a buffer', new Uint8Array([120]).buffer, undefined],
    ['a blob', new Blob(['x'], { type: 'text/csv' }), 'text/csv'],
    ['parameters', new URLSearchParams('x'), 'application/x-www-form-urlencoded;charset=UTF-8'],
  ])('sends %s as they are', async (_, body, type) => {
    const { origin, arrived } = await echo();
    await resilientFetch()(origin, { method: 'POST', body });
    expect(arrived[0]!.body.startsWith('x')).toBe(true);
    expect(arrived[0]!.headers['content-type']).toBe(type);
    expect(arrived[0]!.headers['transfer-encoding']).toBeUndefined();
  });

  it('passes on a dispatcher, duplex and what it does not know', async () => {
    const seen: unknown[] = [];
    const dispatcher = new Agent();
    const fetch = resilientFetch({ fetch: (_: unknown, init: unknown) => (seen.push(init), Promise.resolve(new Response('x'))) });
    await fetch('http://a.example', { dispatcher, duplex: 'half', cache: 'no-store', cf: { a: 1 } } as RequestInit);
    expect(seen[0]).toMatchObject({ dispatcher, duplex: 'half', cache: 'no-store', cf: { a: 1 } });
  });

  it('sends through a dispatcher', async () => {
    const { origin, connections } = await echo();
    for (const [fetch, dispatcher] of [
      [resilientFetch(), onePlatformConnection()],
      [resilientFetch({ fetch: undiciFetch }), oneConnection()],
    ] as const) {
      const before = connections();
      await Promise.all([1, 2, 3].map(async () => (await fetch(origin, { dispatcher } as RequestInit)).text()));
      expect(connections() - before).toBe(1);
      await dispatcher.close();
    }
  });

  it('works with the fetch and the Request of undici', async () => {
    const { origin, arrived } = await web(({ body }, response, count) => {
      response.statusCode = count === 1 ? 503 : 200;
      response.end(body);
    });
    const fetch = resilientFetch({ fetch: undiciFetch, pipeline: eager });
    const request = new UndiciRequest(origin, { method: 'PUT', body: 'x' }) as unknown as Request;
    const response = await fetch(request);
    expect(response.constructor).not.toBe(Response);
    expect(await response.text()).toBe('x');
    expect(arrived.map(({ method, body }) => [method, body])).toStrictEqual([['PUT', 'x'], ['PUT', 'x']]);
  });

  it('answers with a Response for every status', async () => {
    const { origin } = await web(({ path }, response) => {
      response.statusCode = Number(path.slice(1));
      response.setHeader('x-a', 'b');
      response.end(response.statusCode === 204 ? undefined : 'text');
    });
    const fetch = resilientFetch();
    for (const status of [200, 204, 400, 401, 404, 409, 422, 501]) {
      const response = await fetch(`${origin}/${status}`);
      expect(response.status).toBe(status);
      expect(response.ok).toBe(status < 300);
      expect(response.headers.get('x-a')).toBe('b');
      expect(await response.text()).toBe(status === 204 ? '' : 'text');
    }
  });

  it('answers with the last Response after the last retry', async () => {
    const { origin, arrived } = await web((_, response, count) => {
      response.statusCode = 503;
      response.end(`try ${count}`);
    });
    const response = await resilientFetch({ pipeline: eager })(origin);
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('try 4');
    expect(arrived).toHaveLength(4);
  });

  it('does so where the retry wraps its last error', async () => {
    const { origin } = await web((_, response) => {
      response.statusCode = 503;
      response.end('x');
    });
    const pipeline = (name: string) => eager(name, { retry: { maxRetries: 0, exhausted: 'wrap' } });
    expect(await (await resilientFetch({ pipeline })(origin)).text()).toBe('x');
  });

  it('rejects with status, headers and response where a status throws', async () => {
    const { origin } = await web((_, response) => {
      response.statusCode = 404;
      response.setHeader('x-a', 'b');
      response.end('text');
    });
    const error = await resilientFetch({ throwOnStatus: true })(`${origin}/secret?token=1`).catch((thrown: unknown) => thrown);
    expect(isHttpStatusError(error)).toBe(true);
    expect(error).toBeInstanceOf(HttpStatusError);
    const { code, headers, message, name, response, status, statusText } = error as HttpStatusError;
    expect([name, code, status, statusText, headers.get('x-a')]).toStrictEqual(['HttpStatusError', 'HTTP_STATUS', 404, 'Not Found', 'b']);
    expect(message).toBe(`${origin} answered 404`);
    expect(await response.text()).toBe('text');
    expect(Object.keys(error as object)).not.toContain('response');
  });

  it.each<[string, unknown[], RegExp]>([
    ['no argument', [], /URL/],
    ['no address', ['nowhere'], /URL/],
    ['credentials in the address', ['http://a:b@c.example'], /credentials/],
    ['a method that is none', ['http://a.example', { method: 'a b' }], /method/],
    ['a method that is forbidden', ['http://a.example', { method: 'TRACE' }], /method/],
    ['a header that is none', ['http://a.example', { headers: { 'a b': '1' } }], /header/i],
    ['a header with a line break', ['http://a.example', { headers: { a: '1\r\nb: 2' } }], /header/i],
    ['a body for GET', ['http://a.example', { body: 'x' }], /body/],
    ['settings that are none', ['http://a.example', 5], /init must be an object/],
  ])('rejects for %s, and never throws', async (_, given, message) => {
    const fetch = resilientFetch() as (...given: unknown[]) => Promise<Response>;
    let promise: Promise<Response> | undefined;
    expect(() => (promise = fetch(...given))).not.toThrow();
    const error = await promise!.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(message);
  });

  it('rejects with what a fetch throws that does not return', async () => {
    const thrown = new RangeError('no');
    const fetch = resilientFetch({
      fetch: () => {
        throw thrown;
      },
    });
    await expect(fetch('http://a.example')).rejects.toBe(thrown);
  });

  it('rejects where a fetch gives nothing', async () => {
    const fetch = resilientFetch({ fetch: () => Promise.resolve(undefined as never), pipeline: eager });
    await expect(fetch('http://a.example')).rejects.toThrow(TypeError);
  });

  it('gives on what is like a response to those who test with that', async () => {
    const answer = { ok: true, status: 200, json: () => Promise.resolve(1) };
    expect(await resilientFetch({ fetch: () => Promise.resolve(answer) })('http://a.example')).toBe(answer);
    const failure = Object.assign(Object.create(null), { ok: false, status: 404 });
    expect(await resilientFetch({ fetch: () => Promise.resolve(failure) })('http://a.example')).toBe(failure);
  });

  it('calls the fetch that was there before it has taken its place, without an object', async () => {
    const native = globalThis.fetch;
    const seen: unknown[] = [];
    globalThis.fetch = function (this: unknown) {
      seen.push(this);
      return Promise.resolve(new Response('x'));
    };
    try {
      const fetch = resilientFetch();
      globalThis.fetch = fetch;
      expect(await (await globalThis.fetch('http://a.example')).text()).toBe('x');
    } finally {
      globalThis.fetch = native;
    }
    expect(seen).toStrictEqual([undefined]);
  });

  it('calls the fetch that the platform has by then, without an object', async () => {
    const native = globalThis.fetch;
    const seen: unknown[] = [];
    const fetch = resilientFetch();
    globalThis.fetch = function (this: unknown) {
      seen.push(this);
      return Promise.resolve(new Response('mock'));
    };
    try {
      expect(await (await fetch('http://a.example')).text()).toBe('mock');
      expect(await (await firstValueFrom(fetch$('http://a.example'))).text()).toBe('mock');
    } finally {
      globalThis.fetch = native;
    }
    expect(seen).toStrictEqual([undefined, undefined]);
  });

  type Fetch = typeof globalThis.fetch;
  it.each<[string, (next: Fetch) => Fetch, boolean]>([
    ['at once', (next) => (input, init) => next(input, init), true],
    ['later', (next) => (input, init) => Promise.resolve().then(() => next(input, init)), false],
  ])('is no endless loop where something around it calls it %s', async (_title, around, isInOneTurn) => {
    const native = globalThis.fetch;
    let times = 0;
    globalThis.fetch = () => Promise.resolve(new Response(`${++times}`));
    try {
      globalThis.fetch = resilientFetch();
      if (!isInOneTurn) await Promise.resolve();
      globalThis.fetch = around(globalThis.fetch);
      expect(await (await globalThis.fetch('http://a.example')).text()).toBe('1');
    } finally {
      globalThis.fetch = native;
    }
  });

  it('uses a Request up as fetch does', async () => {
    const { origin } = await echo();
    const fetch = resilientFetch();
    for (const method of ['PUT', 'POST']) {
      const request = new Request(origin, { method, body: 'x' });
      const first = fetch(request);
      expect(request.bodyUsed).toBe(true);
      await expect(fetch(request)).rejects.toThrow(TypeError);
      expect(await (await first).json()).toMatchObject({ method, body: 'x' });
    }
  });

  it('leaves a body alone that was not sent', async () => {
    const body = new ReadableStream();
    const signal = AbortSignal.abort(new Error('early'));
    await expect(resilientFetch()('http://a.example', { method: 'POST', body, signal, duplex: 'half' } as RequestInit)).rejects.toThrow('early');
    expect(body.locked).toBe(false);
  });
});
