import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect as connect2, createServer as createServer2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import express, { type Request, type Response } from 'express';
import fastify from 'fastify';
import { BehaviorSubject, firstValueFrom, of, switchMap, timer } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { attempt, bulkhead, currentContext, Deadline, retryWithBackoff, constant, runInContext, withDeadline } from '../../src/index.js';
import { deadlineMiddleware, deadlinePlugin } from '../../src/node/index.js';
import { ask, serve, sleep } from './sockets.js';

/** What this code sees of its request: the priority is told apart from one request to the next. */
const seen = (): string => currentContext().priority ?? 'nothing';
const trusting = deadlineMiddleware({ trustPriority: () => true });
const lowered = { priority: 'u=5', 'x-request-timeout-ms': '30000' };

/** Everything an operator can come through between the request and itself. */
async function everywhere(): Promise<Record<string, string>> {
  const found: Record<string, string> = { now: seen() };
  const sees = attempt(() => of(seen()));
  await sleep(1);
  found['await'] = seen();
  found['operator'] = await firstValueFrom(sees.pipe(withDeadline()));
  found['attempt'] = await firstValueFrom(attempt(async () => (await sleep(1), seen())));
  found['timer'] = await new Promise((resolve) => setTimeout(() => resolve(seen())));
  found['microtask'] = await new Promise((resolve) => queueMicrotask(() => resolve(seen())));
  found['switchMap'] = await firstValueFrom(timer(1).pipe(switchMap(() => timer(1)), switchMap(() => sees)));
  found['state'] = await firstValueFrom(new BehaviorSubject(0).pipe(switchMap(() => sees)));
  found['retry'] = await firstValueFrom(
    attempt(({ attempt: n }) => {
      if (n === 1) throw Object.assign(new Error('again'), { code: 'ECONNRESET' });
      return of(seen());
    }).pipe(retryWithBackoff(constant(1), { maxRetries: 1, budget: false })),
  );
  return found;
}

const everywhereSheddable = {
  ...{ now: 'sheddablePlus', await: 'sheddablePlus', operator: 'sheddablePlus', attempt: 'sheddablePlus', timer: 'sheddablePlus' },
  ...{ microtask: 'sheddablePlus', switchMap: 'sheddablePlus', state: 'sheddablePlus', retry: 'sheddablePlus' },
};

/** A body that comes in two parts, with a pause between them. */
async function slowly(port: number, path = '/'): Promise<unknown> {
  const headers = { ...lowered, 'content-type': 'application/json', 'content-length': '7' };
  const sent = request({ host: '127.0.0.1', port, path, method: 'POST', headers, agent: false });
  sent.write('{"a');
  setTimeout(() => sent.end('":1}'), 40);
  const [res] = (await once(sent, 'response')) as [NodeJS.ReadableStream];
  let text = '';
  for await (const chunk of res) text += String(chunk);
  return JSON.parse(text);
}

