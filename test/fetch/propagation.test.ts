import { describe, expect, it } from 'vitest';
import { fetch as undiciFetch, Request as UndiciRequest } from 'undici';
import { fetch$, type FetchLike, resilientFetch } from 'rxjs-resilience/fetch';
import { absoluteDeadline, constant, Deadline, grpcTimeout, resiliencePipeline, runInContext } from '../../src/index.js';
import { eager } from './pipelines.js';
import { web } from './servers.js';

const ms = (value: unknown) => Number(value);
const timed = (name: string) => eager(name, { deadline: 10_000, attemptDeadline: 4_000 });

/** A page at an address, as in a browser. */
async function inBrowser(href: string, run: () => Promise<void>): Promise<void> {
  Object.defineProperty(globalThis, 'location', { value: new URL(href), configurable: true });
  try {
    await run();
  } finally {
    Reflect.deleteProperty(globalThis, 'location');
  }
}

describe('the context goes along', () => {
  it('to no origin that is not listed', async () => {
    const { origin, arrived } = await web((_, response) => response.end());
    for (const propagateTo of [undefined, [], ['https://a.example'], () => false]) {
      await runInContext({ priority: 'critical' }, () => resilientFetch({ pipeline: timed, propagateTo })(origin));
    }
    for (const { headers } of arrived) {
      expect(headers).not.toHaveProperty('x-request-timeout-ms');
      expect(headers).not.toHaveProperty('priority');
    }
  });

  it('to listed ones: what is left of the try, less the reserve, and the priority', async () => {
    const { origin, arrived } = await web((_, response) => response.end());
    for (const propagateTo of [[origin], (url: URL) => url.origin === origin]) {
      await runInContext({ priority: 'sheddable' }, () => resilientFetch({ pipeline: timed, propagateTo })(`${origin}/a`));
      const { headers } = arrived.pop()!;
      expect(ms(headers['x-request-timeout-ms'])).toBeGreaterThan(3_000);
      expect(ms(headers['x-request-timeout-ms'])).toBeLessThanOrEqual(3_995);
      expect(headers['priority']).toBe('u=7');
    }
  });

  it('anew for each try', async () => {
    const { origin, arrived } = await web((_, response, count) => {
      response.statusCode = count < 3 ? 503 : 200;
      response.end();
    });
    const pipeline = (name: string) => eager(name, { deadline: 3_000, retry: { backoff: constant(60) } });
    await resilientFetch({ pipeline, propagateTo: [origin] })(origin);
    const left = arrived.map(({ headers }) => ms(headers['x-request-timeout-ms']));
    expect(left[0]! - left[1]!).toBeGreaterThanOrEqual(50);
    expect(left[1]! - left[2]!).toBeGreaterThanOrEqual(50);
  });

  it('beside what the request says itself, which stays', async () => {
    const { origin, arrived } = await web((_, response) => response.end());
    const fetch = resilientFetch({ pipeline: timed, propagateTo: [origin] });
    const headers = { 'x-a': '1', 'X-Request-Timeout-Ms': '7', priority: 'u=1' };
    await runInContext({ priority: 'sheddable' }, () => fetch(origin, { headers }));
    await runInContext({ priority: 'sheddable' }, () => fetch(new Request(origin, { headers })));
    expect(headers).toStrictEqual({ 'x-a': '1', 'X-Request-Timeout-Ms': '7', priority: 'u=1' });
    for (const seen of arrived) expect(seen.headers).toMatchObject({ 'x-a': '1', 'x-request-timeout-ms': '7', priority: 'u=1' });
  });

  it('as the codec writes it', async () => {
    const { origin, arrived } = await web((_, response) => response.end());
    await resilientFetch({ pipeline: timed, propagateTo: [origin], codec: grpcTimeout })(origin);
    await resilientFetch({ pipeline: timed, propagateTo: [origin], codec: absoluteDeadline() })(origin);
    expect(arrived[0]!.headers['grpc-timeout']).toMatch(/^\d{1,8}[num]$/);
    expect(ms(arrived[1]!.headers['x-deadline']) - Date.now()).toBeLessThan(4_000);
  });

  it('never as two headers, whatever a codec writes', async () => {
    const { origin, arrived } = await web((_, response) => response.end());
    const codec = { header: 'x-evil', encode: () => '1\r\nx-injected: 2', decode: () => null };
    await expect(resilientFetch({ pipeline: timed, propagateTo: [origin], codec })(origin)).rejects.toThrow(TypeError);
    expect(arrived).toHaveLength(0);
  });

  it('rejects with what a predicate throws', async () => {
    const thrown = new Error('predicate');
    const propagateTo = () => {
      throw thrown;
    };
    await expect(resilientFetch({ propagateTo, pipeline: timed })('http://a.example')).rejects.toBe(thrown);
  });

  it('with the deadline that was received, where that is the earlier one', async () => {
    const { origin, arrived } = await web((_, response) => response.end());
    await runInContext({ deadline: Deadline.after(1_000) }, () => resilientFetch({ pipeline: timed, propagateTo: [origin] })(origin));
    expect(ms(arrived[0]!.headers['x-request-timeout-ms'])).toBeLessThanOrEqual(995);
    await runInContext({ deadline: Deadline.after(1_000) }, () =>
      resilientFetch({ pipeline: (name) => resiliencePipeline({ name, retry: {} }), propagateTo: [origin] })(origin),
    );
    expect(ms(arrived[1]!.headers['x-request-timeout-ms'])).toBeLessThanOrEqual(995);
  });

  it('in a browser to the origin of the page', async () => {
    const { origin, arrived } = await web((_, response) => response.end());
    await inBrowser(`${origin}/page`, async () => {
      await resilientFetch({ pipeline: timed })(`${origin}/a`);
      await new Promise<void>((complete) => fetch$(`${origin}/a`).subscribe({ complete }));
    });
    await inBrowser('https://a.example', async () => {
      await resilientFetch({ pipeline: timed })(`${origin}/a`);
    });
    await inBrowser('about:blank', async () => {
      await resilientFetch({ pipeline: timed })(`data:,x`);
    });
    expect(arrived.map(({ headers }) => 'x-request-timeout-ms' in headers)).toStrictEqual([true, true, false]);
  });
});

