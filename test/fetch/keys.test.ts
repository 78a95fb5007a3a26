import { describe, expect, it } from 'vitest';
import { resilientFetch } from 'rxjs-resilience/fetch';
import { constant, Deadline, isCircuitOpenError, resiliencePipeline, runInContext, standardPipeline } from '../../src/index.js';

const ok = () => Promise.resolve(new Response('x'));

describe('the pipelines of a fetch', () => {
  it('are one for each origin', async () => {
    const fetch = resilientFetch({ fetch: ok });
    await fetch('https://a.example/1?x');
    await fetch(new URL('https://a.example/2'));
    await fetch(new Request('https://b.example:8443/1'));
    expect(fetch.pipelines.keys()).toStrictEqual(['https://a.example', 'https://b.example:8443']);
    expect(fetch.pipelines.size).toBe(2);
    expect(fetch.pipelines.get('https://a.example')?.parts.retry?.metrics().calls).toBe(2);
    expect(fetch.pipelines.get('https://c.example')).toBeUndefined();
  });

  it('are named by the scheme where no server is asked', async () => {
    const fetch = resilientFetch();
    expect(await (await fetch('data:text/plain,hello')).text()).toBe('hello');
    const blob = URL.createObjectURL(new Blob(['of a blob']));
    expect(await (await fetch(blob)).text()).toBe('of a blob');
    for (const url of ['blob:https://a.example/1', 'ws://a.example/', 'ftp://a.example/', 'about:blank', 'a:b']) {
      await expect(fetch(url)).rejects.toThrow('fetch failed');
    }
    expect(fetch.pipelines.keys()).toStrictEqual(['data:', 'blob:', 'ws:', 'ftp:', 'about:', 'a:']);
  });

  it('count nothing that was never sent', async () => {
    const fetch = resilientFetch({ pipeline: (name) => resiliencePipeline({ name, retry: { backoff: constant(1) }, breaker: { failureThreshold: 1 } }) });
    for (const url of ['blob:https://a.example/1', 'a:b', 'data:', 'file:///a', 'about:a', 'http://127.0.0.1:6000/']) {
      await expect(fetch(url)).rejects.toThrow('fetch failed');
      const { breaker, retry } = fetch.pipelines.get(fetch.pipelines.keys().at(-1)!)!.parts;
      expect([url, breaker!.metrics().ignored, retry!.metrics().retries]).toStrictEqual([url, 1, 0]);
    }
  });

  it('tell nothing of a call where no server is asked', async () => {
    const seen: unknown[] = [];
    const sends = (_input: unknown, init: RequestInit) => {
      seen.push(init.headers);
      return ok();
    };
    const fetch = resilientFetch({ fetch: sends as never, propagateTo: ['https://a.example'] });
    await runInContext({ deadline: Deadline.after(1_000) }, () => fetch('blob:https://a.example/1'));
    await runInContext({ deadline: Deadline.after(1_000) }, () => fetch('https://a.example/1'));
    expect(seen.map((headers) => headers !== undefined)).toStrictEqual([false, true]);
  });

  it('are by the key that is said, of what is shown of the request', async () => {
    const shown: [string, string, string | null, boolean][] = [];
    const fetch = resilientFetch({
      fetch: ok,
      key: ({ url, method, headers, body }) => {
        shown.push([url, method, headers.get('x-tenant'), body === null]);
        return headers.get('x-tenant') ?? 'none';
      },
    });
    await fetch('https://a.example/1#hash', { method: 'post', body: 'x', headers: { 'X-Tenant': 't1' } });
    await fetch(new Request('https://a.example/1', { headers: { 'X-Tenant': 't1' } }), { headers: [] });
    expect(shown).toStrictEqual([['https://a.example/1#hash', 'POST', 't1', true], ['https://a.example/1', 'GET', null, true]]);
    expect(fetch.pipelines.keys()).toStrictEqual(['t1', 'none']);
  });

  it('reject where a key is no string, throws, or makes no pipeline', async () => {
    await expect(resilientFetch({ fetch: ok, key: () => 5 as never })('https://a.example')).rejects.toThrow(/key must be a string, got 5/);
    const thrown = new Error('key');
    const key = () => {
      throw thrown;
    };
    await expect(resilientFetch({ fetch: ok, key })('https://a.example')).rejects.toBe(thrown);
    await expect(resilientFetch({ fetch: ok, pipeline: () => ({}) as never })('https://a.example')).rejects.toThrow(
      /pipeline must give a resiliencePipeline, got an object/,
    );
  });

  it('may be one for several keys', async () => {
    const shared = standardPipeline({ name: 'shared' });
    const fetch = resilientFetch({ fetch: ok, pipeline: () => shared });
    await fetch('https://a.example');
    await fetch('https://b.example');
    expect(fetch.pipelines.get('https://a.example')).toBe(shared);
    expect(fetch.pipelines.get('https://b.example')).toBe(shared);
    expect(shared.parts.retry.metrics().calls).toBe(2);
  });

  it('do not grow past maxKeys for a thousand origins', async () => {
    const made: string[] = [];
    const pipeline = (name: string) => (made.push(name), standardPipeline({ name }));
    const fetch = resilientFetch({ fetch: ok, pipeline, maxKeys: 10 });
    for (let i = 0; i < 1_000; i++) await fetch(`https://host${i}.example`);
    expect(made).toHaveLength(1_000);
    expect(fetch.pipelines.size).toBe(10);
    // Nor when all of them are called at once, and none can go.
    const many = Array.from({ length: 1_000 }, (_, i) => fetch(`https://other${i}.example`));
    expect(fetch.pipelines.size).toBeLessThanOrEqual(20);
    expect((await Promise.all(many)).every(({ status }) => status === 200)).toBe(true);
  });

  it('open one by one, and say how they are', async () => {
    const failing = new TypeError('fetch failed');
    const fetch = resilientFetch({
      fetch: (url: string) => (url.startsWith('https://a') ? Promise.reject(failing) : ok()),
      pipeline: (name) => resiliencePipeline({ name, breaker: { failureThreshold: 1 } }),
    });
    const events: string[] = [];
    fetch.pipelines.events$.subscribe(({ type, policy }) => events.push(`${policy} ${type}`));
    let status = '';
    let ended = 0;
    fetch.pipelines.health$.subscribe({ next: (health) => (status = health.status), complete: () => ended++ });
    await fetch('https://b.example');
    expect(status).toBe('up');
    await expect(fetch('https://a.example')).rejects.toBe(failing);
    const refused = await fetch('https://a.example').catch((error: unknown) => error);
    expect(isCircuitOpenError(refused)).toBe(true);
    expect((await fetch('https://b.example')).status).toBe(200);
    expect(status).toBe('degraded');
    expect(events).toContain('https://a.example opened');
    fetch.pipelines.dispose();
    expect(ended).toBe(1);
    expect((await fetch('https://b.example')).status).toBe(200);
  });
});
