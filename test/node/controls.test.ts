import express from 'express';
import { connect } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { healthBoard } from '../../src/health/health-board.js';
import { bulkhead, circuitBreaker, policyRegistry, retryWithBackoff } from '../../src/index.js';
import { healthHandler, type HealthHandlerOptions, type PolicyAction } from '../../src/node/index.js';
import { isSameOrigin } from '../../src/node/allowed.js';
import { ask, type Asked, serve, sleep, until } from './sockets.js';

let registry = policyRegistry();
let db = circuitBreaker({ name: 'db' });
beforeEach(() => {
  registry = policyRegistry();
  db = registry.register(circuitBreaker({ name: 'db' }));
  registry.register(retryWithBackoff({ name: 'db' }));
  registry.register(bulkhead(1, 0, { name: 'pool' }));
});

async function start(options: HealthHandlerOptions = {}, parsed = false): Promise<number> {
  const handler = healthHandler(healthBoard({}), { registry, control: true, authorize: 'public', ...options });
  onTestFinished(() => handler.dispose());
  if (!parsed) return (await serve(handler)).port;
  const app = express();
  app.use(express.json());
  app.use(handler);
  return (await serve(app)).port;
}

interface Post {
  readonly body?: string;
  readonly drop?: string;
  readonly headers?: Record<string, string>;
}