describe.each<[string, FetchLike, typeof Request]>([
  ['the platform', globalThis.fetch, Request],
  ['undici', undiciFetch, UndiciRequest as never],
])('a redirect, with the fetch of %s,', (_, send, Request) => {
  /** One that redirects, and the one it redirects to. */
  async function two(status: number, to = '/there', elsewhere = true) {
    const other = await web(({ body }, response) => response.end(`there ${body}`));
    const first = await web(({ path, body }, response) => {
      if (path === '/from') response.writeHead(status, { location: elsewhere ? `${other.origin}${to}` : to }).end('moved');
      else response.end(`here ${body}`);
    });
    return { first, other, fetch: resilientFetch({ fetch: send, pipeline: timed, propagateTo: [first.origin, other.origin] }) };
  }
  const secret = { authorization: 'Bearer t', cookie: 'a=b', 'x-mine': '1' };
  const ours = ['x-request-timeout-ms', 'priority'];

  it.each([301, 302, 303, 307, 308])('%i takes nothing of ours to another origin, and what fetch takes there', async (status) => {
    const { first, other, fetch } = await two(status);
    const response = await runInContext({ priority: 'critical' }, () => fetch(`${first.origin}/from`, { headers: secret }));
    const clone = response.clone();
    expect(await response.text()).toBe('there ');
    expect([response.url, response.redirected, clone.redirected]).toStrictEqual([`${other.origin}/there`, true, true]);
    expect(Object.keys(first.arrived[0]!.headers)).toEqual(expect.arrayContaining(ours));
    const { headers } = other.arrived[0]!;
    expect(headers['x-mine']).toBe('1');
    for (const name of [...ours, 'authorization', 'cookie']) expect(headers).not.toHaveProperty(name);
    expect([first.arrived.length, other.arrived.length]).toStrictEqual([1, 1]);
  });

  it('takes what is secret along where the origin is the same', async () => {
    const { first, fetch } = await two(302, '/there', false);
    const response = await fetch(`${first.origin}/from`, { headers: secret });
    expect(await response.text()).toBe('here ');
    expect(first.arrived[1]!.headers).toMatchObject(secret);
    expect(first.arrived[1]!.headers).not.toHaveProperty('x-request-timeout-ms');
  });

  it.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [303, 'HEAD', 'HEAD', ''],
    [301, 'PUT', 'PUT', 'x'],
    [302, 'PATCH', 'PATCH', 'x'],
    [307, 'POST', 'POST', 'x'],
    [308, 'POST', 'POST', 'x'],
    [307, 'PUT', 'PUT', 'x'],
  ])('%i after %s goes on as fetch does: %s', async (status, method, then, body) => {
    for (const asRequest of [false, true]) {
      const { first, other, fetch } = await two(status);
      const init = method === 'HEAD' ? { method } : { method, body: 'x' };
      const native = await two(status);
      await send(`${native.first.origin}/from`, init as never);
      const response = await (asRequest ? fetch(new Request(`${first.origin}/from`, init)) : fetch(`${first.origin}/from`, init));
      expect(response.status).toBe(200);
      expect(first.arrived).toHaveLength(1);
      const [mine, theirs] = [other.arrived[0]!, native.other.arrived[0]!];
      expect([mine.method, mine.body]).toStrictEqual([then, body]);
      for (const name of ['content-type', 'content-length', 'transfer-encoding']) {
        expect([name, mine.headers[name]]).toStrictEqual([name, theirs.headers[name]]);
      }
    }
  });

  it.each<[string, string | undefined]>([
    ['without an address is an answer', undefined],
    ['to an address that is none rejects', 'http://'],
    ['to what is not the web rejects', 'ftp://a.example'],
  ])('%s', async (__, location) => {
    const { origin, arrived } = await web((___, response) => response.writeHead(302, location === undefined ? {} : { location }).end('moved'));
    const fetch = resilientFetch({ fetch: send, propagateTo: [origin], pipeline: (name) => eager(name, { deadline: 5_000, retry: { maxRetries: 0 } }) });
    if (location === undefined) expect(await (await fetch(origin)).text()).toBe('moved');
    else await expect(fetch(origin)).rejects.toThrow(TypeError);
    expect(arrived).toHaveLength(1);
  });

  it('that asks for a body which is used up rejects as fetch does', async () => {
    const { first, other, fetch } = await two(307);
    const body = () => new ReadableStream({ start: (controller) => (controller.enqueue(new Uint8Array([120])), controller.close()) });
    const init = () => ({ method: 'POST', body: body(), duplex: 'half' }) as RequestInit;
    await expect(fetch(`${first.origin}/from`, init())).rejects.toThrow(TypeError);
    await expect(fetch(new Request(`${first.origin}/from`, init()))).rejects.toThrow(TypeError);
    expect([first.arrived.length, other.arrived.length]).toStrictEqual([2, 0]);
  });

  it.each<[RequestRedirect]>([['manual'], ['error']])('that is not to be followed (%s) is not', async (redirect) => {
    const { first, other, fetch } = await two(302);
    const answer = fetch(`${first.origin}/from`, { redirect });
    if (redirect === 'manual') expect((await answer).status).toBe(302);
    else await expect(answer).rejects.toThrow(TypeError);
    expect(first.arrived[0]!.headers).toHaveProperty('x-request-timeout-ms');
    expect(other.arrived).toHaveLength(0);
  });

  it('ends with the signal of the caller', async () => {
    const other = await web(() => {});
    const first = await web((__, response) => response.writeHead(302, { location: other.origin }).end());
    const fetch = resilientFetch({ fetch: send, pipeline: timed, propagateTo: () => true });
    const controller = new AbortController();
    const left = fetch(first.origin, { signal: controller.signal }).catch((error: unknown) => error);
    await expect.poll(() => other.arrived.length).toBe(1);
    controller.abort('enough');
    expect(await left).toBe('enough');
  });
});

