import { describe, expect, it } from 'vitest';
import { fetch as undiciFetch } from 'undici';
import { type FetchLike, resilientFetch } from 'rxjs-resilience/fetch';
import { constant, fallbackToValue, resiliencePipeline } from '../../src/index.js';
import { eager } from './pipelines.js';
import { web } from './servers.js';

const busy = () =>
  web((_, response, count) => {
    response.statusCode = count <= 2 ? 503 : 200;
    response.end('ok');
  });

const stream = (...chunks: string[]) =>
  new ReadableStream({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
      controller.close();
    },
  });

const key = { 'Idempotency-Key': 'k1' };

describe.each<[string, FetchLike]>([
  ['the platform', globalThis.fetch],
  ['undici', undiciFetch],
])('with the fetch of %s', (_, send) => {
  const fetch = resilientFetch({ fetch: send, pipeline: eager });

  it.each<[string, RequestInit, number]>([
    ['GET', {}, 3],
    ['HEAD', { method: 'HEAD' }, 3],
    ['OPTIONS', { method: 'OPTIONS' }, 3],
    ['PUT', { method: 'PUT', body: 'x' }, 3],
    ['DELETE', { method: 'DELETE' }, 3],
    ['put in small letters', { method: 'put', body: 'x' }, 3],
    ['POST', { method: 'POST', body: 'x' }, 1],
    ['PATCH', { method: 'PATCH', body: 'x' }, 1],
    ['POST without a body', { method: 'POST' }, 1],
    ['POST with a key', { method: 'POST', body: 'x', headers: key }, 3],
    ['PATCH with a key', { method: 'PATCH', body: 'x', headers: new Headers(key) }, 3],
    ['POST with an empty key', { method: 'POST', body: 'x', headers: { 'Idempotency-Key': '' } }, 1],
    ['bytes', { method: 'PUT', body: new Uint8Array([120]) }, 3],
    ['a buffer', { method: 'PUT', body: new Uint8Array([120]).buffer }, 3],
    ['a blob', { method: 'PUT', body: new Blob(['x']) }, 3],
    ['parameters', { method: 'PUT', body: new URLSearchParams('x') }, 3],
    ['a stream', { method: 'PUT', body: stream('x'), duplex: 'half' } as RequestInit, 1],
    ['a stream with a key', { method: 'POST', body: stream('x'), duplex: 'half', headers: key } as RequestInit, 1],
    ['an iterable', { method: 'PUT', body: (async function* () { yield new TextEncoder().encode('x'); })(), duplex: 'half' } as never, 1],
  ])('%s is sent %j, and so often: %i', async (__, init, times) => {
    const { origin, arrived } = await busy();
    const response = await fetch(origin, init);
    expect(response.status).toBe(times === 3 ? 200 : 503);
    expect(arrived).toHaveLength(times);
    expect(new Set(arrived.map(({ body }) => body)).size).toBe(1);
    if (init.body != null) expect(arrived[0]!.body.startsWith('x')).toBe(true);
  });
});

