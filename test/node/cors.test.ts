import type { RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import fastifyCors from '@fastify/cors';
import express, { type RequestHandler } from 'express';
import fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BulkheadFullError, circuitBreaker, healthBoard } from '../../src/index.js';
import {
  deadlineMiddleware, deadlinePlugin, healthHandler, healthPlugin, resilienceErrors, resilienceErrorsPlugin,
} from '../../src/node/index.js';
import { ask, serve } from './sockets.js';

const cors = createRequire(import.meta.url)('cors') as (options: object) => RequestHandler;
const origin = 'https://app.example';
const allowed = { origin, credentials: true, exposedHeaders: ['Retry-After'] };
const headers = { origin };
const late = { ...headers, 'x-request-timeout-ms': '0' };
const ofCors = { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true', 'access-control-expose-headers': 'Retry-After' };
const full = new BulkheadFullError('x', 'full', { active: 1, limit: 1, queued: 0, capacity: 0 });
const open = circuitBreaker({ required: true, initialState: 'open' });

/** Each answer of ours by what asks for it. */
const answers: [string, string, Record<string, string>, number][] = [
  ['what comes too late', '/full', late, 504], ['a refusal', '/full', headers, 503], ['a deadline', '/late', headers, 504],
  ['health', '/health/live', headers, 200], ['readiness that is down', '/health/ready', headers, 503], ['what health does not have', '/health/x', headers, 404],
];

describe.each(answers)('the answer to %s', (_what, path, sent, status) => {
  it('has the headers of cors in front of it, with Express', async () => {
    const app = express();
    app.use(cors(allowed));
    app.use(deadlineMiddleware());
    app.use(healthHandler(healthBoard({ ready: { open } })));
    app.get('/full', () => Promise.reject(full));
    app.get('/late', () => Promise.reject(Object.assign(Object.create({ '~resilience': true }) as object, { code: 'DEADLINE_EXCEEDED' })));
    app.use(resilienceErrors());
    const { port } = await serve(app);
    expect(await ask(port, path, { headers: sent })).toMatchObject({ status, headers: ofCors });
  });

  it('has the headers of @fastify/cors that was registered before, with Fastify', async () => {
    const app = fastify();
    onTestFinished(() => app.close());
    await app.register(fastifyCors, allowed);
    await app.register(resilienceErrorsPlugin);
    await app.register(deadlinePlugin, {});
    await app.register(healthPlugin, { board: healthBoard({ ready: { open } }) });
    app.get('/full', () => Promise.reject(full));
    app.get('/late', () => Promise.reject(Object.assign(Object.create({ '~resilience': true }) as object, { code: 'DEADLINE_EXCEEDED' })));
    await app.listen({ port: 0, host: '127.0.0.1' });
    expect(await ask((app.server.address() as AddressInfo).port, path, { headers: sent })).toMatchObject({ status, headers: ofCors });
  });
});

it('has the headers that a listener of node:http has set, the cookies and the list of two among them', async () => {
  const set: Record<string, string | string[]> = { 'access-control-allow-origin': '*', 'set-cookie': ['a=1', 'b=2'], vary: 'Origin' };
  const listeners: [RequestListener, number, Record<string, string>][] = [
    [(req, res) => deadlineMiddleware()(req, res, () => undefined), 504, late],
    [(req, res) => resilienceErrors()(full, req, res), 503, headers],
    [(req, res) => resilienceErrors()(new Error('x'), req, res), 500, headers],
    [(req, res) => healthHandler(healthBoard({}), { prefix: '' })(req, res), 404, headers],
  ];
  for (const [listener, status, sent] of listeners) {
    const { port } = await serve((req, res) => {
      for (const [name, value] of Object.entries(set)) res.setHeader(name, value);
      listener(req, res);
    });
    expect(await ask(port, '/', { headers: sent })).toMatchObject({ status, headers: set });
  }
});

it('keeps the cookies that a hook of Fastify has set on an answer of the health plugin', async () => {
  const app = fastify();
  app.addHook('onRequest', async (_request, reply) => void reply.header('set-cookie', 'a=1').header('set-cookie', 'b=2').header('x-count', 5));
  await app.register(healthPlugin, { board: healthBoard({}) });
  const { headers: found } = await app.inject('/health/live');
  expect([found['set-cookie'], found['x-count']]).toStrictEqual([['a=1', 'b=2'], '5']);
});

it('what stands in front of cors is answered without its headers', async () => {
  const app = express();
  app.use(deadlineMiddleware());
  app.use(cors(allowed));
  const { port } = await serve(app);
  const { status, headers: found } = await ask(port, '/', { headers: late });
  expect([status, found['access-control-allow-origin']]).toStrictEqual([504, undefined]);
});

it('a preflight is answered by cors, whatever it says of a deadline', async () => {
  const app = express();
  app.use(cors({ ...allowed, maxAge: 5 }));
  app.use(deadlineMiddleware());
  const { port } = await serve(app);
  const preflight = { ...headers, 'access-control-request-method': 'GET', 'access-control-request-headers': 'x-request-timeout-ms' };
  expect(await ask(port, '/', { method: 'OPTIONS', headers: preflight })).toMatchObject({ status: 204, headers: { 'access-control-allow-headers': 'x-request-timeout-ms' } });
});
