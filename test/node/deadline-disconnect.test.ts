import { once } from 'node:events';
import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect as connect2, createServer as createServer2, constants } from 'node:http2';
import { connect, type AddressInfo } from 'node:net';
import { AsyncLocalStorage } from 'node:async_hooks';
import { firstValueFrom, NEVER } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { attempt, currentContext, runInContext, withDeadline } from '../../src/index.js';
import { deadlineMiddleware, type DeadlineMiddlewareOptions } from '../../src/node/index.js';
import { ask, serve, until } from './sockets.js';

interface Watched {
  readonly port: number;
  /** Of each request that has come, in order. */
  readonly signals: (AbortSignal | undefined)[];
  readonly requests: IncomingMessage[];
  readonly responses: ServerResponse[];
}

async function watched(options: DeadlineMiddlewareOptions, answer: (res: ServerResponse) => void = () => undefined): Promise<Watched> {
  const [signals, requests, responses]: [Watched['signals'], IncomingMessage[], ServerResponse[]] = [[], [], []];
  const deadline = deadlineMiddleware(options);
  const { port } = await serve((req, res) =>
    deadline(req, res, () => {
      signals.push(currentContext().signal);
      requests.push(req);
      responses.push(res);
      answer(res);
    }),
  );
  return { port, signals, requests, responses };
}

/** A request whose client leaves as soon as the server has it. */
async function leave(server: Watched, method: string, headers: Record<string, string> = {}): Promise<AbortSignal | undefined> {
  const before = server.signals.length;
  const sent = request({ host: '127.0.0.1', port: server.port, method, headers, agent: false });
  sent.on('error', () => undefined).end();
  await until(() => server.signals.length > before);
  const res = server.responses[before]!;
  const closed = once(res, 'close');
  sent.destroy();
  await closed;
  return server.signals[before];
}

describe('a client that leaves', () => {
  it.each(['GET', 'HEAD', 'OPTIONS', 'TRACE'])('aborts %s, with an AbortError', async (method) => {
    const signal = await leave(await watched({}), method);
    expect(signal?.aborted).toBe(true);
    expect(signal?.reason).toBeInstanceOf(DOMException);
    expect((signal?.reason as DOMException).name).toBe('AbortError');
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'REPORT'])('does not disturb %s', async (method) => {
    expect(await leave(await watched({}), method)).toBeUndefined();
  });

  it('aborts the methods that are listed, and no other', async () => {
    const server = await watched({ cancelOnDisconnect: ['POST', 'REPORT'] });
    expect((await leave(server, 'POST'))?.aborted).toBe(true);
    expect((await leave(server, 'REPORT'))?.aborted).toBe(true);
    expect(await leave(server, 'GET')).toBeUndefined();
    expect(await leave(await watched({ cancelOnDisconnect: [] }), 'GET')).toBeUndefined();
  });

  it('aborts what a function says, and nothing where it throws or answers with something else', async () => {
    const server = await watched({ cancelOnDisconnect: (req) => req.headers['x-report'] === 'yes' });
    expect((await leave(server, 'POST', { 'x-report': 'yes' }))?.aborted).toBe(true);
    expect(await leave(server, 'GET')).toBeUndefined();
    expect(await leave(await watched({ cancelOnDisconnect: () => { throw new Error('no'); } }), 'GET')).toBeUndefined();
    expect(await leave(await watched({ cancelOnDisconnect: () => Promise.resolve(true) as never }), 'GET')).toBeUndefined();
  });

  it('ends a call that keeps the context', async () => {
    const ended: unknown[] = [];
    const work = attempt(({ signal }) => {
      signal.addEventListener('abort', () => ended.push('stopped'));
      return NEVER;
    });
    const server = await watched({}, () => void firstValueFrom(work.pipe(withDeadline())).catch((error: Error) => ended.push(error.name)));
    await leave(server, 'GET');
    await until(() => ended.length === 2);
    expect(ended).toStrictEqual(['stopped', 'AbortError']);
  });

  it('aborts also half way through an upload, and half way through a response', async () => {
    const upload = await watched({ cancelOnDisconnect: ['POST'] });
    const socket = connect(upload.port, '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsome');
    await until(() => upload.signals.length === 1);
    upload.requests[0]!.resume();
    socket.destroy();
    await until(() => upload.signals[0]!.aborted);
    const download = await watched({}, (res) => void res.write('half'));
    expect((await leave(download, 'GET'))?.aborted).toBe(true);
  });

  it('tells those who listen in the context of their request, and in what else was kept for it', async () => {
    const tenants = new AsyncLocalStorage<string>();
    const heard: unknown[] = [];
    const deadline = deadlineMiddleware({ fallback: 5_000 });
    const { port } = await serve((req, res) =>
      tenants.run('a tenant', () =>
        deadline(req, res, () => {
          currentContext().signal!.addEventListener('abort', () => heard.push(tenants.getStore(), currentContext().deadline!.remaining() > 0));
          setImmediate(() => req.socket.destroy());
        }),
      ),
    );
    await expect(ask(port, '/')).rejects.toThrow();
    await until(() => heard.length === 2);
    expect(heard).toStrictEqual(['a tenant', true]);
  });

  it('who has left before anything was run is found to have left', async () => {
    const deadline = deadlineMiddleware();
    const seen: unknown[] = [];
    const { port } = await serve((req, res) => {
      res.once('close', () => deadline(req, res, () => void seen.push(currentContext().signal?.aborted)));
      setImmediate(() => req.socket.destroy());
    });
    await expect(ask(port, '/')).rejects.toThrow();
    await until(() => seen.length === 1);
    expect(seen).toStrictEqual([true]);
  });

  it('aborts also what somebody further out would cancel', () => {
    const [outer, res] = [new AbortController(), { once: () => undefined } as never];
    const req = (method: string) => ({ method, headers: {} }) as never;
    const signals: (AbortSignal | undefined)[] = [];
    runInContext({ signal: outer.signal }, () => {
      for (const method of ['GET', 'POST']) deadlineMiddleware()(req(method), res, () => void signals.push(currentContext().signal));
    });
    const reason = new Error('enough');
    outer.abort(reason);
    expect(signals.map((signal) => signal?.reason as unknown)).toStrictEqual([reason, reason]);
  });
});