describe('a Request', () => {
  const fetch = resilientFetch({ pipeline: eager });

  it.each<[string, () => RequestInit, number]>([
    ['text', () => ({ method: 'PUT', body: 'x' }), 3],
    ['bytes', () => ({ method: 'PUT', body: new Uint8Array([120]) }), 3],
    ['nothing', () => ({ method: 'PUT' }), 3],
    ['text for POST', () => ({ method: 'POST', body: 'x' }), 1],
    ['text for POST with a key', () => ({ method: 'POST', body: 'x', headers: key }), 3],
    ['a stream', () => ({ method: 'PUT', body: stream('x'), duplex: 'half' }) as RequestInit, 1],
  ])('with %s is sent as it is, and so often: %#', async (_, init, times) => {
    const { origin, arrived } = await busy();
    const given = init();
    await fetch(new Request(origin, given));
    expect(arrived).toHaveLength(times);
    for (const { body, headers } of arrived) {
      expect(body).toBe(given.body == null ? '' : 'x');
      // With a length, and not in chunks.
      if (!(given.body instanceof ReadableStream)) expect(headers['transfer-encoding']).toBeUndefined();
      expect(headers['content-type']).toBe(typeof given.body === 'string' ? 'text/plain;charset=UTF-8' : undefined);
    }
  });

  it('with a body that is too long to be kept is sent as a whole, and once', async () => {
    const { origin, arrived } = await busy();
    const body = 'x'.repeat(1_048_577);
    expect((await fetch(new Request(origin, { method: 'PUT', body }))).status).toBe(503);
    expect(arrived.map((request) => request.body.length)).toStrictEqual([body.length]);
    const again = await busy();
    expect((await fetch(new Request(again.origin, { method: 'PUT', body: 'x'.repeat(1_048_576) }))).status).toBe(200);
  });

  it('whose stream looks like the platform’s own is held only up to a limit', async () => {
    let pulled = 0;
    let cancelled = false;
    const body = new ReadableStream({
      type: 'bytes',
      pull: (controller) => {
        controller.enqueue(new Uint8Array(65_536));
        pulled++;
      },
      cancel: () => {
        cancelled = true;
      },
    });
    const leave = new AbortController();
    const fetch = resilientFetch({ fetch: () => new Promise<Response>(() => {}), pipeline: eager });
    const request = new Request('https://a.example', { method: 'PUT', body, duplex: 'half', signal: leave.signal } as RequestInit);
    const left = fetch(request).catch((error: unknown) => error);
    // Nobody reads what is sent.
    await expect.poll(() => pulled).toBeGreaterThan(16);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(pulled).toBeLessThan(20);
    expect(cancelled).toBe(false);
    leave.abort('left');
    expect(await left).toBe('left');
  });

  it('whose body is still coming is left alone once there is an answer, or nobody waits for one', async () => {
    for (const leaves of [false, true]) {
      let pulled = 0;
      const body = new ReadableStream({
        type: 'bytes',
        pull: async (controller) => {
          await new Promise((resolve) => setTimeout(resolve, 2));
          pulled++;
          controller.enqueue(new Uint8Array(65_536));
        },
      });
      const leave = new AbortController();
      const answer = () => (leaves ? new Promise<Response>(() => {}) : Promise.resolve(new Response(new ReadableStream())));
      const fetch = resilientFetch({ fetch: answer, until: 'body', pipeline: eager });
      const init = { method: 'PUT', body, duplex: 'half', signal: leave.signal } as RequestInit;
      const answered = fetch(new Request('https://a.example', init)).catch((error: unknown) => error);
      if (leaves) leave.abort('left');
      await answered;
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect(pulled).toBeLessThan(8);
    }
  });

  it('whose body fails is sent once, and rejects with that', async () => {
    const { origin } = await busy();
    const body = new ReadableStream({ type: 'bytes', pull: (controller) => controller.error(new Error('disk')) });
    const caught = await fetch(new Request(origin, { method: 'PUT', body, duplex: 'half' } as RequestInit)).catch((error: unknown) => error);
    expect(String((caught as Error).cause ?? caught)).toMatch(/disk/);
  });

  it('that is used up is refused as by fetch, and no failure', async () => {
    const { origin } = await busy();
    const request = new Request(origin, { method: 'PUT', body: 'x' });
    await request.text();
    const resilient = resilientFetch({ pipeline: (name) => resiliencePipeline({ name, breaker: { failureThreshold: 1 } }) });
    await expect(resilient(request)).rejects.toThrow(TypeError);
    expect(resilient.pipelines.get(origin)!.parts.breaker!.state).toBe('closed');
  });

  it('is sent as Firefox has it, which does not show the body', async () => {
    const { origin, arrived } = await busy();
    const hidden = (init: RequestInit) => Object.defineProperty(new Request(origin, init), 'body', { value: undefined });
    expect((await fetch(hidden({ method: 'PUT', body: 'x' }))).status).toBe(200);
    expect(arrived.map(({ body }) => body)).toStrictEqual(['x', 'x', 'x']);
    arrived.length = 0;
    expect((await fetch(hidden({}))).status).toBe(200);
  });
});

