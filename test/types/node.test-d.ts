import express from 'express';
import fastify, { type FastifyInstance } from 'fastify';
import { createServer as createSecureServer } from 'node:https';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer as createHttp2Server } from 'node:http2';
import { describe, expectTypeOf, it } from 'vitest';
import { healthBoard } from '../../src/health/health-board.js';
import { asyncScheduler } from 'rxjs';
import { Deadline, policyRegistry } from '../../src/index.js';
import {
  activeCallsMiddleware, activeCallsPlugin, deadlineMiddleware, healthHandler, healthPlugin, type FastifyLike, resilienceErrors, resilienceErrorsPlugin, shutdownOnSignal, type Shutdown,
} from '../../src/node/index.js';

const board = healthBoard({});
const registry = policyRegistry();

describe('the types of node', () => {
  it('fit node:http, Express and Connect', () => {
    const handler = healthHandler(board, { registry, policies: true, authorize: async (req) => req.headers.authorization === 'x' });
    createServer(handler);
    createSecureServer(handler);
    const app = express();
    app.use(handler);
    app.use('/ops', handler);
    app.use(resilienceErrors());
    app.use('/ops', resilienceErrors());
    handler({} as IncomingMessage, {} as ServerResponse);
    app.use(activeCallsMiddleware({ registry, header: undefined }));
    app.use(deadlineMiddleware({ trustDeadline: ({ headers }) => headers['x-mesh-key'] === 'x' }));
    // @ts-expect-error its bulkheads are counted
    activeCallsMiddleware({});
    // @ts-expect-error a promise is no yes
    deadlineMiddleware({ trustDeadline: async () => true });
  });

  it('fit deadlines that come from outside', () => {
    Deadline.after(5, { trusted: false });
    Deadline.at(5, { scheduler: asyncScheduler, trusted: undefined });
    Deadline.after(5, asyncScheduler).child({ share: undefined, cap: undefined, reserve: undefined });
    expectTypeOf(Deadline.after(5).trusted).toEqualTypeOf<boolean>();
    // @ts-expect-error no such thing is known of it
    Deadline.after(5, { trust: false });
  });

  it('fit Fastify', () => {
    const app = fastify();
    void app.register(healthPlugin, { board, registry, prefix: '/ops/health', details: (req) => req.method === 'GET' });
    void app.register(resilienceErrorsPlugin, { retryAfter: 5 });
    void app.register(activeCallsPlugin, { registry });
    expectTypeOf<FastifyInstance>().toMatchTypeOf<FastifyLike>();
    // @ts-expect-error what is served has to be given
    void app.register(healthPlugin, { registry });
    // @ts-expect-error no such option
    healthHandler(board, { detials: true });
    // @ts-expect-error true is nobody's word
    healthHandler(board, { authorize: true });
  });

  it('fit whatever closes', () => {
    expectTypeOf(shutdownOnSignal(createServer(), board)).toEqualTypeOf<Shutdown>();
    shutdownOnSignal(fastify(), board, { wait: 0, signals: ['SIGTERM', 'SIGINT'] });
    shutdownOnSignal(createHttp2Server(), board);
    // @ts-expect-error no such signal
    shutdownOnSignal(createServer(), board, { signals: ['TERM'] });
  });
});
