import type { IncomingMessage, RequestListener } from 'node:http';
import { Readable } from 'node:stream';
import { HttpModule, HttpService } from '@nestjs/axios';
import { Inject, Injectable } from '@nestjs/common';
import axios, { isAxiosError, isCancel } from 'axios';
import { type Observable, lastValueFrom } from 'rxjs';
import {
  bulkhead, type CircuitBreaker, circuitBreaker, constant, Deadline, grpcTimeout, isCircuitOpenError, isDeadlineExceededError,
  resiliencePipeline, retryWithBackoff, runInContext,
} from 'rxjs-resilience';
import { policyToken, ResilientHttpService } from 'rxjs-resilience/nestjs';
import { describe, expect, it } from 'vitest';
import { serve as listen } from '../node/sockets.ts';
import { thrownBy } from '../thrown.ts';
import { start } from './application.ts';

const again = () => retryWithBackoff(constant(0), { maxRetries: 2, budget: false });
const http = new HttpService(axios.create());

interface Seen {
  readonly requests: string[];
  readonly headers: IncomingMessage['headers'][];
  readonly origin: string;
}

/** Answers with one status after the other, then with 200. */
async function serving(statuses: number[] = [], more?: RequestListener): Promise<Seen> {
  const requests: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const { port } = await listen((req, res) => {
    requests.push(`${req.method} ${req.url}`);
    headers.push(req.headers);
    if (more !== undefined) return more(req, res);
    req.resume();
    res.writeHead(statuses.shift() ?? 200, { 'Content-Type': 'text/plain' }).end('fine');
  });
  return { requests, headers, origin: `http://127.0.0.1:${port}` };
}

const status = async (answer: Observable<unknown>) => ((await lastValueFrom(answer)) as { status: number }).status;
const failure = (answer: Observable<unknown>) => lastValueFrom(answer).then(() => undefined, (error: unknown) => error);

describe('a request of ResilientHttpService', () => {
  const calls: [string, (service: ResilientHttpService<HttpService>, url: string) => Observable<unknown>, number][] = [
    ['GET', (service, url) => service.get(url), 3],
    ['HEAD', (service, url) => service.head(url), 3],
    ['DELETE', (service, url) => service.delete(url), 3],
    ['PUT', (service, url) => service.put(url, { a: 1 }), 3],
    ['PUT', (service, url) => service.putForm(url, { a: 1 }), 3],
    ['POST', (service, url) => service.post(url, { a: 1 }), 1],
    ['POST', (service, url) => service.postForm(url, { a: 1 }), 1],
    ['PATCH', (service, url) => service.patch(url, { a: 1 }), 1],
    ['PATCH', (service, url) => service.patchForm(url, { a: 1 }), 1],
    ['QUERY', (service, url) => service.query(url, 'a'), 1],
    ['GET', (service, url) => service.request({ url }), 3],
    ['OPTIONS', (service, url) => service.request({ url, method: 'options' }), 3],
    ['POST', (service, url) => service.request({ url, method: 'post', data: 'a' }), 1],
    ['POST', (service, url) => service.post(url, 'a', { headers: { 'idempotency-key': '1' } }), 3],
    ['POST', (service, url) => service.post(url, 'a', { headers: { 'Idempotency-Key': undefined } }), 1],
    ['PUT', (service, url) => service.put(url, Readable.from(['a'])), 1],
    ['PUT', (service, url) => service.request({ url, method: 'PUT', data: Readable.from(['a']) }), 1],
  ];
  it.each(calls)('is sent again where that is allowed: %s %#', async (method, call, sent) => {
    const { origin, requests } = await serving([503, 502, 200]);
    await lastValueFrom(call(new ResilientHttpService(http, again()), `${origin}/a`)).catch(() => undefined);
    expect(requests).toStrictEqual(Array.from({ length: sent }, () => `${method} /a`));
  });

  it('is cold, and each subscription is a call', async () => {
    const { origin, requests } = await serving();
    const circuit = circuitBreaker();
    const answer = new ResilientHttpService(http, circuit).get<string>(origin);
    expect([requests.length, circuit.metrics().calls]).toStrictEqual([0, 0]);
    expect([(await lastValueFrom(answer)).data, await status(answer)]).toStrictEqual(['fine', 200]);
    expect([requests.length, circuit.metrics().successes]).toStrictEqual([2, 2]);
  });

  it('fails with the error of axios itself, by which a circuit knows what happened', async () => {
    const { origin } = await serving([404, 404, 500, 500]);
    const circuit = circuitBreaker({ failureThreshold: 2 });
    const service = new ResilientHttpService(http, circuit);
    for (const expected of [404, 404, 500, 500]) {
      const error = await failure(service.get(origin));
      expect([isAxiosError(error), (error as { status?: number }).status]).toStrictEqual([true, expected]);
    }
    expect(circuit.metrics()).toMatchObject({ successes: 2, failures: 2 });
    expect(await failure(service.get(origin))).toSatisfy(isCircuitOpenError);
  });

  it('waits as Retry-After says', async () => {
    const answers = [() => ({ status: 503, headers: { 'Retry-After': '1' } }), () => ({ status: 200, headers: {} })];
    const { origin } = await serving([], (_req, res) => {
      const { status: code, headers } = answers.shift()!();
      res.writeHead(code, headers).end();
    });
    const retries = again();
    const delays: number[] = [];
    retries.events$.subscribe((event) => event.type === 'scheduled' && delays.push(event.delay));
    expect(await status(new ResilientHttpService(http, retries).get(origin))).toBe(200);
    expect(delays[0]).toBeGreaterThanOrEqual(1_000);
  });

  it('that its caller has cancelled is neither a failure nor sent again', async () => {
    const { origin, requests } = await serving();
    const policy = resiliencePipeline({ breaker: { failureThreshold: 1 }, retry: { backoff: constant(0) } });
    const service = new ResilientHttpService(http, policy);
    const leaving = AbortSignal.abort();
    for (let call = 0; call < 3; call++) expect(await failure(service.get(origin, { signal: leaving }))).toSatisfy(isCancel);
    expect(requests).toStrictEqual([]);
    expect(policy.parts.breaker.metrics()).toMatchObject({ failures: 0, ignored: 3 });
    expect(policy.parts.retry.metrics().retries).toBe(0);
  });

  it.each(['unsubscribed', 'deadline', 'signal'])('is cancelled on the network: %s', async (how) => {
    let closed = false;
    let arrived: () => void;
    const arriving = new Promise<void>((resolve) => (arrived = resolve));
    const { origin } = await serving([], (req) => {
      arrived();
      req.socket.on('close', () => (closed = true));
    });
    const permits = bulkhead(1);
    const leaving = new AbortController();
    const context = how === 'deadline' ? { deadline: Deadline.after(300) } : { signal: leaving.signal };
    let error: unknown;
    const call = runInContext(context, () =>
      new ResilientHttpService(http, permits).get(origin).subscribe({ error: (given) => (error = given) }),
    );
    await arriving;
    if (how === 'unsubscribed') call.unsubscribe();
    if (how === 'signal') leaving.abort();
    await expect.poll(() => closed).toBe(true);
    expect(permits.active).toBe(0);
    if (how === 'deadline') expect(error).toSatisfy(isDeadlineExceededError);
    if (how === 'signal') expect(error).toMatchObject({ name: 'AbortError' });
  });
});

