import { describe, expect, it } from 'vitest';
import { fetch as undiciFetch } from 'undici';
import { resilientFetch } from 'rxjs-resilience/fetch';
import { bulkhead, circuitBreaker, constant, isDeadlineExceededError, type PipelineOptions, resiliencePipeline } from '../../src/index.js';
import { until, web } from './servers.js';

/** A fetch of which it is known what is held while a body is read. */
function guarded(options: Omit<PipelineOptions, 'fallback' | 'bulkhead' | 'breaker'> & { fallback?: () => Response[] } = {}, fetch: unknown = globalThis.fetch) {
  const pool = bulkhead(5, 0, { name: 'pool' });
  const breaker = circuitBreaker({ name: 'breaker', failureThreshold: 1 });
  const pipeline = () => resiliencePipeline({ name: 'body', bulkhead: pool, breaker, ...options });
  return { pool, breaker, fetch: resilientFetch({ until: 'body', pipeline: pipeline as never, fetch: fetch as typeof globalThis.fetch }) };
}

const slow = () => {
  let left = 0;
  return web(({ path }, response) => {
    response.on('close', () => left++);
    response.setHeader('content-type', 'application/json');
    response.write('{"a":');
    if (path === '/hang') return;
    if (path === '/reset') setTimeout(() => response.socket!.resetAndDestroy(), 50);
    else setTimeout(() => response.end('1}'), 50);
  }).then((served) => ({ ...served, left: () => left }));
};

