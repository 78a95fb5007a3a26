import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { resilientFetch } from 'rxjs-resilience/fetch';
import { bulkhead, circuitBreaker, constant, Deadline, isBulkheadFullError, isDeadlineExceededError, resiliencePipeline, runInContext } from '../../src/index.js';
import { collectGarbage } from './collector.js';
import { until, web } from './servers.js';

const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

const controllerOf = () => {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason: unknown) => controller.abort(reason) };
};

const hanging = () => {
  let left = 0;
  return web((_, response) => {
    response.on('close', () => left++);
  }).then((served) => ({ ...served, left: () => left }));
};

describe('a signal', () => {
  it.each<[string, unknown]>([
    ['an error', new Error('mine')],
    ['a text', 'text'],
    ['a number', 0],
    ['null', null],
    ['an AbortError', undefined],
  ])('rejects with its reason, %s, and ends the request', async (_, reason) => {
    const { origin, arrived, left } = await hanging();
    for (const asRequest of [false, true]) {
      const controller = new AbortController();
      const fetch = resilientFetch();
      const given = asRequest ? [new Request(origin, { signal: controller.signal })] : [origin, { signal: controller.signal }];
      const caught = fetch(...(given as [string])).catch((error: unknown) => error);
      const before = arrived.length;
      await until(() => arrived.length > before);
      controller.abort(reason);
      expect(await caught).toBe(controller.signal.reason);
      expect(listeners(controller.signal)).toBeLessThanOrEqual(asRequest ? 1 : 0);
    }
    await until(() => left() === 2);
  });

  it('that has aborted before sends nothing', async () => {
    const { origin, arrived } = await hanging();
    const reason = new Error('early');
    const fetch = resilientFetch();
    await expect(fetch(origin, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(fetch(new Request(origin, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    expect(fetch.pipelines.size).toBe(0);
    expect(arrived).toHaveLength(0);
  });

  it('of a Request holds no more where init has one, or null', async () => {
    const fetch = resilientFetch({ fetch: () => Promise.resolve(new Response('x')) });
    const request = new Request('https://a.example', { signal: AbortSignal.abort(new Error('of the request')) });
    await expect(fetch(request)).rejects.toThrow('of the request');
    expect((await fetch(request, { signal: null })).status).toBe(200);
    expect((await fetch(request, { signal: new AbortController().signal })).status).toBe(200);
    await expect(fetch(request, { signal: undefined } as never)).rejects.toThrow('of the request');
  });

  it('that is none is refused, as by fetch', async () => {
    await expect(resilientFetch()('https://a.example', { signal: {} as AbortSignal })).rejects.toThrow(TypeError);
  });

  it('ends a wait for the next try, and one in a queue', async () => {
    const { origin, arrived } = await web((_, response) => response.writeHead(503).end());
    const pool = bulkhead(1, 5, { name: 'pool' });
    const fetch = resilientFetch({
      pipeline: (name) => resiliencePipeline({ name, bulkhead: pool, retry: { backoff: constant(60_000) } }),
    });
    const waiting = new AbortController();
    const retried = fetch(origin, { signal: waiting.signal }).catch((error: unknown) => error);
    await until(() => arrived.length === 1 && pool.active === 0);
    waiting.abort('no more');
    expect(await retried).toBe('no more');

    const still = await hanging();
    const first = new AbortController();
    const busy = fetch(still.origin, { signal: first.signal }).catch((error: unknown) => error);
    await until(() => pool.active === 1);
    const second = new AbortController();
    const queued = fetch(still.origin, { signal: second.signal }).catch((error: unknown) => error);
    expect(pool.queued).toBe(1);
    second.abort('left the queue');
    expect(await queued).toBe('left the queue');
    expect(pool.queued).toBe(0);
    first.abort('done');
    expect(await busy).toBe('done');
    expect(pool.active).toBe(0);
    expect(listeners(first.signal) + listeners(second.signal) + listeners(waiting.signal)).toBe(0);
  });

  it('that is aborted while the request is made ends the call', async () => {
    const controller = new AbortController();
    const fetch = resilientFetch({
      fetch: () => {
        controller.abort('at once');
        return new Promise<Response>(() => {});
      },
    });
    await expect(fetch('https://a.example', { signal: controller.signal })).rejects.toBe('at once');
  });

  it('still aborts a body that is being read, after the call has ended', async () => {
    const { origin } = await web((_, response) => void response.write('first'));
    for (const until of ['head', 'body'] as const) {
      const controller = new AbortController();
      const response = await resilientFetch({ until })(origin, { signal: controller.signal });
      const text = response.text().catch((error: unknown) => error);
      const reason = new Error('enough');
      controller.abort(reason);
      expect(await text).toBe(reason);
    }
  });

  it('is no failure of the dependency', async () => {
    const breaker = circuitBreaker({ name: 'b', failureThreshold: 1 });
    const { origin, arrived } = await hanging();
    const fetch = resilientFetch({ pipeline: (name) => resiliencePipeline({ name, breaker }) });
    const controller = new AbortController();
    const caught = fetch(origin, { signal: controller.signal }).catch((error: unknown) => error);
    await until(() => arrived.length === 1);
    controller.abort(new Error('whatever it is'));
    await caught;
    expect(breaker.state).toBe('closed');
    expect(breaker.metrics()).toMatchObject({ calls: 1, abandoned: 1, failures: 0 });
  });

  it('that lives long has no listener of ours after 10,000 calls', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    let most = 0;
    const answers = [() => new Response('x'), () => new Response(null, { status: 204 }), () => new Response('x', { status: 503 })];
    let turn = 0;
    const fetch = (until: 'head' | 'body') =>
      resilientFetch({
        until,
        fetch: () => Promise.resolve(answers[turn++ % 3]!()),
        pipeline: (name) => resiliencePipeline({ name, deadline: 10_000 }),
      });
    for (const resilient of [fetch('head'), fetch('body')]) {
      for (let i = 0; i < 5_000; i++) {
        const response = await resilient('https://a.example', { signal });
        await response.arrayBuffer();
        most = Math.max(most, listeners(signal));
      }
    }
    // One for all bodies that somebody may still read.
    expect(most).toBeLessThanOrEqual(1);
    await collectGarbage();
    expect(listeners(signal)).toBe(0);
  });
});

it('a signal of many requests has one listener, and tells all of them', async () => {
  const { origin, arrived, left } = await hanging();
  const controller = new AbortController();
  const fetch = resilientFetch();
  const caught = Array.from({ length: 30 }, () => fetch(origin, { signal: controller.signal }).catch((error: unknown) => error));
  expect(listeners(controller.signal)).toBe(1);
  await until(() => arrived.length === 30);
  controller.abort('all');
  expect(new Set(await Promise.all(caught))).toStrictEqual(new Set(['all']));
  expect(listeners(controller.signal)).toBe(0);
  await until(() => left() === 30);
});

it('a body is aborted though its reader has let go of everything else', async () => {
  const { origin } = await web((_, response) => void response.write('first'));
  const { signal, abort } = controllerOf();
  const read = async () => (await resilientFetch()(origin, { signal })).text();
  const text = read().catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await collectGarbage();
  abort('enough');
  expect(await text).toBe('enough');
});

describe('the context', () => {
  it('ends the call when its signal aborts, with an AbortError', async () => {
    const { origin, arrived, left } = await hanging();
    const client = new AbortController();
    const fetch = resilientFetch();
    const caught = runInContext({ signal: client.signal }, () => fetch(origin)).catch((error: unknown) => error);
    await until(() => arrived.length === 1);
    client.abort(new Error('gone'));
    expect(await caught).toMatchObject({ name: 'AbortError', cause: new Error('gone') });
    await until(() => left() === 1);
    expect(listeners(client.signal)).toBe(0);
  });

  it('refuses a call for which no time is left, whatever the pipeline has', async () => {
    const sent: unknown[] = [];
    const send = () => (sent.push(1), Promise.resolve(new Response('x')));
    for (const pipeline of [undefined, (name: string) => resiliencePipeline({ name, retry: {} })]) {
      const fetch = resilientFetch({ fetch: send, pipeline });
      const caught = await runInContext({ deadline: Deadline.after(0) }, () => fetch('https://a.example')).catch((error: unknown) => error);
      expect(isDeadlineExceededError(caught)).toBe(true);
      expect(caught).toMatchObject({ started: false });
    }
    expect(sent).toHaveLength(0);
  });

  it('cuts a call by its deadline, also in a pipeline that has none', async () => {
    const { origin } = await hanging();
    const fetch = resilientFetch({ pipeline: (name) => resiliencePipeline({ name, retry: {} }) });
    const caught = await runInContext({ deadline: Deadline.after(80) }, () => fetch(origin)).catch((error: unknown) => error);
    expect(isDeadlineExceededError(caught)).toBe(true);
  });
});

describe('a refusal', () => {
  it('rejects with our error, and sends nothing', async () => {
    const { origin, arrived } = await hanging();
    const pool = bulkhead(1, 0, { name: 'pool' });
    const fetch = resilientFetch({ pipeline: (name) => resiliencePipeline({ name, bulkhead: pool }) });
    const first = new AbortController();
    const busy = fetch(origin, { signal: first.signal }).catch(() => 'left');
    const caught = await fetch(origin).catch((error: unknown) => error);
    expect(isBulkheadFullError(caught)).toBe(true);
    await until(() => arrived.length === 1);
    first.abort();
    expect(await busy).toBe('left');
    expect(pool.active).toBe(0);
  });
});

it('a platform without weak references gets the same', async () => {
  const { WeakRef: Ref, FinalizationRegistry: Registry } = globalThis;
  Object.assign(globalThis, { WeakRef: undefined, FinalizationRegistry: undefined });
  try {
    const controller = new AbortController();
    const answers = [new Response('x'), new Response(new ReadableStream())];
    const fetch = resilientFetch({ fetch: () => Promise.resolve(answers.shift()!) });
    for (let i = 0; i < 2; i++) await fetch('https://a.example', { signal: controller.signal });
    expect(listeners(controller.signal)).toBe(1);
    controller.abort();
    expect(listeners(controller.signal)).toBe(0);
  } finally {
    Object.assign(globalThis, { WeakRef: Ref, FinalizationRegistry: Registry });
  }
});
