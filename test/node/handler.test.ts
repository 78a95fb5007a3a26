import express from 'express';
import fastify from 'fastify';
import { connect, createServer as createHttp2Server } from 'node:http2';
import { BehaviorSubject, NEVER, of, Subject, throwError } from 'rxjs';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Health, HealthStatus } from '../../src/core/health.js';
import { healthBoard } from '../../src/health/health-board.js';
import { healthCheck } from '../../src/health/health-check.js';
import { bulkhead, circuitBreaker, policyRegistry, retryWithBackoff } from '../../src/index.js';
import { healthHandler, type HealthHandlerOptions, healthPlugin, type HealthPluginOptions } from '../../src/node/index.js';
import { thrownBy } from '../thrown.js';
import { ask, askJson, listen, serve, sleep, until } from './sockets.js';

type Framework = 'node:http' | 'Express' | 'Fastify';
const frameworks: readonly Framework[] = ['node:http', 'Express', 'Fastify'];

/** A part whose status is set by hand. */
function part(name: string, status: HealthStatus, required = true): BehaviorSubject<Health> {
  return new BehaviorSubject<Health>({ name, status, required, since: 0, details: { figure: 1 }, error: new Error('password=hunter2') });
}

/** The same board, served by each framework; `/other` is the application's own. */
async function start(framework: Framework, board: ReturnType<typeof healthBoard>, options: HealthHandlerOptions = {}): Promise<number> {
  onTestFinished(() => board.dispose());
  if (framework === 'Fastify') {
    const app = fastify();
    onTestFinished(() => app.close());
    await app.register(healthPlugin, { board, ...options } as HealthPluginOptions & { prefix: string });
    app.get('/other', () => 'other');
    await app.listen({ port: 0, host: '127.0.0.1' });
    return (app.server.address() as { port: number }).port;
  }
  const handler = healthHandler(board, options);
  onTestFinished(() => handler.dispose());
  if (framework === 'node:http') {
    const other = (_req: unknown, res: { end(text: string): void }): void => res.end('other');
    return (await serve((req, res) => handler(req, res, req.url === '/other' ? () => other(req, res) : undefined))).port;
  }
  const app = express();
  app.use(handler);
  app.get('/other', (_req, res) => void res.send('other'));
  return (await serve(app)).port;
}

