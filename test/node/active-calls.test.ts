import { createServer as createHttp2, connect, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { RequestListener } from 'node:http';
import express from 'express';
import fastify from 'fastify';
import { NEVER, of } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bulkhead, circuitBreaker, healthBoard, policyRegistry } from '../../src/index.js';
import {
  activeCallsMiddleware, type ActiveCallsOptions, activeCallsPlugin, deadlineMiddleware, deadlinePlugin, healthHandler, healthPlugin, resilienceErrors,
} from '../../src/node/index.js';
import { ask, serve } from './sockets.js';

const name = 'x-bulkhead-active';
const late = { headers: { 'x-request-timeout-ms': '0' } };

/** A registry of which three calls hold permits. */
function busy() {
  const registry = policyRegistry();
  const [first, second] = [registry.register(bulkhead(2, 0, { name: 'a' })), registry.register(bulkhead(5, 0, { name: 'b' }))];
  registry.register(circuitBreaker());
  const running = [first, first, second].map((pool) => NEVER.pipe(pool).subscribe());
  return { registry, pool: second, end: () => running.forEach((call) => call.unsubscribe()) };
}

describe('activeCallsMiddleware', () => {
  it.each<[string, RequestListener]>([
    ['ends', (_req, res) => void res.end('x')],
    ['writes', (_req, res) => void (res.write('x'), res.end())],
    ['writes a head with headers', (_req, res) => void res.writeHead(201, { 'X-Other': 'y' }).end()],
    ['writes a head with a list', (_req, res) => void res.writeHead(201, 'Created', ['X-Other', 'y']).end()],
    ['flushes', (_req, res) => void (res.flushHeaders(), res.end())],
    ['fails', (req, res) => resilienceErrors()(new Error('x'), req, res)],
    ['has no time left', (req, res) => deadlineMiddleware()(req, res, () => undefined)],
    ['is a probe', (req, res) => healthHandler(healthBoard({}), { prefix: '' })(req, res)],
  ])('marks an answer that %s', async (_how, answer) => {
    const { registry } = busy();
    const mark = activeCallsMiddleware({ registry });
    const { port } = await serve((req, res) => mark(req, res, () => answer(req, res)));
    for (let i = 0; i < 2; i++) expect((await ask(port, '/ready', late)).headers[name]).toBe('3');
  });

  it('counts as the head goes out, not as the request comes', async () => {
    const { registry, pool, end } = busy();
    const mark = activeCallsMiddleware({ registry, header: 'X-Busy' });
    const { port } = await serve((req, res) => mark(req, res, () => {
      of(1).pipe(pool).subscribe(() => void (req.url === '/within' ? res.end() : undefined));
      if (req.url === '/within') return;
      end();
      res.end();
    }));
    expect((await ask(port, '/within')).headers['x-busy']).toBe('4');
    expect((await ask(port, '/after')).headers['x-busy']).toBe('0');
  });

  it('marks every answer of an application of Express, those of its own handlers too', async () => {
    const { registry } = busy();
    const app = express();
    app.use(activeCallsMiddleware({ registry, header: undefined }));
    app.get('/json', (_req, res) => void res.json({}));
    app.get('/fails', () => Promise.reject(new Error('x')));
    const failed: express.ErrorRequestHandler = (error: Error, _req, res, next) => (res.headersSent ? next(error) : void res.status(500).send(error.message));
    app.use(failed);
    const { port } = await serve(app);
    for (const path of ['/json', '/fails', '/nowhere']) expect((await ask(port, path)).headers[name]).toBe('3');
  });

  it('marks answers of HTTP/2', async () => {
    const mark = activeCallsMiddleware({ registry: busy().registry });
    const server: Http2Server = createHttp2((req, res) => mark(req, res, () => void (req.url === '/end' ? res.end('x') : res.writeHead(200, { a: 'b' }).end())));
    await new Promise<void>((go) => server.listen(0, go));
    const session = connect(`http://localhost:${(server.address() as AddressInfo).port}`);
    onTestFinished(() => void (session.destroy(), server.close()));
    for (const path of ['/end', '/head']) {
      const headers = await new Promise<Record<string, unknown>>((go) => session.request({ ':path': path }).on('response', go).resume());
      expect(headers[name]).toBe('3');
    }
  });
});

describe('activeCallsPlugin', () => {
  it('marks every answer of an application of Fastify', async () => {
    const { registry } = busy();
    const app = fastify();
    onTestFinished(() => app.close());
    await app.register(activeCallsPlugin, { registry, logLevel: 'warn' } as never);
    await app.register(healthPlugin, { board: healthBoard({}) });
    await app.register(deadlinePlugin, {});
    app.get('/x', () => ({}));
    app.get('/fails', () => Promise.reject(new Error('x')));
    app.get('/raw', (_request, reply) => void (reply.hijack(), reply.raw.writeHead(200, { a: 'b' }).end()));
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    for (const path of ['/x', '/fails', '/raw', '/nowhere', '/health/ready']) expect((await ask(port, path)).headers[name]).toBe('3');
    expect((await ask(port, '/x', late)).headers[name]).toBe('3');
  });
});

it.each<[unknown, RegExp]>([
  [{}, /^activeCalls(Middleware|Plugin): registry must be a policyRegistry, got undefined/], [{ registry: {} }, /^activeCalls(Middleware|Plugin): registry must be/], [undefined, /^activeCalls(Middleware|Plugin): options must be an object/],
  [{ registry: policyRegistry(), header: 'a b' }, /^activeCalls(Middleware|Plugin): header must be the name of a header, got 'a b'/], [{ registry: policyRegistry(), header: false }, /^activeCalls(Middleware|Plugin): header must be/],
  [{ registry: policyRegistry(), headers: 'x' }, /^activeCalls(Middleware|Plugin) has no option 'headers'/],
])('refuses %o', async (options, message) => {
  expect(() => activeCallsMiddleware(options as ActiveCallsOptions)).toThrow(message);
  if (options !== undefined) await expect(fastify().register(activeCallsPlugin, options as ActiveCallsOptions).ready()).rejects.toThrow(message);
});