describe('node:http', () => {
  it('sees the context of the request wherever work leads', async () => {
    const { port } = await serve((req, res) => trusting(req, res, async () => void res.end(JSON.stringify(await everywhere()))));
    expect(JSON.parse((await ask(port, '/', { headers: lowered })).body)).toStrictEqual(everywhereSheddable);
  });

  it('sees it in whoever listens for a body that comes slowly', async () => {
    const { port } = await serve((req, res) =>
      trusting(req, res, () => {
        const found: string[] = [seen()];
        req.on('data', () => found.push(`data ${seen()}`));
        req.on('end', async () => {
          found.push(`end ${seen()}`);
          await sleep(1);
          found.push(`later ${seen()}`, await firstValueFrom(attempt(() => of(seen()))));
          res.end(JSON.stringify(found));
        });
      }),
    );
    const own = 'sheddablePlus';
    expect(await slowly(port)).toStrictEqual([own, `data ${own}`, `data ${own}`, `end ${own}`, `later ${own}`, own]);
  });

  it('sees it in whoever reads a body that comes slowly', async () => {
    const { port } = await serve((req, res) =>
      trusting(req, res, async () => {
        const found: string[] = [];
        for await (const chunk of req) found.push(String(chunk).length > 0 ? seen() : 'empty');
        res.end(JSON.stringify([...found, seen()]));
      }),
    );
    expect(await slowly(port)).toStrictEqual(['sheddablePlus', 'sheddablePlus', 'sheddablePlus']);
  });

  it('keeps two requests apart that wait in one queue', async () => {
    const pool = bulkhead(1, 10);
    const { port } = await serve((req, res) =>
      trusting(req, res, async () => {
        const work = attempt(async () => (await sleep(5), `${seen()} ${currentContext().deadline!.remaining() > 5_000}`));
        res.end(await firstValueFrom(work.pipe(pool)));
      }),
    );
    const asked = ['u=5', 'u=7', 'u=5', 'u=7', 'u=7'].map((priority, index) =>
      ask(port, '/', { headers: { priority, 'x-request-timeout-ms': index % 2 === 0 ? '30000' : '4000' } }),
    );
    const bodies = (await Promise.all(asked)).map(({ body }) => body);
    expect(bodies).toStrictEqual(['sheddablePlus true', 'sheddable false', 'sheddablePlus true', 'sheddable false', 'sheddable true']);
  });

  it('begins each request anew, whatever the server was started in, and however many share a connection', async () => {
    const boot = { deadline: Deadline.after(0), priority: 'sheddable', tags: { boot: true } } as const;
    const { port } = await runInContext(boot, () =>
      serve((req, res) => deadlineMiddleware()(req, res, async () => {
        const { priority, deadline, tags } = currentContext();
        await sleep(1);
        res.end(JSON.stringify({ priority, deadline, tags, later: currentContext() }));
      })),
    );
    for (const method of ['POST', 'PUT']) {
      const { status, body } = await ask(port, '/', { method });
      expect([status, JSON.parse(body)]).toStrictEqual([200, { later: { attempt: 1 } }]);
    }
  });

  it('leaves nothing of a request to the next one on its connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const { port } = await serve((req, res) =>
      trusting(req, res, () => {
        const found = [seen()];
        req.resume().on('end', async () => {
          found.push(seen());
          await sleep(1);
          res.end([...found, seen(), currentContext().deadline === undefined].join());
        });
      }),
    );
    const post = async (headers: Record<string, string>): Promise<string> => {
      const sent = request({ host: '127.0.0.1', port, method: 'POST', headers, agent }).end('some');
      const [res] = (await once(sent, 'response')) as [NodeJS.ReadableStream];
      return (await (res as unknown as AsyncIterable<Buffer> & { toArray(): Promise<Buffer[]> }).toArray()).join('');
    };
    const [own, none] = ['sheddablePlus,sheddablePlus,sheddablePlus,false', 'nothing,nothing,nothing,true'];
    expect([await post(lowered), await post({}), await post(lowered), await post({})]).toStrictEqual([own, none, own, none]);
  });

  it('leaves what others keep for a request as it is', async () => {
    const tenants = new AsyncLocalStorage<string>();
    const { port } = await serve((req, res) =>
      tenants.run('a tenant', () =>
        trusting(req, res, async () => {
          await sleep(1);
          res.end(`${tenants.getStore()} ${seen()}`);
        }),
      ),
    );
    expect((await ask(port, '/', { headers: lowered })).body).toBe('a tenant sheddablePlus');
  });

  it('hands on what is thrown at once', () => {
    const req = { method: 'POST', headers: {} } as never;
    const thrown = new Error('theirs');
    expect(() => trusting(req, {} as never, () => { throw thrown; })).toThrow(thrown);
    expect(currentContext()).toStrictEqual({ attempt: 1 });
  });
});