describe.each(frameworks)('probes behind %s', (framework) => {
  it.each<[HealthStatus, number, string]>([['up', 200, 'pass'], ['degraded', 200, 'warn'], ['down', 503, 'fail'], ['unknown', 503, 'fail']])('%s is %i', async (is, status, said) => {
    const port = await start(framework, healthBoard({ ready: { db: part('db', is) } }));
    const answer = await ask(port, '/health/ready');
    expect(answer).toMatchObject({ status, body: JSON.stringify({ status: said }) });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/health+json; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff',
      'content-length': String(answer.body.length),
    });
    expect(answer.headers['retry-after']).toBeUndefined();
    expect((await ask(port, '/health/live')).status).toBe(200);
    const head = await ask(port, '/health/ready', { method: 'HEAD' });
    expect(head).toMatchObject({ status, body: '', headers: { 'content-length': String(answer.body.length) } });
  });

  it('leave the rest to the application, and know nothing else below their prefix', async () => {
    const port = await start(framework, healthBoard({}));
    expect(await ask(port, '/other')).toMatchObject({ status: 200, body: 'other' });
    for (const path of ['/health', '/health/', '/health/../health/live', '/health//live', '/health/live%2f', '/health/nothing', '/health/policies', '/health/stream', '/health/dashboard', '/health/deep', '/health/..%2f..%2fetc%2fpasswd']) {
      expect([path, (await ask(port, path)).status]).toStrictEqual([path, 404]);
    }
    for (const path of ['/nothing', '//health/live', '/healthy/live', '/x/..%2fhealth/live']) expect([path, (await ask(port, path)).status]).toStrictEqual([path, 404]);
    for (const path of ['/health/%', '/health/%zz/live', '/%zz']) expect([path, (await ask(port, path)).status]).toStrictEqual([path, expect.toSatisfy((status) => status === 404 || status === 400)]);
    expect((await ask(port, '/health/nothing')).headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });

  it('know GET and HEAD only', async () => {
    const port = await start(framework, healthBoard({}));
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const answer = await ask(port, '/health/live', { method, ...(method !== 'OPTIONS' && { body: '{', headers: { 'content-type': 'application/json', 'content-length': '1' } }) });
      expect([method, answer.status, answer.headers.allow]).toStrictEqual([method, 405, 'GET, HEAD']);
    }
  });

  it('lie below the prefix that was given', async () => {
    const port = await start(framework, healthBoard({}), { prefix: '/ops/z' });
    expect((await ask(port, '/ops/z/live')).status).toBe(200);
    expect((await ask(port, '/health/live')).status).toBe(404);
  });

  it('name their parts only where details allows it, and never an error', async () => {
    const board = healthBoard({ ready: { db: part('db', 'down'), cache: part('cache', 'unknown', false) } });
    const port = await start(framework, board, {
      details: async (req) => {
        await sleep(1);
        if (req.headers['x-key'] === 'throw') throw new Error('no');
        return req.headers['x-key'] === 'right';
      },
    });
    expect(await askJson(port, '/health/ready', { headers: { 'x-key': 'right' } })).toStrictEqual({
      status: 'fail', details: expect.anything(),
      checks: {
        db: [{ status: 'fail', time: '1970-01-01T00:00:00.000Z', required: true, details: { figure: 1 } }],
        cache: [{ status: 'warn', time: '1970-01-01T00:00:00.000Z', required: false, details: { figure: 1 } }],
      },
    });
    for (const key of ['wrong', 'throw']) expect(await askJson(port, '/health/ready', { headers: { 'x-key': key } })).toStrictEqual({ status: 'fail' });
  });

  it('follow a drain', async () => {
    const board = healthBoard({});
    const port = await start(framework, board, { details: true });
    expect((await ask(port, '/health/ready')).status).toBe(200);
    board.drain('SIGTERM');
    expect(await askJson(port, '/health/ready')).toMatchObject({ status: 'fail', details: { draining: true, reason: 'SIGTERM' } });
    expect((await ask(port, '/health/live')).status).toBe(200);
  });

  it('answer at once where a check hangs, throws or says nonsense', async () => {
    const board = healthBoard({
      ready: {
        hangs: healthCheck('hangs', () => NEVER), throws: healthCheck('throws', () => { throw new Error('secret'); }),
        fails: healthCheck('fails', () => throwError(() => new Error('secret'))), nonsense: healthCheck('nonsense', () => Symbol('x') as never),
      },
    });
    const port = await start(framework, board, { details: true });
    const started = performance.now();
    const answer = await ask(port, '/health/ready');
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(answer.body).not.toContain('secret');
    expect(Object.keys(JSON.parse(answer.body).checks)).toStrictEqual(['hangs', 'throws', 'fails', 'nonsense']);
  });
});

