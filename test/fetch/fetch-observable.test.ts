import { AsyncLocalStorage } from 'node:async_hooks';
import { firstValueFrom, lastValueFrom, switchMap, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { fetch$ } from 'rxjs-resilience/fetch';
import { circuitBreaker, currentContext, isCircuitOpenError, resiliencePipeline, runInContext, retryWithBackoff, standardPipeline } from '../../src/index.js';
import { eager } from './pipelines.js';
import { until, web } from './servers.js';

describe('fetch$', () => {
  it('sends the request for each subscription, and not before', async () => {
    const { origin, arrived } = await web(({ method }, response) => response.end(method));
    const answer$ = fetch$(origin, { method: 'PUT' }).pipe(switchMap((response) => response.text()));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(arrived).toHaveLength(0);
    expect(await lastValueFrom(answer$.pipe(toArray()))).toStrictEqual(['PUT']);
    expect(await firstValueFrom(answer$)).toBe('PUT');
    expect(arrived).toHaveLength(2);
  });

  it('emits every status, once', async () => {
    const { origin } = await web((_, response) => response.writeHead(404).end());
    const answers = await lastValueFrom(fetch$(origin).pipe(toArray()));
    expect(answers.map(({ status }) => status)).toStrictEqual([404]);
  });

  it('aborts the request when it is unsubscribed, and not the body', async () => {
    let left = 0;
    const { origin, arrived } = await web(({ path }, response) => {
      response.on('close', () => left++);
      if (path === '/body') {
        response.write('first ');
        setTimeout(() => response.end('last'), 50);
      }
    });
    const subscription = fetch$(`${origin}/hang`).subscribe();
    await until(() => arrived.length === 1);
    subscription.unsubscribe();
    await until(() => left === 1);
    expect(await (await firstValueFrom(fetch$(`${origin}/body`))).text()).toBe('first last');
  });

  it('goes through the pipeline it is given', async () => {
    const { origin, arrived } = await web((_, response, count) => response.writeHead(count < 3 ? 503 : 200).end());
    const resilience = eager('kept');
    expect((await firstValueFrom(fetch$(origin, { resilience, method: 'DELETE' }))).status).toBe(200);
    expect(arrived.map(({ method }) => method)).toStrictEqual(['DELETE', 'DELETE', 'DELETE']);
    expect((await firstValueFrom(fetch$(origin, { resilience, method: 'POST' }))).status).toBe(200);
    expect(resilience.parts.retry!.metrics()).toMatchObject({ calls: 2, retries: 2 });
  });

  it('has kept pipelines for each origin where it is given none', async () => {
    const { origin } = await web((_, response) => response.writeHead(503).end());
    const one = () => firstValueFrom(fetch$(origin, { method: 'POST' }));
    for (let i = 0; i < 5; i++) expect((await one()).status).toBe(503);
    expect(isCircuitOpenError(await one().catch((error: unknown) => error))).toBe(true);
  });

  it('takes a Request, also as init', async () => {
    const { origin } = await web(({ method, body }, response) => response.end(`${method} ${body}`));
    const request = () => new Request(origin, { method: 'PUT', body: 'x' });
    expect(await (await firstValueFrom(fetch$(request()))).text()).toBe('PUT x');
    expect(await (await firstValueFrom(fetch$(origin, request()))).text()).toBe('PUT x');
    const used = fetch$(request());
    await firstValueFrom(used);
    await expect(firstValueFrom(used)).rejects.toThrow(TypeError);
  });

  it('errors with the reason of a signal', async () => {
    const { origin } = await web(() => {});
    const reason = new Error('mine');
    await expect(firstValueFrom(fetch$(origin, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
  });

  it('errors in the context of who has subscribed, whoever aborts', () => {
    const controller = new AbortController();
    const { signal } = controller;
    const tenants = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const error = () => seen.push([currentContext().priority, tenants.getStore()]);
    tenants.run('mine', () => runInContext({ priority: 'critical' }, () => fetch$('http://127.0.0.1:9', { signal }).subscribe({ error })));
    tenants.run('theirs', () => runInContext({ priority: 'sheddable' }, () => controller.abort()));
    expect(seen).toStrictEqual([['critical', 'mine']]);
  });

  it('errors for what is no request, when it is subscribed', async () => {
    const answer$ = fetch$('nowhere');
    await expect(firstValueFrom(answer$)).rejects.toThrow(TypeError);
  });

  it('stands before operators of ours', async () => {
    const breaker = circuitBreaker({ name: 'outer', failureThreshold: 2 });
    const { origin } = await web((_, response) => response.writeHead(404).end());
    await firstValueFrom(fetch$(origin, { resilience: standardPipeline() }).pipe(breaker, retryWithBackoff()));
    expect(breaker.metrics().successes).toBe(1);
  });

  it('has a fallback of its pipeline answer', async () => {
    const { origin } = await web((_, response) => response.writeHead(503).end());
    const resilience = resiliencePipeline({ fallback: () => [new Response('instead')] });
    expect(await (await firstValueFrom(fetch$(origin, { resilience }))).text()).toBe('instead');
  });
});
