/**
 * One service of a chain, a process of its own: it is told what to be by `SERVICE`, and says what happens to each request
 * on its output, a line for each event.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import fastify from 'fastify';
import { firstValueFrom } from 'rxjs';
import { resilientFetch } from '../../../src/fetch/index.js';
import {
  absoluteDeadline, attempt, currentContext, requestTimeout, resiliencePipeline, runInContext, withDeadline,
} from '../../../src/index.js';
import {
  deadlineMiddleware, type DeadlineMiddlewareOptions, deadlinePlugin, resilienceErrors, resilienceErrorsPlugin,
} from '../../../src/node/index.js';

export interface ServiceConfig {
  readonly framework: 'node:http' | 'Express' | 'Fastify';
  /** Milliseconds by which its clock is wrong. */
  readonly clock: number;
  /** The service that it calls; the last one works by itself. */
  readonly next?: string | undefined;
  /** Somebody else's service, which it calls before that. */
  readonly elsewhere?: string | undefined;
  /** It tells an instant rather than what is left. */
  readonly absolute?: boolean;
  /** It believes what its callers say of priority. */
  readonly trusts?: boolean;
}

const config = JSON.parse(process.env['SERVICE']!) as ServiceConfig;
const codec = config.absolute === true ? absoluteDeadline() : requestTimeout;
const options: DeadlineMiddlewareOptions = {
  accept: [codec],
  maximum: 20_000,
  // By a clock that is wrong an instant can say nothing.
  ...(config.absolute === true && { fallback: 5_000 }),
  trustPriority: () => config.trusts === true,
};

const send = resilientFetch({
  codec,
  propagateTo: config.next === undefined ? [] : [config.next],
  pipeline: (name) => resiliencePipeline({ name, breaker: {} }),
});

const say = (event: string, facts: object = {}): void => console.log(JSON.stringify({ event, ...facts }));

/** What it does for a request: something of its own, for `ms`, or what the next one does. */
async function serve(req: IncomingMessage): Promise<{ status: number; body: unknown }> {
  const { deadline, priority } = currentContext();
  const left = deadline?.remaining();
  const sent = Object.entries(req.headers).filter(([name]) => /^(?:priority|x-)/.test(name));
  say('started', { left, priority, sent: Object.fromEntries(sent) });
  const url = new URL(req.url!, 'http://localhost');
  const work = attempt(async ({ signal }) => {
    signal.addEventListener('abort', () => say('stopped', { by: (signal.reason as Error).name }));
    // A context that was lost on the way to here would be missing in what goes out.
    await sleep(1);
    if (config.next === undefined) {
      await sleep(Number(url.searchParams.get('ms')), undefined, { signal });
      return { status: 200, body: { left, priority } };
    }
    if (config.elsewhere !== undefined) await send(config.elsewhere, { signal });
    const res = await send(config.next + req.url, { method: req.method!, signal });
    const inner = (await res.json()) as unknown;
    return { status: res.status, body: res.ok ? { left, priority, inner } : inner };
  });
  const answer = await firstValueFrom(work.pipe(withDeadline()));
  say('finished', { status: answer.status });
  return answer;
}

/** What a route says of itself, before any header is read. */
const route = (req: IncomingMessage, next: () => void): void =>
  runInContext({ priority: req.url!.startsWith('/export') ? 'sheddable' : 'criticalPlus' }, next);

async function listen(): Promise<Server> {
  const failed = resilienceErrors();
  const deadline = deadlineMiddleware(options);
  if (config.framework === 'Express') {
    const app = express().set('env', 'test');
    if (config.trusts !== true) app.use((req, _res, next) => route(req, next));
    app.use(deadline, express.json());
    app.use(async (req, res) => {
      const { status, body } = await serve(req);
      res.status(status).json(body);
    });
    app.use(failed);
    return app.listen(0, '127.0.0.1');
  }
  if (config.framework === 'Fastify') {
    const app = fastify({ forceCloseConnections: true });
    await app.register(resilienceErrorsPlugin);
    await app.register(deadlinePlugin, options);
    app.all('/*', async (request, reply) => {
      const { status, body } = await serve(request.raw);
      return reply.code(status).send(body);
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    return app.server;
  }
  const server = createServer((req, res) =>
    route(req, () =>
      deadline(req, res, () =>
        serve(req).then(
          ({ status, body }) => res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
          (error: unknown) => failed(error, req, res),
        ),
      ),
    ),
  );
  return server.listen(0, '127.0.0.1');
}

void listen().then(async (server) => {
  if (!server.listening) await once(server, 'listening');
  say('listening', { port: (server.address() as AddressInfo).port });
});