describe('Express', () => {
  const found = async (_req: Request, res: Response): Promise<void> => void res.json(await everywhere());

  it('sees it behind a parser that waits for a slow body', async () => {
    const app = express();
    app.use(trusting, express.json());
    app.post('/', found);
    const { port } = await serve(app);
    expect(await slowly(port)).toStrictEqual(everywhereSheddable);
  });

  it('takes the earlier deadline and the lower priority of two middlewares, also with a wait between them', async () => {
    const app = express();
    app.use(trusting);
    app.use((_req, _res, next) => void sleep(1).then(() => next()));
    const router = express.Router();
    router.use(deadlineMiddleware({ maximum: 5_000 }), express.json());
    router.post('/', (req, res) => {
      const { deadline, priority } = currentContext();
      req.on('close', () => undefined);
      res.json([priority, deadline!.remaining() <= 5_000, deadline!.remaining() > 1_000]);
    });
    app.use('/route', router);
    app.post('/', (_req, res) => void res.json(currentContext().deadline!.remaining() > 20_000));
    const { port } = await serve(app);
    expect(await slowly(port, '/route')).toStrictEqual(['sheddablePlus', true, true]);
    expect(await slowly(port)).toBe(true);
  });

  it('measures a header once, also where a middleware loses the context', async () => {
    const lost = new AsyncResource('boot');
    const app = express();
    app.use(deadlineMiddleware());
    app.use((_req, _res, next) => void setTimeout(() => lost.runInAsyncScope(next), 150));
    app.get('/lost', (_req, res) => void res.json(currentContext().deadline?.remaining() ?? 'lost'));
    app.use(deadlineMiddleware());
    app.get('/', (_req, res) => void res.json(currentContext().deadline!.remaining()));
    const { port } = await serve(app);
    expect((await ask(port, '/lost', { headers: lowered })).body).toBe('"lost"');
    expect(JSON.parse((await ask(port, '/', { headers: lowered })).body)).toBeLessThanOrEqual(29_900);
  });

  it('gives to those who listen to the request what was said of it last', async () => {
    const app = express();
    app.use(deadlineMiddleware(), deadlineMiddleware({ maximum: 5_000 }));
    app.post('/', (req, res) => {
      req.resume().on('end', () => res.json(currentContext().deadline!.remaining() <= 5_000));
    });
    const { port } = await serve(app);
    expect(await slowly(port)).toBe(true);
  });
});

describe('Fastify', () => {
  it('sees it in hooks, and in handlers behind a slow body, of sibling and child routes', async () => {
    const app = fastify();
    onTestFinished(() => app.close());
    await app.register(deadlinePlugin, { trustPriority: () => true });
    const hooks: string[] = [];
    app.addHook('preHandler', async () => void hooks.push(seen()));
    app.post('/', everywhere);
    await app.register(async (child) => void child.post('/', everywhere), { prefix: '/child' });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    for (const path of ['/', '/child/']) expect(await slowly(port, path)).toStrictEqual(everywhereSheddable);
    expect(hooks).toStrictEqual(['sheddablePlus', 'sheddablePlus']);
    const injected = await app.inject({ method: 'POST', url: '/', headers: lowered, payload: {} });
    expect(injected.json()).toStrictEqual(everywhereSheddable);
  });

  it('answers with 504 by a reply that hooks see', async () => {
    const app = fastify();
    await app.register(deadlinePlugin);
    app.addHook('onSend', async (_request, reply) => void reply.header('access-control-allow-origin', '*'));
    let called = false;
    app.post('/', () => ((called = true), 'done'));
    const answer = await app.inject({ method: 'POST', url: '/', headers: { 'grpc-timeout': '0m' }, payload: { a: 1 } });
    expect([called, answer.statusCode, answer.json()]).toStrictEqual([false, 504, { error: 'Gateway Timeout' }]);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect((await app.inject({ method: 'POST', url: '/', payload: { a: 1 } })).statusCode).toBe(200);
  });
});

describe('HTTP/2', () => {
  it('sees it as well, behind a slow body too, and answers what is late', async () => {
    const server = createServer2((req, res) =>
      trusting(req, res, () => {
        req.resume().on('end', async () => void res.end(JSON.stringify(await everywhere())));
      }),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const session = connect2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onTestFinished(() => session.close());
    const post = async (headers: Record<string, string>): Promise<unknown> => {
      const stream = session.request({ ':method': 'POST', ...headers });
      stream.write('some');
      setTimeout(() => stream.end('more'), 20);
      const [head] = (await once(stream, 'response')) as [Record<string, unknown>];
      let text = '';
      for await (const chunk of stream) text += String(chunk);
      return [head[':status'], JSON.parse(text)];
    };
    expect(await post(lowered)).toStrictEqual([200, everywhereSheddable]);
    expect(await post({ 'x-request-timeout-ms': '0' })).toStrictEqual([504, { error: 'Gateway Timeout' }]);
    expect(await post(lowered)).toStrictEqual([200, everywhereSheddable]);
  });
});
