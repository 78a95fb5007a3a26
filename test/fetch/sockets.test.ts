import { describe, expect, it } from 'vitest';
import { type Agent, fetch as undiciFetch } from 'undici';
import { type FetchLike, resilientFetch } from 'rxjs-resilience/fetch';
import { constant, resiliencePipeline } from '../../src/index.js';
import { oneConnection, onePlatformConnection } from './agents.js';
import { eager } from './pipelines.js';
import { until, web } from './servers.js';

const long = 'x'.repeat(300_000);

describe.each<[string, FetchLike, () => Agent]>([
  ['the platform', globalThis.fetch, onePlatformConnection],
  ['undici', undiciFetch, oneConnection],
])('with the fetch of %s and one connection', (_, fetch, agent) => {
  /** Fails twice, then answers. */
  const twice = (body: string) =>
    web((__, response, count) => {
      response.statusCode = count <= 2 ? 503 : 200;
      response.end(count <= 2 ? body : 'ok');
    });

  it('a short answer that nobody gets is read, and its connection carries the next try', async () => {
    const { origin, connections } = await twice('busy');
    const dispatcher = agent();
    const response = await resilientFetch({ fetch, pipeline: eager })(origin, { dispatcher } as RequestInit);
    expect(await response.text()).toBe('ok');
    expect(connections()).toBe(1);
    await dispatcher.close();
  });

  it('a long one is cancelled, and does not keep the next try waiting', async () => {
    const { origin, connections, arrived } = await twice(long);
    const dispatcher = agent();
    const response = await resilientFetch({ fetch, pipeline: eager })(origin, { dispatcher } as RequestInit);
    expect(await response.text()).toBe('ok');
    expect(arrived).toHaveLength(3);
    expect(connections()).toBe(3);
    await dispatcher.close();
  });

  it('one that does not end is cancelled, too', async () => {
    const { origin, open } = await web((__, response, count) => {
      response.statusCode = count === 1 ? 503 : 200;
      if (count === 1) response.write('busy');
      else response.end('ok');
    });
    const dispatcher = agent();
    const response = await resilientFetch({ fetch, pipeline: eager })(origin, { dispatcher } as RequestInit);
    expect(await response.text()).toBe('ok');
    await until(() => open() === 1);
    await dispatcher.close();
  });

  it('the connection is free while a retry waits', async () => {
    const { origin, arrived } = await web(({ path }, response) => {
      response.statusCode = path === '/busy' ? 503 : 200;
      response.end(path === '/busy' ? long : 'ok');
    });
    const dispatcher = agent();
    const leave = new AbortController();
    const resilient = resilientFetch({ fetch, pipeline: (name) => eager(name, { retry: { backoff: constant(20_000) } }) });
    const waiting = resilient(`${origin}/busy`, { dispatcher, signal: leave.signal } as RequestInit).catch((error: unknown) => error);
    await until(() => arrived.length === 1);
    expect((await resilient(`${origin}/free`, { dispatcher } as RequestInit)).status).toBe(200);
    leave.abort('enough');
    expect(await waiting).toBe('enough');
    await dispatcher.close();
  });

  it('the connection is free where a fallback answers instead', async () => {
    const { origin } = await web(({ path }, response) => {
      response.statusCode = path === '/busy' ? 503 : 200;
      response.end(path === '/busy' ? long : 'ok');
    });
    const dispatcher = agent();
    for (const fallback of [() => [new Response('instead')], () => Promise.resolve(new Response('instead'))]) {
      const pipeline = (name: string) => resiliencePipeline({ name, fallback });
      const resilient = resilientFetch({ fetch, pipeline });
      expect(await (await resilient(`${origin}/busy`, { dispatcher } as RequestInit)).text()).toBe('instead');
      expect(await (await resilient(`${origin}/free`, { dispatcher } as RequestInit)).text()).toBe('ok');
    }
    await dispatcher.close();
  });

  it('the connection is free where an answer leads on', async () => {
    const { origin } = await web(({ path }, response) => {
      if (path === '/from') response.writeHead(302, { location: '/to' }).end(long);
      else response.end('ok');
    });
    const dispatcher = agent();
    const resilient = resilientFetch({ fetch, propagateTo: [origin] });
    expect(await (await resilient(`${origin}/from`, { dispatcher } as RequestInit)).text()).toBe('ok');
    await dispatcher.close();
  });

  it('the connection is free after a deadline, and after the caller has left', async () => {
    const { origin, open } = await web(({ path }, response) => path !== '/hang' && response.end('ok'));
    const dispatcher = agent();
    const resilient = resilientFetch({ fetch, pipeline: (name) => eager(name, { deadline: 800 }) });
    await expect(resilient(`${origin}/hang`, { dispatcher } as RequestInit)).rejects.toThrow();
    expect(await (await resilient(origin, { dispatcher } as RequestInit)).text()).toBe('ok');
    const leave = new AbortController();
    const left = resilient(`${origin}/hang`, { dispatcher, signal: leave.signal } as RequestInit).catch((error: unknown) => error);
    setTimeout(() => leave.abort('left'), 30);
    expect(await left).toBe('left');
    expect(await (await resilient(origin, { dispatcher } as RequestInit)).text()).toBe('ok');
    await until(() => open() === 1);
    await dispatcher.close();
  });

  it('the last answer of a failed call is there to be read, and then its connection is free', async () => {
    const { origin, connections } = await web((__, response) => {
      response.statusCode = 503;
      response.end('busy');
    });
    const dispatcher = agent();
    const resilient = resilientFetch({ fetch, pipeline: eager });
    for (let i = 0; i < 5; i++) {
      expect(await (await resilient(origin, { dispatcher } as RequestInit)).text()).toBe('busy');
    }
    expect(connections()).toBe(1);
    await dispatcher.close();
  });
});