describe('a redirect in a browser, which does not say where to,', () => {
  const opaque = () => Object.defineProperty(new Response(), 'type', { value: 'opaqueredirect' });

  function browser(answers: Response[]) {
    const sent: [string, RequestRedirect | undefined, boolean][] = [];
    const fetch = (_: string, init: RequestInit) => {
      sent.push([init.method ?? 'GET', init.redirect, new Headers(init.headers).has('x-request-timeout-ms')]);
      return Promise.resolve(answers.shift()!);
    };
    return { sent, fetch: resilientFetch({ fetch: fetch as never, pipeline: timed, propagateTo: ['https://a.example'] }) };
  }

  it('is gone anew without our headers', async () => {
    await inBrowser('https://a.example', async () => {
      const { fetch, sent } = browser([opaque(), new Response('there')]);
      expect(await (await fetch('https://a.example/x')).text()).toBe('there');
      expect(sent).toStrictEqual([['GET', 'manual', true], ['GET', undefined, false]]);
    });
  });

  it('is not risked with what changes something: that carries nothing of ours', async () => {
    await inBrowser('https://a.example', async () => {
      const { fetch, sent } = browser([1, 2, 3, 4].map(() => new Response('x')));
      await fetch('https://a.example/x', { method: 'POST', body: 'x' });
      await fetch('https://a.example/x', { method: 'POST', body: 'x', redirect: 'error' });
      await fetch('https://a.example/x', { integrity: 'sha256-x' });
      await fetch('https://a.example/x', { mode: 'no-cors' });
      expect(sent).toStrictEqual([['POST', undefined, false], ['POST', 'error', true], ['GET', undefined, false], ['GET', undefined, false]]);
    });
  });
});