describe('a client that stays', () => {
  it('aborts nothing when the response has ended, though it closes the connection then', async () => {
    const server = await watched({}, (res) => res.end('done'));
    await ask(server.port, '/');
    await until(() => server.responses[0]!.closed);
    expect(server.signals[0]!.aborted).toBe(false);
  });

  it('aborts nothing where it leaves while the end of the response is on its way', async () => {
    const server = await watched({}, (res) => res.end('x'.repeat(20_000_000)));
    const sent = request({ host: '127.0.0.1', port: server.port, agent: false }).end();
    const [res] = (await once(sent, 'response')) as [IncomingMessage];
    const closed = once(server.responses[0]!, 'close');
    res.on('error', () => undefined);
    sent.destroy();
    await closed;
    expect(server.signals[0]!.aborted).toBe(false);
  });

  it('finds its connection usable after a 504, though its body was never read', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const sockets = new Set<unknown>();
    const server = await watched({}, (res) => res.end('done'));
    const post = async (timeout: string): Promise<number> => {
      const headers = { 'x-request-timeout-ms': timeout };
      const sent = request({ host: '127.0.0.1', port: server.port, method: 'POST', headers, agent });
      sent.on('socket', (socket) => sockets.add(socket)).end('x'.repeat(3_000_000));
      const [res] = (await once(sent, 'response')) as [IncomingMessage];
      await res.resume().toArray();
      return res.statusCode!;
    };
    expect([await post('0'), await post('60000'), await post('0'), await post('60000')]).toStrictEqual([504, 200, 504, 200]);
    expect(sockets.size).toBe(1);
  });

  it('leaves nothing on its connection, however often it asks', { timeout: 60_000 }, async () => {
    const requests = 10_000;
    const server = await watched({ fallback: 30_000 }, (res) => res.end());
    const warned: unknown[] = [];
    const warn = (warning: unknown): void => void warned.push(warning);
    process.on('warning', warn);
    onTestFinished(() => void process.off('warning', warn));
    const socket = connect(server.port, '127.0.0.1');
    let answers = 0;
    let rest = '';
    const listeners: number[] = [];
    const names = ['close', 'end', 'error', 'data', 'drain', 'timeout'];
    socket.setEncoding('latin1').on('data', (text: string) => {
      const parts = (rest + text).split('\r\n\r\n');
      rest = parts.pop()!;
      answers += parts.length;
    });
    const get = 'GET / HTTP/1.1\r\nHost: x\r\nX-Request-Timeout-Ms: 20000\r\n\r\n';
    for (let sent = 0; sent < requests; sent += 100) {
      socket.write(get.repeat(100));
      await until(() => answers === sent + 100);
      const served = server.requests.at(-1)!.socket;
      listeners.push(names.reduce((sum, name) => sum + served.listenerCount(name), 0));
    }
    socket.destroy();
    expect(server.signals).toHaveLength(requests);
    expect(new Set(listeners).size).toBe(1);
    expect(warned).toStrictEqual([]);
    expect(server.signals.some((signal) => signal!.aborted)).toBe(false);
    // Of those that wait for one before them as well.
    const behind = await watched({});
    const pipelined = connect(behind.port, '127.0.0.1');
    pipelined.write(get.repeat(3));
    await until(() => behind.signals.length === 3);
    pipelined.destroy();
    await until(() => behind.signals.every((signal) => signal!.aborted));
  });
});

describe('HTTP/2', () => {
  it('aborts when a stream is reset, and not when it has ended', async () => {
    const signals: AbortSignal[] = [];
    const deadline = deadlineMiddleware();
    const server = createServer2((req, res) =>
      deadline(req, res, () => {
        signals.push(currentContext().signal!);
        if (req.url === '/done') res.end('done');
      }),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const session = connect2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onTestFinished(() => session.close());
    const done = session.request({ ':path': '/done' });
    await done.resume().toArray();
    const left = session.request({ ':path': '/never' });
    left.on('error', () => undefined);
    await until(() => signals.length === 2);
    expect(signals.map(({ aborted }) => aborted)).toStrictEqual([false, false]);
    left.close(constants.NGHTTP2_CANCEL);
    await until(() => signals[1]!.aborted);
    expect(signals[0]!.aborted).toBe(false);
  });
});
