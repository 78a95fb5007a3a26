import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstValueFrom, from, toArray } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { app as fastifyApp } from '../../docs/examples/deadlines/fastify.js';
import { server, steps } from '../../docs/examples/deadlines/node-http.js';
import { consume, message, nightly } from '../../docs/examples/deadlines/queue.js';
import { grpcOptions, left, overHttp, serveGrpc } from '../../docs/examples/deadlines/sending.js';
import { currentContext, Deadline, runInContext } from '../../src/index.js';
import { ask, serve, until } from './sockets.js';

const listen = async (one: ReturnType<typeof createServer>): Promise<number> => {
  onTestFinished(() => void one.close());
  await new Promise<void>((listening) => one.listen(0, '127.0.0.1', listening));
  return (one.address() as AddressInfo).port;
};

/** A service that answers with what is left of three items, and keeps the headers that it was sent. */
async function stock(): Promise<{ url: string; seen: IncomingHttpHeaders[] }> {
  const seen: IncomingHttpHeaders[] = [];
  const { port } = await serve((req, res) => {
    seen.push(req.headers);
    if (!req.url!.endsWith('slow')) res.writeHead(200, { 'content-type': 'application/json' }).end('{"left":3}');
  });
  return { url: `http://127.0.0.1:${port}`, seen };
}

describe('the example for Express', () => {
  it('hands on what is left, lowers priorities, ends with the deadline and with the client', async () => {
    const { url, seen } = await stock();
    vi.stubEnv('STOCK_URL', url);
    vi.stubEnv('MESH_KEY', 'ours');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { app } = await import('../../docs/examples/deadlines/express.js');
    const { port } = await serve(app);

    expect(await ask(port, '/items/a', { headers: { 'x-request-timeout-ms': '8000', priority: 'u=7' } })).toMatchObject({ status: 200, body: '{"left":3}' });
    expect(Number(seen[0]!['x-request-timeout-ms'])).toBeLessThanOrEqual(7_995);
    expect(seen[0]!['priority']).toBe('u=3');
    await ask(port, '/items/a', { headers: { 'x-mesh-key': 'ours', priority: 'u=7' } });
    expect(Number(seen[1]!['x-request-timeout-ms'])).toBeLessThanOrEqual(4_995);
    expect(seen[1]!['priority']).toBe('u=7');
    await ask(port, '/export/a', { headers: { 'x-mesh-key': 'ours', priority: 'u=0' } });
    expect(seen[2]!['priority']).toBe('u=7');

    expect((await ask(port, '/items/slow', { headers: { 'x-request-timeout-ms': '300' } })).status).toBe(504);
    expect((await ask(port, '/items/slow', { headers: { 'x-request-timeout-ms': '0' } })).status).toBe(504);
    expect(seen).toHaveLength(4);
    expect((await ask(port, '/items/a')).status).toBe(200);
  });
});

describe('the example for node:http', () => {
  it('begins no step for which there is no time, and stops when the client leaves', async () => {
    const port = await listen(server);
    const stopped: string[] = [];
    steps.push(async () => 'one', async () => (await sleep(200), 'two'), async () => 'three');
    const headers = { 'x-request-timeout-ms': '240' };
    const answer = await ask(port, '/', { method: 'POST', headers });
    // A busy machine may be late even for the second one.
    expect(['["one","two"]', '{"error":"Gateway Timeout"}', '["one"]']).toContain(answer.body);
    steps.length = 0;
    steps.push((signal) => new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        stopped.push((signal.reason as Error).name);
        reject(signal.reason as Error);
      });
    }));
    const left = request({ host: '127.0.0.1', port, method: 'GET', agent: false });
    left.on('error', () => undefined).end();
    setTimeout(() => left.destroy(), 100);
    await until(() => stopped.length === 1);
    expect(stopped).toStrictEqual(['AbortError']);
  });
});

describe('the example for Fastify', () => {
  it('has the deadline of the request', async () => {
    onTestFinished(() => fastifyApp.close());
    const asked = async (headers: Record<string, string>) => (await fastifyApp.inject({ url: '/stock/a', headers })).json<{ msLeft: number }>().msLeft;
    expect(await asked({ 'grpc-timeout': '2S' })).toBeLessThanOrEqual(2_000);
    expect(await asked({})).toBeGreaterThan(2_000);
  });
});

describe('the examples for sending', () => {
  const context = (ms: number) => ({ deadline: Deadline.after(ms), priority: 'sheddablePlus' }) as const;

  it('axios and fetch carry headers of ours', async () => {
    const { url, seen } = await stock();
    expect(await runInContext(context(9_000), () => left(url))).toBe(3);
    await runInContext(context(9_000), () => firstValueFrom(overHttp(url)));
    expect(seen[0]).toMatchObject({ 'x-request-timeout-ms': expect.stringMatching(/^8\d{3}$/) as string, priority: 'u=5' });
    expect(seen[1]).toMatchObject({ 'grpc-timeout': expect.stringMatching(/^8\d{6}u$/) as string, priority: 'u=5' });
  });

  it('a client of gRPC is told the instant, and a server of it has a context', async () => {
    const metadata = new Map<string, string>();
    const { deadline } = runInContext(context(9_000), () => grpcOptions({ set: (name, value) => void metadata.set(name, value) }));
    expect(deadline! - Date.now()).toBeLessThanOrEqual(8_996);
    expect(Object.fromEntries(metadata)).toStrictEqual({ priority: 'u=5' });
    expect(grpcOptions({ set: () => expect.unreachable() })).toStrictEqual({});
    const left = async (at: Date | number): Promise<number> =>
      serveGrpc(() => at, async () => (await sleep(1), currentContext().deadline!.remaining()));
    expect(await left(new Date(Date.now() + 5_000))).toBeLessThanOrEqual(5_000);
    expect(await left(Infinity)).toBeGreaterThan(50_000);
    expect(await left(Date.now() + 3_600_000)).toBeLessThanOrEqual(60_000);
    expect(await left(Date.now() - 10)).toBe(0);
  });
});

describe('the example of a queue', () => {
  it('gives each message its own context, and leaves out what is too late', async () => {
    const messages = [
      runInContext({ deadline: Deadline.after(9_000), priority: 'critical' }, () => message('a')),
      runInContext({ deadline: Deadline.after(0) }, () => message('late')),
      message('b'),
      { headers: { 'X-Deadline': String(Date.now() + 3_600_000), Priority: 'U=9' }, body: 'c' },
      message('fails'),
    ];
    expect(messages[0]!.headers).toStrictEqual({ 'X-Deadline': expect.stringMatching(/^\d{13}$/) as string, Priority: 'u=3' });
    const handled = consume(from(messages), async (body) => {
      await sleep(1);
      if (body === 'fails') throw new Error('no');
      const { deadline, priority } = currentContext();
      return `${body} ${Math.ceil(deadline!.remaining() / 1_000)} ${priority}`;
    });
    const done = (await firstValueFrom(handled.pipe(toArray()))).sort();
    expect(done.map((text) => text.replace(/ \d+ /, ' '))).toStrictEqual(['a critical', 'b sheddable', 'c sheddable']);
    const seconds = done.map((text) => Number(text.split(' ')[1]));
    for (const [index, most] of [9, 30, 60].entries()) expect(seconds[index]).toBeLessThanOrEqual(most);
  });

  it('gives a job that nobody asked for a deadline of its own', async () => {
    let priority: unknown;
    await nightly(async () => {
      await sleep(1);
      ({ priority } = currentContext());
    });
    expect(priority).toBe('sheddable');
  });
});