describe('what a service further on is told', () => {
  const told = ({ headers: [first = {}] }: Seen) => [first['x-request-timeout-ms'], first['priority']];
  const inCall = <R>(run: () => R) => runInContext({ deadline: Deadline.after(5_000), priority: 'critical' }, run);

  it('is nothing, where nobody says that it may be', async () => {
    const seen = await serving();
    await inCall(() => lastValueFrom(new ResilientHttpService(http, again()).get(seen.origin)));
    expect(told(seen)).toStrictEqual([undefined, undefined]);
  });

  it('is the time that is left and the priority, anew for each try', async () => {
    const seen = await serving([503]);
    const retries = retryWithBackoff(constant(30), { budget: false });
    const service = new ResilientHttpService(http, retries, { propagateTo: [seen.origin] });
    await inCall(() => lastValueFrom(service.get(seen.origin)));
    const [first, second] = seen.headers.map((headers) => Number(headers['x-request-timeout-ms']));
    expect(first).toBeLessThan(5_000);
    expect(second).toBeLessThan(first! - 20);
    expect(told(seen)[1]).toBe('u=3');
  });

  it('is nothing outside of a call, and what the caller has written itself', async () => {
    const seen = await serving();
    const service = new ResilientHttpService(http, again(), { propagateTo: () => true });
    await lastValueFrom(service.get(seen.origin));
    await inCall(() => lastValueFrom(service.get(seen.origin, { headers: { 'X-Request-Timeout-Ms': '7' } })));
    expect(seen.headers.map((headers) => headers['x-request-timeout-ms'])).toStrictEqual([undefined, '7']);
  });

  it('is told in the way that is wanted, to a base URL as well', async () => {
    const seen = await serving();
    const based = new HttpService(axios.create({ baseURL: `${seen.origin}/base` }));
    const service = new ResilientHttpService(based, again(), { propagateTo: [seen.origin], codec: grpcTimeout });
    await inCall(() => lastValueFrom(service.request({ url: '/a', params: { b: 1 } })));
    expect(seen.requests).toStrictEqual(['GET /base/a?b=1']);
    expect(seen.headers[0]!['grpc-timeout']).toMatch(/^\d+m$|^\d+u$/);
  });

  it.each(['localhost', '127.0.0.1'])('stops at a redirect to another origin: %s', async (host) => {
    const target = await serving();
    const [, port] = target.origin.split(/:(?=\d+$)/);
    const seen = await serving([], (_req, res) => res.writeHead(302, { Location: `http://${host}:${port}/there` }).end());
    const redirected: string[] = [];
    const service = new ResilientHttpService(http, again(), { propagateTo: [seen.origin] });
    const beforeRedirect = ({ href }: { href?: string }) => redirected.push(String(href));
    await inCall(() => lastValueFrom(service.get(seen.origin, { beforeRedirect })));
    expect(told(seen)).toStrictEqual([expect.any(String), 'u=3']);
    expect([target.requests, told(target)]).toStrictEqual([['GET /there'], [undefined, undefined]]);
    expect(redirected).toStrictEqual([`http://${host}:${port}/there`]);
  });

  it('is nothing by an adapter that follows redirects by itself', async () => {
    for (const adapter of ['fetch', ['fetch', 'http']] as ('fetch' | ['fetch', 'http'])[]) {
      const seen = await serving();
      const service = new ResilientHttpService(http, again(), { propagateTo: [seen.origin] });
      expect(await status(inCall(() => service.get(seen.origin, { adapter })))).toBe(200);
      expect(told(seen)).toStrictEqual([undefined, undefined]);
    }
  });

  it('keeps what is done at a redirect by default', async () => {
    const target = await serving();
    const seen = await serving([], (_req, res) => res.writeHead(302, { Location: target.origin }).end());
    const redirected: unknown[] = [];
    const watched = new HttpService(axios.create({ beforeRedirect: ({ href }) => redirected.push(href) }));
    const service = new ResilientHttpService(watched, again(), { propagateTo: [seen.origin] });
    await lastValueFrom(inCall(() => service.get(seen.origin)));
    expect(redirected).toStrictEqual([`${target.origin}/`]);
  });

  it('goes along with a redirect to where it may go', async () => {
    const target = await serving();
    const seen = await serving([], (_req, res) => res.writeHead(302, { Location: target.origin }).end());
    const service = new ResilientHttpService(http, again(), { propagateTo: [seen.origin, target.origin] });
    await inCall(() => lastValueFrom(service.get(seen.origin)));
    expect(told(target)).toStrictEqual([expect.any(String), 'u=3']);
  });

  it('is nothing where the URL cannot be read', async () => {
    const asked: URL[] = [];
    const service = new ResilientHttpService(http, again(), { propagateTo: (url) => Boolean(asked.push(url)) });
    expect(await failure(inCall(() => service.get('/no-origin')))).toBeDefined();
    expect(asked).toStrictEqual([]);
  });
});

