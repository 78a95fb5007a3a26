import express from 'express';
import fastify from 'fastify';
import { throwError } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BulkheadFullError, circuitBreaker } from '../../src/index.js';
import { resilienceErrors, resilienceErrorsPlugin } from '../../src/node/index.js';
import { ask, serve } from './sockets.js';

function refusedError(): unknown {
  const db = circuitBreaker({ name: 'secret', failureThreshold: 1, breakDuration: 1_500 });
  let refused: unknown;
  for (let i = 0; i < 2; i++) throwError(() => new Error('hunter2')).pipe(db).subscribe({ error: (error: unknown) => (refused = error) });
  return refused;
}

const expected = {
  status: 503, body: '{"error":"Service Unavailable","retryAfter":2}',
  headers: { 'retry-after': '2', 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
};

const full = new BulkheadFullError('secret', 'full', { active: 1, limit: 1, queued: 0, capacity: 0 });

describe('resilienceErrors on node:http', () => {
  const failed = resilienceErrors();
  it('answers ours', async () => {
    const { port } = await serve((req, res) => failed(refusedError(), req, res));
    expect(await ask(port, '/')).toMatchObject(expected);
  });

  it('says when to come back where the refusal does not know', async () => {
    const later = resilienceErrors({ retryAfter: 7_500 });
    const { port } = await serve((req, res) => (req.url === '/' ? failed : later)(full, req, res));
    expect((await ask(port, '/')).headers['retry-after']).toBe('1');
    expect(await ask(port, '/later')).toMatchObject({ body: '{"error":"Service Unavailable","retryAfter":8}', headers: { 'retry-after': '8' } });
  });

  it('says nothing of others', async () => {
    const { port } = await serve((req, res) => failed(new Error('hunter2'), req, res));
    expect(await ask(port, '/')).toMatchObject({ status: 500, body: '{"error":"Internal Server Error"}' });
  });

  it('cuts what has begun', async () => {
    const { port } = await serve((req, res) => {
      res.write('half of it');
      setImmediate(() => failed(refusedError(), req, res));
    });
    await expect(ask(port, '/')).rejects.toThrow(/aborted|hang up|ECONNRESET/);
  });

  it('hands on what it does not answer', () => {
    const handed: unknown[] = [];
    const [foreign, ours] = [new Error('x'), refusedError()];
    failed(foreign, {} as never, { headersSent: false } as never, (error) => handed.push(error));
    failed(ours, {} as never, { headersSent: true } as never, (error) => handed.push(error));
    expect(handed).toStrictEqual([foreign, ours]);
  });
});

/** Express counts the parameters. */
const theirs: express.ErrorRequestHandler = (error, _req, res, next) => (res.headersSent ? next(error) : void res.status(502).send((error as Error).message));

describe('resilienceErrors in Express', () => {
  it('answers ours, also of sub-routers, and leaves the others to the application', async () => {
    const app = express();
    const router = express.Router();
    router.get('/ours', async () => { throw refusedError(); });
    router.get('/theirs', () => { throw new Error('theirs'); });
    app.use('/sub', router);
    app.use(resilienceErrors());
    app.use(theirs);
    const { port } = await serve(app);
    expect(await ask(port, '/sub/ours')).toMatchObject(expected);
    expect(await ask(port, '/sub/theirs')).toMatchObject({ status: 502, body: 'theirs' });
    expect((await ask(port, '/sub/ours', { method: 'HEAD' })).body).toBe('');
  });
});

describe('resilienceErrorsPlugin in Fastify', () => {
  it('answers ours in sibling and child routes, and leaves the others to the handler that was there', async () => {
    const app = fastify();
    onTestFinished(() => app.close());
    app.setErrorHandler((error, _request, reply) => void reply.code(502).send((error as Error).message));
    await app.register(resilienceErrorsPlugin);
    app.get('/ours', () => { throw refusedError(); });
    app.get('/theirs', () => { throw new Error('theirs'); });
    await app.register(async (child) => void child.get('/ours', () => Promise.reject(refusedError())), { prefix: '/child' });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as { port: number };
    for (const path of ['/ours', '/child/ours']) expect(await ask(port, path)).toMatchObject(expected);
    expect(await ask(port, '/theirs')).toMatchObject({ status: 502, body: 'theirs' });
  });

  it('says when to come back where the refusal does not know', async () => {
    const app = fastify();
    await app.register(resilienceErrorsPlugin, { retryAfter: 7_500, logLevel: 'warn' } as never);
    app.get('/', () => Promise.reject(full));
    const answer = await app.inject('/');
    expect([answer.headers['retry-after'], answer.json().retryAfter]).toStrictEqual(['8', 8]);
  });

  it.each([[{ retryAfter: -1 }], [{ after: 5 }]])('is not registered with %o', async (options) => {
    const app = fastify();
    await expect(app.register(resilienceErrorsPlugin, options as object).ready()).rejects.toThrow(/^resilienceErrorsPlugin(: retryAfter must be| has no option 'after')/);
  });

  it('leaves them to Fastify where there was none', async () => {
    const app = fastify();
    await app.register(resilienceErrorsPlugin);
    app.get('/theirs', () => { throw Object.assign(new Error('theirs'), { statusCode: 418 }); });
    const answer = await app.inject('/theirs');
    expect([answer.statusCode, answer.json().message]).toStrictEqual([418, 'theirs']);
  });
});
