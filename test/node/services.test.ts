import express from 'express';
import fastify from 'fastify';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defer, firstValueFrom, Subject } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { healthBoard } from '../../src/health/health-board.js';
import { healthCheck } from '../../src/health/health-check.js';
import { warmup } from '../../src/health/warmup.js';
import { attempt, circuitBreaker, policyRegistry, retryWithBackoff, withDeadline } from '../../src/index.js';
import { healthHandler, healthPlugin, resilienceErrors, resilienceErrorsPlugin, toHttpResponse } from '../../src/node/index.js';
import { ask, askJson, listen, serve, sleep, stop, until } from './sockets.js';

/** A server that others depend on, which can be killed and started again on its port. */
async function dependency(): Promise<{ port: number; kill(): Promise<void>; restart(): Promise<void> }> {
  let server: Server;
  const listenOn = (port: number): Promise<void> => {
    server = createServer((_req, res) => void res.end('fine'));
    return new Promise((listening) => server.listen(port, '127.0.0.1', listening));
  };
  await listenOn(0);
  const { port } = server!.address() as AddressInfo;
  onTestFinished(() => (server.listening ? stop(server) : undefined));
  return { port, kill: () => stop(server), restart: () => listenOn(port) };
}

/** The service: it asks its dependency for each request, through a breaker. */
function service(dependencyPort: number) {
  const fetched = (): Promise<string> => fetch(`http://127.0.0.1:${dependencyPort}/`, { headers: { connection: 'close' } }).then((res) => res.text());
  const registry = policyRegistry();
  // A machine that stalls is not what is tested.
  const calm = { timeout: 5_000, staleAfter: 5_000 };
  const options = { failureThreshold: 2, successThreshold: 1, breakDuration: 1_000 };
  const payments = registry.register(circuitBreaker({ name: 'payments', ...options }));
  const observed = registry.register(circuitBreaker({ name: 'observed', mode: 'shadow', ...options }));
  const warm = new Subject<never>();
  const board = healthBoard(
    {
      startup: { warm: warmup('warm', warm) },
      ready: { db: healthCheck('db', fetched, { ...calm, every: 30, failAfter: 2, recoverAfter: 2, required: true }), payments, observed },
      deep: { payments, db: healthCheck('db', fetched, { ...calm, every: 30 }) },
    },
    { deepEvery: 50 },
  );
  onTestFinished(() => board.dispose());
  const work = (): Promise<string> => firstValueFrom(attempt(fetched).pipe(withDeadline(1_000), observed, payments));
  const options$ = { registry, deep: true, details: true, stream: true, policies: true, authorize: 'public' } as const;
  return { board, options: options$, work, warm };
}

type Served = ReturnType<typeof service>;

const onNode = async ({ board, options, work }: Served): Promise<number> => {
  const health = healthHandler(board, options);
  onTestFinished(() => health.dispose());
  const failed = resilienceErrors();
  const listener: RequestListener = (req, res) => health(req, res, () => void work().then((text) => res.end(text), (error) => failed(error, req, res)));
  return (await serve(listener)).port;
};

const badGateway: express.ErrorRequestHandler = (error, _req, res, next) => (res.headersSent ? next(error) : void res.status(502).end('bad gateway'));

const onExpress = async ({ board, options, work }: Served): Promise<number> => {
  const app = express();
  const health = healthHandler(board, options);
  onTestFinished(() => health.dispose());
  app.use(health);
  app.get('/work', async (_req, res) => void res.send(await work()));
  app.use(resilienceErrors());
  app.use(badGateway);
  return (await serve(app)).port;
};

const onFastify = async ({ board, options, work }: Served): Promise<number> => {
  const app = fastify();
  onTestFinished(() => app.close());
  app.setErrorHandler((_error, _request, reply) => void reply.code(502).send('bad gateway'));
  await app.register(resilienceErrorsPlugin);
  await app.register(healthPlugin, { board, ...options });
  app.get('/work', () => work());
  await app.listen({ port: 0, host: '127.0.0.1' });
  return (app.server.address() as AddressInfo).port;
};