/** A request as the dashboard sends it, or with something else about it. */
function post(port: number, path: string, { body = '{}', drop, headers = {} }: Post = {}): Promise<Asked> {
  const whole: Record<string, string> = {
    host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}`, 'content-type': 'application/json', 'x-requested-with': 'dashboard',
    'content-length': String(Buffer.byteLength(body)), ...headers,
  };
  if (drop !== undefined) delete whole[drop];
  return ask(port, `/health/policies/${path}`, { method: 'POST', body, headers: whole });
}

describe('the controls', () => {
  it('isolate, and release what they have isolated, each once, as events with the caller', async () => {
    const port = await start();
    const answer = await post(port, 'db/isolate', { body: '{"caller":"alice"}' });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ action: 'isolate', policies: [{ policy: 'db', kind: 'circuitBreaker', state: 'isolated' }] });
    expect((await post(port, 'db/isolate')).status).toBe(200);
    expect(db.state).toBe('isolated');
    expect((await post(port, 'db/release')).status).toBe(200);
    expect(db.state).toBe('closed');
    expect((await post(port, 'db/release')).status).toBe(409);
    expect(registry.history().map(({ event }) => [event.type, (event as { caller?: string }).caller])).toStrictEqual([
      ['isolated', 'http 127.0.0.1 (alice)'], ['released', 'http 127.0.0.1'], ['closed', undefined],
    ]);
  });

  it('do not release what others hold', async () => {
    const port = await start();
    const held = db.isolate('by hand');
    expect((await post(port, 'db/release')).status).toBe(409);
    await post(port, 'db/isolate');
    held.release();
    expect(db.state).toBe('isolated');
    await post(port, 'db/release');
    expect(db.state).toBe('closed');
  });

  it('reset all of that name, or of one kind', async () => {
    const port = await start();
    const reset = async (path: string): Promise<string[]> => JSON.parse((await post(port, path)).body).policies.map((view: { kind: string }) => view.kind);
    expect(await reset('db/reset')).toStrictEqual(['circuitBreaker', 'retry']);
    expect(await reset('db/reset?kind=retry')).toStrictEqual(['retry']);
  });

  it.each([
    ['an unknown policy', 'none/reset', 404],
    ['an unknown kind', 'db/reset?kind=bulkhead', 404],
    ['what none of that name knows', 'pool/isolate', 409],
    ['what nobody has isolated', 'pool/release', 409],
    ['an unknown action', 'db/open', 404],
    ['a name that is no encoding', '%zz/reset', 400],
  ])('answer %s', async (_title, path, status) => expect((await post(await start(), path)).status).toBe(status));

  it.each<[string, number, Post]>([
    ['another origin', 403, { headers: { origin: 'https://evil.example' } }],
    ['no origin', 403, { drop: 'origin' }],
    ['an origin without a name', 403, { headers: { origin: 'null' } }],
    ['an origin that is none', 403, { headers: { origin: 'http://127.0.0.1:99999' } }],
    ['another port of this machine', 403, { headers: { origin: 'http://127.0.0.1:1' } }],
    ['a page of another site, as the browser says', 403, { headers: { 'sec-fetch-site': 'cross-site' } }],
    ['no X-Requested-With', 403, { drop: 'x-requested-with' }],
    ['a form', 415, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['plain text', 415, { headers: { 'content-type': 'text/plain' } }],
    ['no type', 415, { drop: 'content-type' }],
    ['something like JSON', 415, { headers: { 'content-type': 'application/jsonp' } }],
    ['half of JSON', 400, { body: '{' }],
    ['a list', 400, { body: '[]' }],
    ['null', 400, { body: 'null' }],
    ['a caller that is no text', 400, { body: '{"caller":1}' }],
    ['a long body', 413, { body: JSON.stringify({ caller: 'x'.repeat(1_024) }) }],
    ['a very long body', 413, { body: JSON.stringify({ caller: 'x'.repeat(100_000) }) }],
  ])('refuse %s', async (_title, status, what) => {
    const port = await start();
    expect((await post(port, 'db/isolate', what)).status).toBe(status);
    expect(db.state).toBe('closed');
    expect(registry.history()).toStrictEqual([]);
  });

  it('refuse a name that somebody else has bound to this address', async () => {
    const port = await start({ allowedHosts: ['127.0.0.1'] });
    const evil = { headers: { host: `evil.example:${port}`, origin: `http://evil.example:${port}` } };
    expect((await post(port, 'db/isolate', evil)).status).toBe(403);
    expect((await post(port, 'db/isolate')).status).toBe(200);
  });

  it('ask authorize for each action', async () => {
    const asked: (PolicyAction | undefined)[] = [];
    const port = await start({ authorize: async (_req, action) => asked.push(action) > 0 && action === 'reset' });
    const of = async (path: string): Promise<number> => (await post(port, path)).status;
    expect([await of('db/isolate'), await of('db/release'), await of('db/reset')]).toStrictEqual([403, 403, 200]);
    expect(asked).toStrictEqual(['isolate', 'release', 'reset']);
  });

  it.each([() => { throw new Error('x'); }, () => Promise.reject(new Error('x')), () => 'yes' as never])('do nothing where authorize fails', async (authorize) => {
    expect((await post(await start({ authorize }), 'db/isolate')).status).toBe(403);
    expect(db.state).toBe('closed');
  });

  it('take no body, and one that a middleware has read', async () => {
    expect((await post(await start(), 'db/isolate', { body: '' })).status).toBe(200);
    expect((await post(await start({}, true), 'db/isolate', { body: '{"caller":"bob"}' })).status).toBe(200);
    const [, event] = registry.history().map((transition) => transition.event as { caller?: string });
    expect(event?.caller).toBe('http 127.0.0.1 (bob)');
  });

  it('take what a middleware has read and thrown away for an empty body', async () => {
    const handler = healthHandler(healthBoard({}), { registry, control: true, authorize: 'public' });
    onTestFinished(() => handler.dispose());
    const { port } = await serve((req, res) => void req.resume().on('end', () => handler(req, res)));
    expect((await post(port, 'db/isolate')).status).toBe(200);
  });

  it('do nothing for a client that leaves in the middle of its body', async () => {
    let asked = 0;
    const port = await start({ authorize: () => asked++ >= 0 });
    const socket = connect(port, '127.0.0.1');
    const host = `127.0.0.1:${port}`;
    socket.write(`POST /health/policies/db/isolate HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nX-Requested-With: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{`);
    await until(() => asked === 1);
    await sleep(20);
    socket.destroy();
    await sleep(50);
    expect([db.state, registry.history().length]).toStrictEqual(['closed', 0]);
  });

  it('say nothing of what goes wrong inside', async () => {
    db.reset = () => { throw new Error('secret'); };
    expect(await post(await start(), 'db/reset')).toMatchObject({ status: 500, body: '{"error":"Internal Server Error"}' });
  });

  it('let nobody write lines of a log, nor pass for somebody else', async () => {
    const caller = `x\n2026 ERROR (root)${'y'.repeat(200)}<b>`;
    await post(await start(), 'db/reset?kind=circuitBreaker', { body: JSON.stringify({ caller }) });
    const [{ event } = { event: undefined }] = registry.history();
    expect((event as { caller?: string }).caller).toMatch(/^http 127\.0\.0\.1 \(x2026 ERROR rooty{44}\)$/);
  });
});

describe('the origin of a page', () => {
  const same = (origin: string | undefined, host: string, encrypted = false): boolean =>
    isSameOrigin({ headers: { ...(origin !== undefined && { origin }), host }, socket: { encrypted } } as never);

  it.each<[string, string, boolean, boolean]>([
    ['http://ops.example', 'ops.example', false, true],
    ['http://ops.example', 'OPS.example:80', false, true],
    ['http://ops.example:8080', 'ops.example:8080', false, true],
    ['https://ops.example', 'ops.example', true, true],
    ['https://ops.example', 'ops.example:443', true, true],
    ['https://ops.example', 'ops.example', false, true],
    ['http://ops.example', 'ops.example', true, false],
    ['http://ops.example', 'ops.example:8080', false, false],
    ['http://ops.example@evil.example', 'evil.example', false, false],
    ['http://evil.example/ops.example', 'ops.example', false, false],
    ['http://ops.example.evil.example', 'ops.example', false, false],
    ['ftp://ops.example', 'ops.example', false, false],
    ['chrome-extension://ops.example', 'ops.example', false, false],
    ['http://[::1]:8080', '[::1]:8080', false, true],
  ])('%s at %s', (origin, host, encrypted, expected) => expect(same(origin, host, encrypted)).toBe(expected));
});
