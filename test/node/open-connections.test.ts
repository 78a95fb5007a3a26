import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type RequestListener, Server } from 'node:http';
import { connect, createServer as createHttp2, type Http2Server } from 'node:http2';
import { type AddressInfo, connect as connectTo, type Socket } from 'node:net';
import express from 'express';
import fastify from 'fastify';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { healthBoard } from '../../src/health/health-board.js';
import { type Closable, shutdownOnSignal, type ShutdownOptions, type ShutdownReport } from '../../src/node/index.js';
import { sleep, until } from './sockets.js';

const signal = 'SIGUSR2';
const board = healthBoard({});

interface Started {
  readonly port: number;
  readonly server: Closable;
  /** What Node knows of it. */
  readonly http: Server | Http2Server;
}

async function listening(http: Server | Http2Server, server: Closable = http): Promise<Started> {
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => void http.close());
  return { http, server, port: (http.address() as AddressInfo).port };
}

/** `handle` decides when and how it is answered. */
const kinds: [string, (handle: RequestListener) => Promise<Started>][] = [
  ['node:http', (handle) => listening(createServer(handle))],
  ['Express', (handle) => {
    const app = express();
    app.use((req, res) => void handle(req, res));
    return listening(createServer(app));
  }],
  ['Fastify', async (handle) => {
    const app = fastify({ forceCloseConnections: false });
    app.all('/*', (request, reply) => {
      const res = { end: (text: string) => void reply.send(text), writeHead: (status: number) => (reply.hijack(), reply.raw.writeHead(status)), write: (text: string) => reply.raw.write(text) };
      handle(request.raw, res as never);
      return reply;
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    return { port: (app.server.address() as AddressInfo).port, server: app, http: app.server };
  }],
];

/** Begins at once. */
function shutDown({ server }: Started, options: ShutdownOptions): Promise<ShutdownReport> {
  const { done } = shutdownOnSignal(server, board, { signals: [signal], ...options });
  return done;
}

async function opened(port: number, text: string): Promise<{ socket: Socket; said: () => string }> {
  const socket = connectTo(port, '127.0.0.1').on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  let said = '';
  socket.setEncoding('latin1').on('data', (part: string) => (said += part));
  await once(socket, 'connect');
  socket.write(text);
  return { socket, said: () => said };
}

const upgrade = 'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';
const tunnel = 'CONNECT db:5432 HTTP/1.1\r\nHost: db:5432\r\n\r\n';
const ask = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

function takeOver(server: Server | Http2Server): void {
  for (const event of ['upgrade', 'connect']) {
    server.on(event, (_req: IncomingMessage, socket: Socket) => {
      socket.on('error', () => undefined).on('end', () => socket.end()).resume().write('HTTP/1.1 101 Yes\r\n\r\n');
    });
  }
}

describe.each(kinds)('a connection that a protocol has taken over, on %s', (_kind, make) => {
  it.each([['a WebSocket', upgrade], ['a tunnel', tunnel]])('is cut at the limit, and left alone until then: %s', async (_what, head) => {
    const started = await make((_req, res) => void res.end('x'));
    takeOver(started.http);
    const before = process.listenerCount(signal);
    const done = shutDown(started, { wait: 20, limit: 400 });
    const { socket, said } = await opened(started.port, head);
    await until(() => said().includes('101'));
    process.emit(signal, signal);
    await sleep(250);
    expect(socket.destroyed).toBe(false);
    expect(await done).toStrictEqual({ signal, forced: true });
    await until(() => socket.destroyed);
    expect(process.listenerCount(signal)).toBe(before);
  });

  it('is cut at a second signal', async () => {
    const started = await make((_req, res) => void res.end('x'));
    takeOver(started.http);
    const before = process.listenerCount(signal);
    const done = shutDown(started, { wait: 20_000, limit: 30_000 });
    const { socket, said } = await opened(started.port, upgrade);
    await until(() => said().includes('101'));
    process.emit(signal, signal);
    process.emit(signal, signal);
    // Nothing is left that a third one could do: it ends the process.
    expect(process.listenerCount(signal)).toBe(before);
    expect(await done).toStrictEqual({ signal, forced: true });
    await until(() => socket.destroyed);
  });

  it('is cut where it was there before', async () => {
    const started = await make((_req, res) => void res.end('x'));
    takeOver(started.http);
    const { socket, said } = await opened(started.port, upgrade);
    await until(() => said().includes('101'));
    const done = shutDown(started, { wait: 0, limit: 50 });
    process.emit(signal, signal);
    expect(await done).toStrictEqual({ signal, forced: true });
    await until(() => socket.destroyed);
  });

  it('holds up nobody where it was there before, and the platform lists nothing', async () => {
    const started = await make((_req, res) => void res.end('x'));
    takeOver(started.http);
    const { said } = await opened(started.port, upgrade);
    await until(() => said().includes('101'));
    const listed = vi.spyOn(process as unknown as { _getActiveHandles: () => unknown[] }, '_getActiveHandles').mockReturnValue([]);
    onTestFinished(() => listed.mockRestore());
    const done = shutDown(started, { wait: 0, limit: 50 });
    process.emit(signal, signal);
    expect(await done).toStrictEqual({ signal, forced: true });
  });

  it('that ends by itself lets the server close', async () => {
    const started = await make((_req, res) => void res.end('x'));
    takeOver(started.http);
    const done = shutDown(started, { wait: 20, limit: 20_000 });
    const { socket, said } = await opened(started.port, upgrade);
    await until(() => said().includes('101'));
    process.emit(signal, signal);
    await sleep(100);
    socket.destroy();
    expect(await done).toStrictEqual({ signal, forced: false });
  });
});

describe.each(kinds)('an answer in flight while the server closes, on %s', (_kind, make) => {
  it('ends its connection, and says so', async () => {
    const started = await make((_req, res) => void setTimeout(() => res.end('x'), 200));
    const done = shutDown(started, { wait: 20, limit: 5_000 });
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const answers = [1, 2].map(() => new Promise<IncomingMessage>((go) => get({ port: started.port, host: '127.0.0.1', agent }, (res) => go(res.resume()))));
    await sleep(50);
    process.emit(signal, signal);
    for (const { headers, statusCode } of await Promise.all(answers)) {
      expect([statusCode, headers.connection, headers['keep-alive']]).toStrictEqual([200, 'close', undefined]);
    }
    expect(await done).toStrictEqual({ signal, forced: false });
  });

  it('ends its connection where it was asked for before', async () => {
    const started = await make((_req, res) => void setTimeout(() => res.end('x'), 300));
    const { socket, said } = await opened(started.port, ask('/'));
    await sleep(50);
    const done = shutDown(started, { wait: 0, limit: 5_000 });
    process.emit(signal, signal);
    expect(await done).toStrictEqual({ signal, forced: false });
    await until(() => socket.destroyed);
    expect(said()).toMatch(/^connection: close/im);
  });

  it('is left as it is where its head is out', async () => {
    const started = await make((_req, res) => {
      res.writeHead(200).write('begin');
      setTimeout(() => (_kind === 'Fastify' ? undefined : res.end('end')), 200);
    });
    const done = shutDown(started, { wait: 20, limit: 400 });
    const { said } = await opened(started.port, ask('/'));
    await until(() => said().includes('begin'));
    process.emit(signal, signal);
    await done;
    expect(said()).toMatch(/connection: keep-alive/i);
  });
});

describe('pipelined requests', () => {
  const slow: RequestListener = (req, res) => void setTimeout(() => res.end(`<${req.url}>`), 500);
  const heads = (said: string): (string | undefined)[] => [...said.matchAll(/^connection: (.*)$/gim)].map(([, value]) => value!.trim().toLowerCase());

  it('are all answered, and the last one ends the connection', async () => {
    const started = await listening(createServer(slow));
    const done = shutDown(started, { wait: 20, limit: 5_000 });
    const { said, socket } = await opened(started.port, ask('/a') + ask('/b') + ask('/c'));
    await sleep(50);
    process.emit(signal, signal);
    expect(await done).toStrictEqual({ signal, forced: false });
    await until(() => socket.destroyed);
    expect(said().match(/<.*?>/g)).toStrictEqual(['</a>', '</b>', '</c>']);
    expect(heads(said()).at(-1)).toBe('close');
    expect(heads(said()).slice(0, -1)).not.toContain('close');
  });

  it('are answered though they come only once the server closes', async () => {
    const started = await listening(createServer(slow));
    const done = shutDown(started, { wait: 20, limit: 5_000 });
    const { socket, said } = await opened(started.port, ask('/a'));
    await sleep(50);
    process.emit(signal, signal);
    await sleep(50);
    socket.write(ask('/b'));
    expect(await done).toStrictEqual({ signal, forced: false });
    await until(() => socket.destroyed);
    expect(said().match(/<.*?>/g)).toStrictEqual(['</a>', '</b>']);
    expect(heads(said()).filter((value) => value === 'close').length).toBe(1);
  });

  it('keep what the application says of the connection', async () => {
    const started = await listening(createServer((req, res) => {
      if (req.url === '/a') res.setHeader('Connection', 'close');
      slow(req, res);
    }));
    const { said, socket } = await opened(started.port, ask('/a'));
    const done = shutDown(started, { wait: 0, limit: 5_000 });
    process.emit(signal, signal);
    await done;
    await until(() => socket.destroyed);
    expect(heads(said())).toStrictEqual(['close']);
  });
});

describe('a connection that has never asked for anything', () => {
  it('does not hold the shutdown, and one whose request is under way is answered', async () => {
    const started = await listening(createServer((_req, res) => void res.end('x')));
    const { socket: silent } = await opened(started.port, '');
    const { said, socket } = await opened(started.port, ask('/'));
    const done = shutDown(started, { wait: 0, limit: 5_000 });
    process.emit(signal, signal);
    expect(await done).toMatchObject({ forced: false });
    await until(() => socket.destroyed && silent.destroyed);
    expect(said()).toContain(' 200 ');
  });
});

describe('HTTP/2', () => {
  const slow = (ms: number): RequestListener => (_req, res) => void setTimeout(() => res.end('x'), ms);
  const asked = (port: number) => {
    const session = connect(`http://127.0.0.1:${port}`).on('error', () => undefined);
    onTestFinished(() => session.destroy());
    const request = session.request({ ':path': '/' }).on('error', () => undefined).resume();
    return { session, request };
  };

  it('lets streams end, and its sessions with them', async () => {
    const started = await listening(createHttp2(slow(200) as never));
    const done = shutDown(started, { wait: 20, limit: 5_000 });
    const { request, session } = asked(started.port);
    const status = once(request, 'response').then(([headers]) => (headers as Record<string, unknown>)[':status']);
    await sleep(50);
    process.emit(signal, signal);
    expect(await status).toBe(200);
    expect(await done).toStrictEqual({ signal, forced: false });
    await until(() => session.destroyed);
  });

  it('is cut at the limit', async () => {
    const started = await listening(createHttp2(() => undefined));
    const done = shutDown(started, { wait: 20, limit: 200 });
    const { session } = asked(started.port);
    await sleep(50);
    process.emit(signal, signal);
    expect(await done).toStrictEqual({ signal, forced: true });
    await until(() => session.destroyed);
  });
});

describe('a server', () => {
  it('has nothing of ours once the shutdown is over, or was given up', async () => {
    const counts = (server: Server): number[] => ['connection', 'request', 'session'].map((event) => server.listenerCount(event));
    const server = createServer((_req, res) => void res.end('x'));
    const before = counts(server);
    shutdownOnSignal(server, board, { signals: [signal] }).dispose();
    expect(counts(server)).toStrictEqual(before);
    const done = shutDown(await listening(server), { wait: 0, limit: 100 });
    process.emit(signal, signal);
    await done;
    expect(counts(server)).toStrictEqual(before);
  });

  it('that has answered keeps nothing of that', async () => {
    const answers: WeakRef<object>[] = [];
    const started = await listening(createServer((_req, res) => {
      answers.push(new WeakRef(res));
      res.end('x');
    }));
    const shutdown = shutdownOnSignal(started.server, board, { signals: [signal] });
    onTestFinished(() => shutdown.dispose());
    const { said } = await opened(started.port, ask('/'));
    await until(() => said().includes('x'));
    await until(() => {
      globalThis.gc?.();
      return globalThis.gc === undefined || answers[0]!.deref() === undefined;
    });
  });
});