describe("until: 'body'", () => {
  it.each<[string, (response: Response) => Promise<unknown>, unknown]>([
    ['json', (response) => response.json(), { a: 1 }],
    ['text', (response) => response.text(), '{"a":1}'],
    ['arrayBuffer', async (response) => (await response.arrayBuffer()).byteLength, 7],
    ['bytes', async (response) => (await response.bytes()).byteLength, 7],
    ['blob', async (response) => { const blob = await response.blob(); return [blob.size, blob.type]; }, [7, 'application/json']],
    ['clone', async (response) => [await response.clone().text(), await response.text()], ['{"a":1}', '{"a":1}']],
    ['a reader of bytes', async (response) => {
      const reader = response.body!.getReader({ mode: 'byob' });
      let length = 0;
      for (;;) {
        const { done, value } = await reader.read(new Uint8Array(3));
        if (done) return length;
        length += value.byteLength;
      }
    }, 7],
  ])('holds the permit until %s has it all', async (_, read, whole) => {
    const { origin } = await slow();
    const { pool, breaker, fetch } = guarded({ deadline: 5_000 });
    const response = await fetch(`${origin}/x`);
    expect(pool.active).toBe(1);
    expect(breaker.metrics()).toMatchObject({ calls: 1, successes: 0 });
    expect(await read(response)).toStrictEqual(whole);
    expect(pool.active).toBe(0);
    expect(breaker.metrics()).toMatchObject({ calls: 1, successes: 1 });
  });

  it('gives a response that says what the one of fetch says', async () => {
    const { origin } = await web(({ path }, response) => {
      if (path === '/from') response.writeHead(302, { location: '/to' }).end();
      else response.writeHead(203, 'As it is', { 'x-a': 'b', 'set-cookie': ['c=1', 'd=2'] }).end('text');
    });
    const { fetch } = guarded();
    const response = await fetch(`${origin}/from`);
    for (const one of [response.clone(), response.clone().clone(), response]) {
      expect(one).toBeInstanceOf(Response);
      const { headers, ok, redirected, status, statusText, type, url } = one;
      expect([status, ok, statusText, url, redirected, type]).toStrictEqual([203, true, 'As it is', `${origin}/to`, true, 'basic']);
      expect([headers.get('x-a'), headers.getSetCookie()]).toStrictEqual(['b', ['c=1', 'd=2']]);
      expect(one.bodyUsed).toBe(false);
      expect(await one.text()).toBe('text');
      expect(one.bodyUsed).toBe(true);
    }
    expect(Object.keys(response)).toStrictEqual([]);
  });

  it('reads a form', async () => {
    const form = new FormData();
    form.set('a', 'one');
    const { fetch, pool } = guarded({}, () => Promise.resolve(new Response(form)));
    expect((await (await fetch('https://a.example')).formData()).get('a')).toBe('one');
    expect(pool.active).toBe(0);
  });

  it('gives a response of undici for the fetch of undici', async () => {
    const { origin } = await slow();
    const { fetch, pool } = guarded({}, undiciFetch);
    const response = await fetch(`${origin}/x`);
    expect(response).not.toBeInstanceOf(Response);
    expect(pool.active).toBe(1);
    expect(await response.json()).toStrictEqual({ a: 1 });
    expect(pool.active).toBe(0);
  });

  it.each([204, 205, 304])('ends with the head for %i', async (status) => {
    const { origin } = await web((_, response) => response.writeHead(status).end());
    const { fetch, pool, breaker } = guarded();
    const response = await fetch(origin);
    expect([response.status, response.body, pool.active]).toStrictEqual([status, null, 0]);
    expect(breaker.metrics().successes).toBe(1);
  });

  it('ends with the head for HEAD', async () => {
    const { origin } = await web((_, response) => response.writeHead(200, { 'content-length': 10 }).end());
    const { fetch, pool } = guarded();
    const response = await fetch(origin, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-length'), await response.text(), pool.active]).toStrictEqual([200, '10', '', 0]);
  });

  it('ends with the head for a status from 400, which was counted', async () => {
    const { origin } = await web((_, response) => response.writeHead(503).end('busy'));
    const { fetch, pool, breaker } = guarded();
    const response = await fetch(origin);
    expect([pool.active, breaker.state]).toStrictEqual([0, 'open']);
    expect(await response.text()).toBe('busy');
  });

  it('ends when the body is cancelled, and so does the request', async () => {
    const { origin, left } = await slow();
    const { fetch, pool, breaker } = guarded();
    const response = await fetch(`${origin}/hang`);
    await response.body!.cancel('enough');
    expect(pool.active).toBe(0);
    expect(breaker.metrics()).toMatchObject({ successes: 1, failures: 0 });
    await until(() => left() === 1);
  });

  it('ends when the body fails, which is a failure and is not tried again', async () => {
    const { origin, arrived } = await slow();
    const { fetch, pool, breaker } = guarded({ retry: { backoff: constant(0) } });
    const response = await fetch(`${origin}/reset`);
    await expect(response.text()).rejects.toThrow(TypeError);
    expect([pool.active, breaker.state]).toStrictEqual([0, 'open']);
    expect(arrived).toHaveLength(1);
  });

  it.each<[string, Omit<PipelineOptions, 'fallback'>]>([
    ['of the whole', { deadline: 500 }],
    ['of the try', { attemptDeadline: 500 }],
    ['of the try, with retries', { attemptDeadline: 500, retry: { backoff: constant(0) } }],
  ])('a deadline %s ends the body with its error, and the request', async (_, options) => {
    const { origin, left, arrived } = await slow();
    let asked = 0;
    const fallback = () => (asked++, [new Response('instead')]);
    const { fetch, pool, breaker } = guarded({ ...options, fallback });
    const response = await fetch(`${origin}/hang`);
    const reader = response.body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('{"a":');
    const caught = await reader.read().catch((error: unknown) => error);
    expect(isDeadlineExceededError(caught)).toBe(true);
    expect(pool.active).toBe(0);
    expect(breaker.state).toBe('open');
    await until(() => left() === 1);
    // Who has an answer gets no other one.
    expect([arrived.length, asked]).toStrictEqual([1, 0]);
  });

  it('whoever reads, and reads a clone, gets the error with which the body has failed', async () => {
    const { origin } = await slow();
    const { fetch } = guarded({ deadline: 500 });
    const response = await fetch(`${origin}/hang`);
    const caught = await Promise.all([response.clone().json(), response.text()].map((read) => read.catch((error: unknown) => error)));
    expect(caught.map(isDeadlineExceededError)).toStrictEqual([true, true]);
    const bad = await guarded({}, () => Promise.resolve(new Response('no json'))).fetch('https://a.example');
    await expect(bad.json()).rejects.toThrow(SyntaxError);
  });

  it('a body that nobody reads ends with the deadline', async () => {
    const { origin, left } = await slow();
    const { fetch, pool } = guarded({ deadline: 500 });
    const response = await fetch(`${origin}/hang`);
    expect(pool.active).toBe(1);
    await until(() => pool.active === 0 && left() === 1);
    await expect(response.text()).rejects.toThrow(/deadline|exceeded|ms/i);
  });

  it('the signal of the caller ends the body with its reason, and is a success of the dependency', async () => {
    const { origin, left } = await slow();
    const { fetch, pool, breaker } = guarded();
    const controller = new AbortController();
    const response = await fetch(`${origin}/hang`, { signal: controller.signal });
    const text = response.text().catch((error: unknown) => error);
    controller.abort('enough');
    expect(pool.active).toBe(0);
    expect(await text).toBe('enough');
    expect(breaker.metrics()).toMatchObject({ successes: 1, failures: 0 });
    await until(() => left() === 1);
  });

  it('is read no faster than its reader reads', async () => {
    let pulled = 0;
    const source = new ReadableStream({ pull: (controller) => void (pulled++, controller.enqueue(new Uint8Array(10))) }, { highWaterMark: 0 });
    const { fetch } = guarded({}, () => Promise.resolve(new Response(source)));
    const reader = (await fetch('https://a.example')).body!.getReader();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(pulled).toBe(0);
    await reader.read();
    await reader.read();
    expect(pulled).toBe(2);
    await reader.cancel();
  });

  it('whose failure is one that is tried again is not, for it was given out', async () => {
    const { origin, arrived } = await slow();
    for (const [path, options] of [['reset', {}], ['hang', { attemptDeadline: 500 }]] as const) {
      const pipeline = (name: string) => resiliencePipeline({ name, retry: { backoff: constant(0) }, ...options });
      const fetch = resilientFetch({ until: 'body', pipeline });
      await expect((await fetch(`${origin}/${path}`)).text()).rejects.toThrow();
      expect(fetch.pipelines.get(origin)!.parts.retry!.metrics()).toMatchObject({ tries: 1, retries: 0 });
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(arrived).toHaveLength(2);
  });

  it('ends with its deadline also where the one that sends does not hear of it', async () => {
    const reasons: unknown[] = [];
    const source = new ReadableStream({ cancel: (reason) => void reasons.push(reason) });
    const { fetch, pool } = guarded({ deadline: 200 }, () => Promise.resolve(new Response(source)));
    const caught = await (await fetch('https://a.example')).text().catch((error: unknown) => error);
    expect(isDeadlineExceededError(caught)).toBe(true);
    expect([reasons, pool.active]).toStrictEqual([[caught], 0]);
  });

  it('passes on chunks without bytes', async () => {
    const chunks = ['', 'a', '', '', 'b'].map((text) => new TextEncoder().encode(text));
    const source = new ReadableStream({
      start: (controller) => {
        for (const chunk of chunks) controller.enqueue(chunk);
        controller.close();
      },
    });
    const { fetch } = guarded({}, () => Promise.resolve(new Response(source)));
    expect(await (await fetch('https://a.example')).text()).toBe('ab');
  });

  it('gives the reason of a cancelled body to its source', async () => {
    const reasons: unknown[] = [];
    const source = new ReadableStream({ cancel: (reason) => void reasons.push(reason) });
    const { fetch, pool } = guarded({}, () => Promise.resolve(new Response(source)));
    await (await fetch('https://a.example')).body!.cancel('mine');
    expect([reasons, pool.active]).toStrictEqual([['mine'], 0]);
  });

  it('lets a body go that comes after a deadline which lets its source run on', async () => {
    const { origin } = await web((_, response) => setTimeout(() => response.end('late'), 800));
    for (const until of ['head', 'body'] as const) {
      const pool = bulkhead(1, 0, { name: 'pool' });
      const pipeline = (name: string) => resiliencePipeline({ name, bulkhead: pool, deadline: { within: 50, onExpire: 'detach' } });
      const caught = await resilientFetch({ until, pipeline })(origin).catch((error: unknown) => error);
      expect(isDeadlineExceededError(caught)).toBe(true);
      expect(pool.active).toBe(1);
      await expect.poll(() => pool.active, { timeout: 3_000 }).toBe(0);
    }
  });
});