describe.each([['node:http', onNode, 500], ['Express', onExpress, 502], ['Fastify', onFastify, 502]] as const)('a service on %s', (_framework, start, foreign) => {
  it('is seen through an outage of its dependency and its recovery, as probes see it', async () => {
    const db = await dependency();
    const served = service(db.port);
    const port = await start(served);

    // As Kubernetes asks: each kind on its own, all the time.
    const seen: Record<string, number[]> = { live: [], startup: [], ready: [], deep: [] };
    let probing = true;
    const probes = Object.keys(seen).map(async (kind) => {
      for (; probing; await sleep(50)) seen[kind]!.push(await ask(port, `/health/${kind}`).then(({ status }) => status, () => 0));
    });
    onTestFinished(() => void (probing = false));
    const is = (kind: string, status: number) => async (): Promise<boolean> => (await ask(port, `/health/${kind}`)).status === status;
    const { messages } = await listen(port);

    // It warms up: startup gates the others.
    await until(() => Object.values(seen).every(({ length }) => length > 2) && messages.length > 0);
    expect([seen['startup']![2], seen['ready']![2], seen['live']![2]]).toStrictEqual([503, 503, 200]);
    served.warm.complete();
    await until(is('startup', 200));
    await until(is('ready', 200));
    expect(await ask(port, '/work')).toMatchObject({ status: 200, body: 'fine' });

    // Messages are coalesced: what lasts for a moment only is not told.
    await until(() => messages.some(({ data }) => data.ready?.status === 'up'));

    await db.kill();
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push((await ask(port, '/work')).status);
    expect(answers).toStrictEqual([foreign, foreign, 503, 503]);
    await until(is('ready', 503));
    const body = await askJson(port, '/health/ready');
    expect(body).toMatchObject({ status: 'fail', checks: { db: [{ status: 'fail' }], payments: [{ required: false }], observed: [{ status: 'pass', details: { would: 'down', mode: 'shadow' } }] } });
    // A deep reading stands for a while.
    await until(async () => (await askJson(port, '/health/deep')).status === 'warn');
    expect((await ask(port, '/health/deep')).status).toBe(200);
    expect((await ask(port, '/health/startup')).status).toBe(200);

    await until(() => messages.some(({ data }) => data.ready?.status === 'down'));

    await db.restart();
    await until(is('ready', 200));
    await until(async () => (await ask(port, '/work')).status === 200);
    await until(async () => (await askJson(port, '/health/deep')).status === 'pass');
    probing = false;
    await Promise.all(probes);

    expect(new Set(seen['live'])).toStrictEqual(new Set([200]));
    const phases = (kind: string): number[] => seen[kind]!.filter((status, i, all) => status !== all[i - 1]);
    expect(phases('ready')).toStrictEqual([503, 200, 503, 200]);
    expect(phases('startup')).toStrictEqual([503, 200]);

    // What the stream has told of it.
    await until(() => messages.filter(({ data }) => data.type === 'closed').length >= 2);
    const ready = messages.filter(({ event }) => event === 'health').map(({ data }) => data.ready.status).filter((status) => status !== 'degraded');
    expect(ready.filter((status, i) => status !== ready[i - 1])).toStrictEqual(['unknown', 'up', 'down', 'up']);
    const moves = messages.filter(({ event, data }) => event === 'event' && data.policy === 'payments').map(({ data }) => data.type);
    expect([moves[0], moves.at(-1)]).toStrictEqual(['opened', 'closed']);
    expect(JSON.stringify(messages)).not.toMatch(/fetch failed|ECONNREFUSED 127/);
  }, 30_000);
});

describe('a client with retryWithBackoff', () => {
  it('waits as a server that answers with toHttpResponse has told it', async () => {
    const breaker = circuitBreaker({ name: 'db', failureThreshold: 1, breakDuration: 1_000, successThreshold: 1 });
    let calls = 0;
    const { port } = await serve((_req, res) => {
      const work = defer(() => (calls++ === 0 ? Promise.reject(new Error('down')) : Promise.resolve('fine')));
      firstValueFrom(work.pipe(breaker)).then((text) => res.end(text), (error) => {
        const { status, headers, body } = toHttpResponse(error);
        res.writeHead(status, headers).end(JSON.stringify(body));
      });
    });
    expect((await ask(port, '/')).status).toBe(500);
    const at: number[] = [];
    const read = attempt(async () => {
      at.push(performance.now());
      const res = await fetch(`http://127.0.0.1:${port}/`);
      if (!res.ok) throw res;
      return res.text();
    });
    const retry = retryWithBackoff(() => 0, { maxRetries: 1 });
    expect(await firstValueFrom(read.pipe(retry))).toBe('fine');
    expect(at.length).toBe(2);
    // One second, rounded up, and up to a tenth more.
    expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(990);
    expect(at[1]! - at[0]!).toBeLessThan(4_000);
  });
});