it('an answer that comes to nobody any more is let go of', async () => {
  let answer = (given: Response): void => void given;
  const late = new Response('late');
  const leave = new AbortController();
  const fetch = resilientFetch({ fetch: () => new Promise<Response>((resolve) => (answer = resolve)) });
  const left = fetch('https://a.example', { signal: leave.signal }).catch((error: unknown) => error);
  leave.abort('left');
  expect(await left).toBe('left');
  answer(late);
  await expect.poll(() => late.bodyUsed).toBe(true);
});

it('a body that stands still is let go of after a second', async () => {
  let cancelled = 0;
  const still = new Response(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)), cancel: () => void cancelled++ }), { status: 503 });
  const answers = [still, new Response('ok')];
  const fetch = resilientFetch({ fetch: () => Promise.resolve(answers.shift()!), pipeline: eager });
  expect(await (await fetch('https://a.example')).text()).toBe('ok');
  expect(cancelled).toBe(0);
  await expect.poll(() => cancelled, { timeout: 5_000 }).toBe(1);
});

it('a body that says how long it is, and is too long, is not even begun', async () => {
  let read = 0;
  let cancelled = 0;
  const body = new ReadableStream({ pull: () => void read++, cancel: () => void cancelled++ }, { highWaterMark: 0 });
  const answers = [new Response(body, { status: 503, headers: { 'content-length': '65537' } }), new Response('ok')];
  const fetch = resilientFetch({ fetch: () => Promise.resolve(answers.shift()!), pipeline: eager });
  expect(await (await fetch('https://a.example')).text()).toBe('ok');
  expect([read, cancelled]).toStrictEqual([0, 1]);
});

it('an answer that comes after a deadline which lets its source run on is let go of', async () => {
  let answer = (given: Response): void => void given;
  for (const status of [200, 503]) {
    const late = new Response('late', { status });
    const pipeline = (name: string) => resiliencePipeline({ name, deadline: { within: 20, onExpire: 'detach' } });
    const fetch = resilientFetch({ fetch: () => new Promise<Response>((resolve) => (answer = resolve)), pipeline });
    await expect(fetch('https://a.example')).rejects.toThrow();
    answer(late);
    await expect.poll(() => late.bodyUsed).toBe(true);
  }
});

it('an answer is let go of instead of which a fallback answers later', async () => {
  const busy = new Response('busy', { status: 503 });
  const pipeline = (name: string) => resiliencePipeline({ name, fallback: () => Promise.resolve(new Response('instead')) });
  const fetch = resilientFetch({ fetch: () => Promise.resolve(busy), pipeline });
  expect(await (await fetch('https://a.example')).text()).toBe('instead');
  await expect.poll(() => busy.bodyUsed).toBe(true);
});

it('a body that has no end is let go of', async () => {
  let read = 0;
  let cancelled = 0;
  const endless = new ReadableStream({
    pull: (controller) => {
      read++;
      controller.enqueue(new Uint8Array(1_024));
    },
    cancel: () => void cancelled++,
  });
  const answers = [new Response(endless, { status: 503 }), new Response('ok')];
  const fetch = resilientFetch({ fetch: () => Promise.resolve(answers.shift()!), pipeline: eager });
  expect(await (await fetch('https://a.example')).text()).toBe('ok');
  await expect.poll(() => cancelled).toBe(1);
  expect(read).toBeLessThan(100);
});