it('a form is sent again as a whole', async () => {
  const { origin, arrived } = await busy();
  const body = new FormData();
  body.set('a', 'one');
  body.set('file', new Blob(['content']), 'f.txt');
  expect((await resilientFetch({ pipeline: eager })(origin, { method: 'PUT', body })).status).toBe(200);
  expect(arrived.map((request) => /one[^]*content/.test(request.body))).toStrictEqual([true, true, true]);
});

describe('what is changed after the call', () => {
  it.each<[string, () => [BodyInit, () => void]]>([
    ['bytes', () => { const body = new Uint8Array([120, 121]); return [body.subarray(0, 1), () => body.fill(65)]; }],
    ['a view', () => { const body = new Uint8Array([120, 121]); return [new DataView(body.buffer, 0, 1), () => body.fill(65)]; }],
    ['a buffer', () => { const body = new Uint8Array([120]); return [body.buffer, () => body.fill(65)]; }],
    ['parameters', () => { const body = new URLSearchParams('x'); return [body, () => body.set('y', '1')]; }],
    ['a form', () => { const body = new FormData(); body.set('x', '1'); return [body, () => body.set('y', '1')]; }],
  ])('is no matter of it: %s', async (_, make) => {
    const { origin, arrived } = await busy();
    const [body, change] = make();
    const [url, headers] = [new URL(`${origin}/before`), new Headers({ 'x-a': 'before' })];
    const answer = resilientFetch({ pipeline: eager })(url, { method: 'PUT', body, headers });
    change();
    url.pathname = '/after';
    headers.set('x-a', 'after');
    expect((await answer).status).toBe(200);
    const sent = arrived.map(({ path, headers: { 'x-a': a }, body: text }) => [path, a, /x/.test(text), /A|y/.test(text)]);
    expect(sent).toStrictEqual([1, 2, 3].map(() => ['/before', 'before', true, false]));
  });

  it.each<[string, () => [HeadersInit, () => void]]>([
    ['a record', () => { const headers = { 'x-a': 'before' }; return [headers, () => (headers['x-a'] = 'after')]; }],
    ['pairs', () => { const headers: [string, string][] = [['x-a', 'before']]; return [headers, () => (headers[0]![1] = 'after')]; }],
  ])('is no matter of it: headers as %s, which stay so', async (_, make) => {
    const seen: HeadersInit[] = [];
    const [headers, change] = make();
    const send = (__: string, init: RequestInit) => (seen.push(init.headers!), Promise.resolve(new Response(null, { status: seen.length < 2 ? 503 : 200 })));
    const answer = resilientFetch({ pipeline: eager, fetch: send as never })('https://a.example', { headers });
    change();
    await answer;
    expect(seen).toStrictEqual([make()[0], make()[0]]);
  });
});

describe('what may not be repeated', () => {
  it('goes through the same policies less the retry', async () => {
    const { origin, arrived } = await busy();
    const pipeline = (name: string) =>
      resiliencePipeline({
        name,
        retry: { backoff: constant(1), maxRetries: 5 },
        breaker: { failureThreshold: 1 },
        fallback: fallbackToValue(undefined as never),
      });
    const fetch = resilientFetch({ pipeline, fetch: globalThis.fetch });
    await expect(fetch(origin, { method: 'POST' })).rejects.toThrow('a fallback must answer with a Response');
    expect(arrived).toHaveLength(1);
    expect(fetch.pipelines.get(origin)!.parts.breaker!.state).toBe('open');
    expect(fetch.pipelines.get(origin)!.parts.retry!.metrics()).toMatchObject({ calls: 1, retries: 0 });
  });
});