describe('ResilientHttpService.provider', () => {
  it('makes one of the HttpService of a module and a policy by name, under any token', async () => {
    const { origin } = await serving();
    @Injectable()
    class Catalog {
      constructor(
        @Inject(ResilientHttpService) readonly http: ResilientHttpService<HttpService>,
        @Inject('other') readonly other: ResilientHttpService<HttpService>,
      ) {}
    }
    const { app } = await start({
      imports: [HttpModule.register({ baseURL: origin })],
      options: { policies: { catalog: (name) => circuitBreaker({ name }), other: (name) => bulkhead(1, 0, { name }) } },
      providers: [
        Catalog,
        ResilientHttpService.provider(HttpService, 'catalog'),
        ResilientHttpService.provider(HttpService, 'other', { provide: 'other', propagateTo: [origin] }),
      ],
    });
    const catalog = app.get(Catalog);
    expect([await status(catalog.http.get('/')), await status(catalog.other.get('/'))]).toStrictEqual([200, 200]);
    expect(app.get<CircuitBreaker>(policyToken('catalog')).metrics().successes).toBe(1);
    expect(catalog.other).not.toBe(catalog.http);
    expect(catalog.http.axiosRef.defaults.baseURL).toBe(origin);
  });
});

it('refuses what is no service, no policy, and wrong options', () => {
  const message = (...given: unknown[]) => String(thrownBy(() => new ResilientHttpService(...(given as [never, never, never]))));
  expect(message({}, again(), {})).toBe('TypeError: http must be a HttpService, got an object');
  expect(message(undefined, again(), {})).toBe('TypeError: http must be a HttpService, got undefined');
  expect(message(http, {}, {})).toBe('TypeError: policy must be a policy or a pipeline, got an object');
  expect(message(http, again(), { propagateTo: ['x'] })).toBe("TypeError: propagateTo must be origins such as 'https://api.example', got 'x'");
  expect(message(http, again(), { codec: 'x' })).toBe("TypeError: codec must be a codec such as requestTimeout, got 'x'");
  expect(message(http, again(), { to: 1 })).toBe("TypeError: options has no option 'to'; known are propagateTo, codec");
  expect(String(thrownBy(() => ResilientHttpService.provider(HttpService, 'a', { as: 1 } as never)))).toBe(
    "TypeError: options has no option 'as'; known are provide, propagateTo, codec",
  );
});