describe('the handler', () => {
  it('can be mounted', async () => {
    const board = healthBoard({});
    const app = express();
    const [whole, bare] = [healthHandler(board), healthHandler(board, { prefix: '' })];
    onTestFinished(() => [whole, bare].forEach((handler) => handler.dispose()));
    app.use('/ops', whole);
    app.use('/z', bare);
    const { port } = await serve(app);
    expect((await ask(port, '/ops/health/live')).status).toBe(200);
    expect((await ask(port, '/z/live')).status).toBe(200);
    expect((await ask(port, '/z/x')).status).toBe(404);
    expect((await ask(port, '/live')).status).toBe(404);
  });

  it('holds the board for its life and no longer', async () => {
    const db = part('db', 'up');
    const board = healthBoard({ ready: { db } });
    const handler = healthHandler(board);
    expect(db.observed).toBe(true);
    const { port } = await serve(handler);
    handler.dispose();
    handler.dispose();
    await until(() => !db.observed);
    expect((await ask(port, '/health/live')).status).toBe(503);
    expect((await ask(port, '/health/nothing')).status).toBe(404);
  });

  it('is let go of by Fastify as it closes', async () => {
    const db = part('db', 'up');
    const app = fastify();
    await app.register(healthPlugin, { board: healthBoard({ ready: { db } }) });
    await app.ready();
    expect(db.observed).toBe(true);
    expect((await app.inject('/health/ready')).statusCode).toBe(200);
    await app.close();
    expect(db.observed).toBe(false);
  });

  it('serves the whole Fastify application, wherever it is registered', async () => {
    const app = fastify();
    onTestFinished(() => app.close());
    await app.register(async (child) => void (await child.register(healthPlugin, { board: healthBoard({}), prefix: '/ops' })), { prefix: '/child' });
    await app.register(healthPlugin, { board: healthBoard({}) });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as { port: number };
    expect((await ask(port, '/health/live')).status).toBe(200);
  });

  it('answers what is injected into Fastify', async () => {
    const registry = policyRegistry();
    registry.register(circuitBreaker({ name: 'db' }));
    const app = fastify();
    onTestFinished(() => app.close());
    await app.register(healthPlugin, { board: healthBoard({}), registry, policies: true, authorize: 'public' });
    expect((await app.inject('/health/policies')).json().policies).toMatchObject([{ policy: 'db' }]);
  });

  it('serves HTTP/2', async () => {
    const handler = healthHandler(healthBoard({}), { stream: true, authorize: 'public' });
    const server = createHttp2Server((req, res) => handler(req as never, res as never));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const client = connect(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
    onTestFinished(() => void (client.destroy(), server.close(), handler.dispose()));
    const read = (path: string, enough: string): Promise<string> => new Promise((resolve) => {
      let text = '';
      const stream = client.request({ ':path': path }).setEncoding('utf8');
      stream.on('response', (headers) => (text += `${headers[':status']} `)).on('data', (chunk: string) => {
        text += chunk;
        if (text.includes(enough)) resolve(text);
      });
    });
    expect(await read('/health/ready', '}')).toBe('200 {"status":"pass"}');
    expect(await read('/health/stream', 'event: policies')).toMatch(/^200 retry: 2000\n\nevent: health\n/);
  });

  it('asks for a deep reading on demand, and the board limits how often', async () => {
    let asked = 0;
    const deep = healthCheck('db', () => (asked++, of(true)), { every: 60_000 });
    const port = await start('node:http', healthBoard({ deep: { deep } }), { deep: true, details: true });
    await sleep(20);
    expect(asked).toBe(0);
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask(port, '/health/deep')));
    expect(answers.map(({ status }) => status)).toStrictEqual(answers.map(() => 200));
    expect(asked).toBe(1);
  });

  it('does not keep a deep request waiting once it is disposed', async () => {
    const board = healthBoard({ deep: { slow: NEVER } }, { readWithin: 60_000 });
    const handler = healthHandler(board, { deep: true });
    const { port } = await serve(handler);
    const answer = ask(port, '/health/deep');
    await sleep(50);
    handler.dispose();
    expect((await answer).status).toBe(503);
    board.dispose();
  });

  it('does not let a probe wait for a rule of details that never answers', async () => {
    const port = await start('node:http', healthBoard({ ready: { db: part('db', 'up') } }), { details: () => new Promise(() => undefined) });
    const started = performance.now();
    expect(await ask(port, '/health/live')).toMatchObject({ status: 200, body: '{"status":"pass"}' });
    expect(performance.now() - started).toBeGreaterThanOrEqual(450);
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  it('tells how long it takes where nothing but an open circuit is in the way', async () => {
    const payments = circuitBreaker({ name: 'payments', failureThreshold: 1, breakDuration: 4_500, required: true });
    const registry = policyRegistry();
    registry.register(payments);
    const db = part('db', 'up');
    const port = await start('node:http', healthBoard({ ready: { payments, db } }), { registry });
    throwError(() => new Error('x')).pipe(payments).subscribe({ error: () => undefined });
    const answer = await ask(port, '/health/ready');
    expect([answer.status, answer.headers['retry-after']]).toStrictEqual([503, '5']);
    db.next({ ...db.value, status: 'down' });
    expect((await ask(port, '/health/ready')).headers['retry-after']).toBeUndefined();
  });

  it('counts the calls in its bulkheads for a load balancer', async () => {
    const registry = policyRegistry();
    const [pool, other] = [registry.register(bulkhead(5, 0, { name: 'a' })), registry.register(bulkhead(5, 0, { name: 'b' }))];
    registry.register(circuitBreaker());
    const calls = [pool, pool, other].map((policy) => NEVER.pipe(policy).subscribe());
    const port = await start('Fastify', healthBoard({}), { registry, activeCallsHeader: 'X-Bulkhead-Active' });
    expect((await ask(port, '/health/live')).headers['x-bulkhead-active']).toBe('3');
    calls.forEach((call) => call.unsubscribe());
    expect((await ask(port, '/health/live')).headers['x-bulkhead-active']).toBe('0');
  });
});

it('a board with a stream of the user in place of its own is served as well, without deep', async () => {
  const { startup$, ready$ } = healthBoard({});
  const live$ = part('live', 'down');
  const handler = healthHandler({ startup$, ready$, live$ });
  onTestFinished(() => handler.dispose());
  const { port } = await serve(handler);
  expect([(await ask(port, '/health/live')).status, (await ask(port, '/health/ready')).status]).toStrictEqual([503, 200]);
  expect(thrownBy(() => healthHandler({ startup$, ready$, live$ }, { deep: true }))).toStrictEqual(new TypeError('healthHandler: board must be a healthBoard, got an object'));
});

describe('what is refused at construction', () => {
  const registry = policyRegistry();
  const board = healthBoard({});
  const whole = { authorize: 'public' as const, registry };
  it.each<[object, RegExp]>([
    [{ policies: true, registry }, /policies needs authorize/],
    [{ stream: true }, /stream needs authorize/],
    [{ dashboard: true }, /stream needs authorize|dashboard needs authorize/],
    [{ control: true, registry }, /control needs authorize/],
    [{ policies: true, authorize: 'public' }, /policies needs registry/],
    [{ control: true, authorize: 'public' }, /control needs registry/],
    [{ activeCallsHeader: 'X-Active' }, /activeCallsHeader needs registry/],
    [{ ...whole, dashboard: true, stream: false }, /dashboard needs stream/],
    [{ ...whole, activeCallsHeader: 'X Active\r\n' }, /activeCallsHeader/],
    [{ authorize: true }, /authorize/],
    [{ details: 'yes' }, /details/],
    [{ deep: 1 }, /deep/],
    [{ registry: {} }, /registry/],
    [{ maxStreams: 0 }, /maxStreams/],
    [{ maxStreams: 1.5 }, /maxStreams/],
    [{ allowedHosts: 'localhost' }, /allowedHosts/],
    [{ allowedHosts: [''] }, /allowedHosts/],
    [{ scheduler: {} }, /scheduler/],
    [{ random: 1 }, /random/],
    [{ prefix: 'health' }, /prefix/],
    [{ detials: true }, /detials/],
  ])('%o', async (options, message) => {
    const thrown = thrownBy(() => healthHandler(board, options));
    expect(String(thrown)).toMatch(/^(TypeError|RangeError)/);
    expect(String(thrown)).toMatch(message);
    await expect(Promise.resolve(fastify().register(healthPlugin, { board, ...options }))).rejects.toThrow(message);
  });

  it.each([undefined, null, {}, { live$: NEVER }])('%o for a board', (none) => {
    expect(thrownBy(() => healthHandler(none as never))).toBeInstanceOf(TypeError);
  });
});

describe('what needs authorize', () => {
  const everything = { policies: true, stream: true, dashboard: true, control: true };
  let registry = policyRegistry();
  beforeEach(() => {
    registry = policyRegistry();
    for (const policy of [circuitBreaker({ name: 'db' }), retryWithBackoff({ name: 'db' }), bulkhead(1, 0, { name: 'pool' })]) registry.register(policy);
  });

  it.each<[string, HealthHandlerOptions['authorize']]>([
    ['throws', () => { throw new Error('secret'); }],
    ['rejects', () => Promise.reject(new Error('secret'))],
    ['says no', () => false],
    ['says something else', () => 'yes' as never],
    ['says it later', async () => 1 as never],
  ])('is 403 where authorize %s', async (_title, authorize) => {
    const port = await start('node:http', healthBoard({}), { ...everything, registry, authorize });
    for (const path of ['/health/policies', '/health/policies/db', '/health/policies/none', '/health/stream', '/health/dashboard']) {
      const answer = await ask(port, path);
      expect([path, answer.status, answer.body]).toStrictEqual([path, 403, '{"error":"Forbidden"}']);
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    }
    expect((await ask(port, '/health/live')).status).toBe(200);
  });

  it('shows policies, of one kind or one name', async () => {
    const port = await start('Express', healthBoard({}), { policies: true, registry, authorize: async (req) => req.headers['x-key'] === 'right' });
    const of = async (path: string): Promise<string[]> => (await askJson(port, path, { headers: { 'x-key': 'right' } })).policies.map((view: { kind: string; policy: string }) => `${view.kind} ${view.policy}`);
    expect(await of('/health/policies')).toStrictEqual(['circuitBreaker db', 'retry db', 'bulkhead pool']);
    expect(await of('/health/policies?kind=bulkhead')).toStrictEqual(['bulkhead pool']);
    expect(await of('/health/policies?kind=none')).toStrictEqual([]);
    expect(await of('/health/policies/db')).toStrictEqual(['circuitBreaker db', 'retry db']);
    expect(await of('/health/policies/db?kind=retry')).toStrictEqual(['retry db']);
    expect((await ask(port, '/health/policies/none', { headers: { 'x-key': 'right' } })).status).toBe(404);
    const [view] = (await askJson(port, '/health/policies/db', { headers: { 'x-key': 'right' } })).policies;
    expect(view).toMatchObject({ mode: 'enforce', state: 'closed', metrics: { calls: 0, successes: 0 }, health: { status: 'up', details: { state: 'closed' } } });
  });

  it('finds a policy whatever it is called', async () => {
    const name = 'https://api.example/<script>?a#b';
    registry.register(circuitBreaker({ name }));
    const port = await start('Fastify', healthBoard({}), { policies: true, registry, authorize: 'public' });
    const answer = await ask(port, `/health/policies/${encodeURIComponent(name)}`);
    expect(JSON.parse(answer.body).policies[0].policy).toBe(name);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it('serves the page with what holds it to itself', async () => {
    const port = await start('node:http', healthBoard({}), { dashboard: true, registry, authorize: 'public' });
    const { status, headers, body } = await ask(port, '/health/dashboard');
    expect(status).toBe(200);
    expect(body).toMatch(/<html/i);
    expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'x-frame-options': 'DENY', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect((await listen(port)).res.statusCode).toBe(200);
  });

  it('is for the hosts that were named, so that a name bound to this address by others shows nothing', async () => {
    const port = await start('node:http', healthBoard({}), { ...everything, registry, authorize: 'public', allowedHosts: ['ops.example', 'LOCALHOST'] });
    const of = async (host: string): Promise<number> => (await ask(port, '/health/policies', { headers: { host } })).status;
    expect(await of('ops.example')).toBe(200);
    expect(await of(`localhost:${port}`)).toBe(200);
    expect(await of('evil.example')).toBe(403);
    expect(await of('ops.example.evil.example')).toBe(403);
    expect((await ask(port, '/health/live', { headers: { host: 'evil.example' } })).status).toBe(200);
  });

  it('does not go on for a client that has left while somebody was asked', async () => {
    const answers = new Subject<boolean>();
    let asked = 0;
    const port = await start('node:http', healthBoard({}), {
      stream: true, maxStreams: 1, registry,
      authorize: (req) => req.headers['x-slow'] === undefined || (asked++, new Promise((resolve) => answers.subscribe(resolve))),
    });
    const leaving = new AbortController();
    void fetch(`http://127.0.0.1:${port}/health/stream`, { headers: { 'x-slow': '1' }, signal: leaving.signal }).catch(() => undefined);
    await until(() => asked === 1);
    leaving.abort();
    await sleep(50);
    answers.next(true);
    await sleep(20);
    expect((await listen(port)).res.statusCode).toBe(200);
  });
});
