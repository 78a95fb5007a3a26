import { AsyncLocalStorage } from 'node:async_hooks';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { BehaviorSubject, Observable, of, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Health } from '../../src/core/health.js';
import { healthBoard } from '../../src/health/health-board.js';
import { circuitBreaker, policyRegistry, type PolicyRegistry } from '../../src/index.js';
import { healthHandler, type HealthHandlerOptions } from '../../src/node/index.js';
import { ask, listen, serve, sleep, until } from './sockets.js';

async function start(registry: PolicyRegistry, options: HealthHandlerOptions = {}, board = healthBoard({})) {
  const handler = healthHandler(board, { registry, stream: true, authorize: 'public', ...options });
  onTestFinished(() => handler.dispose());
  return { ...(await serve(handler)), handler };
}

const fail = throwError(() => Object.assign(new Error('password=hunter2'), { code: 'ECONNREFUSED' }));
const subjects = (registry: PolicyRegistry): { events: { listeners: number }; log: { subject: { observed: boolean } } } => registry as never;

describe('the stream', () => {
  it('begins with all, goes on with what changes, and says nothing of errors', async () => {
    const registry = policyRegistry();
    const db = registry.register(circuitBreaker({ name: 'db', failureThreshold: 1, breakDuration: 300, successThreshold: 1 }));
    const { port } = await start(registry, {}, healthBoard({ ready: { db } }));
    const { res, messages } = await listen(port);
    expect(res.headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store, no-transform', 'x-content-type-options': 'nosniff' });
    await until(() => messages.length === 2);
    expect(messages).toMatchObject([
      { event: 'health', data: { live: { status: 'up' }, startup: { status: 'up' }, ready: { status: 'up', components: { db: { status: 'up' } } } } },
      { event: 'policies', data: { whole: true, control: false, gone: [], policies: [{ policy: 'db', kind: 'circuitBreaker', state: 'closed', metrics: { calls: 0 } }] } },
    ]);
    fail.pipe(db).subscribe({ error: () => undefined });
    // Nobody else looks at it: that it is half-open is seen because the stream does.
    await until(() => messages.some(({ data }) => data.type === 'halfOpened'));
    await until(() => messages.filter(({ event }) => event === 'policies').length > 1);
    const of = (kind: string) => messages.filter(({ event }) => event === kind).map(({ data }) => data);
    expect(of('event').map(({ text }) => text)).toStrictEqual(['db: circuit opened (ECONNREFUSED), for 300 ms', 'db: circuit half-open, probing']);
    expect(of('health').map(({ ready }) => ready.status)).toStrictEqual(['up', 'degraded', 'degraded']);
    expect(of('policies').at(-1)).toMatchObject({ whole: false, policies: [{ policy: 'db', metrics: { failures: 1 } }] });
    expect(JSON.stringify(messages)).not.toContain('hunter2');
  });

  it('goes on after the last id, and begins anew for an id of another process', async () => {
    const registry = policyRegistry();
    const db = registry.register(circuitBreaker({ name: 'db' }));
    for (let i = 0; i < 3; i++) db.reset(`r${i}`);
    const { port } = await start(registry);
    const first = await listen(port);
    const events = ({ messages }: typeof first): string[] => messages.filter(({ event }) => event === 'event').map(({ data }) => data.text);
    await until(() => events(first).length === 3);
    const { id } = first.messages.find(({ data }) => data.text === 'db: reset by r1')!;
    first.close();
    db.reset('r3');
    const second = await listen(port, '/health/stream', { 'last-event-id': id! });
    await until(() => events(second).length === 2);
    expect(events(second)).toStrictEqual(['db: reset by r2', 'db: reset by r3']);
    for (const other of ['another-2', '2', '%', id!.replace('-', '_')]) {
      const third = await listen(port, '/health/stream', { 'last-event-id': other });
      await until(() => events(third).length === 4);
    }
  });

  it('tells live transitions without a ring, too', async () => {
    const registry = policyRegistry({ history: 0 });
    const db = registry.register(circuitBreaker({ name: 'db' }));
    const { messages } = await listen((await start(registry)).port);
    db.reset();
    await until(() => messages.some(({ data }) => data.type === 'reset'));
  });

  it('shows policies that come and go', async () => {
    const registry = policyRegistry();
    const { messages } = await listen((await start(registry, { control: true })).port);
    registry.register(circuitBreaker({ name: '<img src=x>' }));
    await until(() => messages.some(({ data }) => data.policies?.[0]?.policy === '<img src=x>'));
    registry.remove('<img src=x>');
    await until(() => messages.some(({ data }) => data.gone?.[0]?.policy === '<img src=x>'));
    expect(messages.filter(({ event }) => event === 'policies').every(({ data }) => data.control === true)).toBe(true);
  });

  it('refuses more than it has room for, and has room again once somebody leaves', async () => {
    const { port } = await start(policyRegistry(), { maxStreams: 2 });
    const [one] = [await listen(port), await listen(port)];
    const refused = await ask(port, '/health/stream');
    expect([refused.status, refused.headers['cache-control']]).toStrictEqual([503, 'no-store']);
    one!.close();
    await until(async () => (await ask(port, '/health/stream', { method: 'HEAD' })).status === 200);
    expect((await listen(port)).res.statusCode).toBe(200);
  });

  it('leaves nothing of a client that has left mid-stream', async () => {
    const registry = policyRegistry();
    const db = registry.register(circuitBreaker({ name: 'db' }));
    let response: ServerResponse | undefined;
    const handler = healthHandler(healthBoard({}), { registry, stream: true, authorize: 'public' });
    onTestFinished(() => handler.dispose());
    const { port } = await serve((req, res) => handler(req, (response = res)));
    const listeners = (res: ServerResponse): number => res.listenerCount('close');
    for (let round = 0; round < 3; round++) {
      const client = await listen(port);
      expect(subjects(registry).events.listeners).toBe(1);
      const before = listeners(response!);
      expect(before).toBeGreaterThan(0);
      client.close();
      await until(() => subjects(registry).events.listeners === 0);
      expect(listeners(response!)).toBe(before - 1);
    }
    expect(subjects(registry).log.subject.observed).toBe(false);
    expect((db.health$ as unknown as { observed?: boolean }).observed).toBeFalsy();
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length).toBeLessThan(5);
  });

  it('does not look at policies as the request that came first', async () => {
    const tenant = new AsyncLocalStorage<string>();
    const registry = policyRegistry();
    const db = registry.register(circuitBreaker({ name: 'db' }));
    const seen: unknown[] = [];
    const { metrics } = db;
    db.metrics = () => (seen.push(tenant.getStore()), metrics());
    const handler = healthHandler(healthBoard({}), { registry, stream: true, authorize: 'public' });
    onTestFinished(() => handler.dispose());
    const { port } = await serve((req, res) => tenant.run('somebody', () => handler(req, res)));
    await listen(port);
    await until(() => seen.length >= 2);
    expect(seen).toStrictEqual(seen.map(() => undefined));
  });

  it('leaves nothing where it could not begin', async () => {
    const registry = policyRegistry();
    const db = registry.register(circuitBreaker({ name: 'db' }));
    const { metrics } = db;
    db.metrics = () => { throw new Error('secret'); };
    const { port } = await start(registry);
    expect(await ask(port, '/health/stream')).toMatchObject({ status: 500, body: '{"error":"Internal Server Error"}' });
    expect(subjects(registry).events.listeners).toBe(0);
    db.metrics = metrics;
    expect((await listen(port)).res.statusCode).toBe(200);
  });

  it('ends when the handler is disposed, and when its server closes', async () => {
    const { port, handler, server } = await start(policyRegistry());
    const one = await listen(port);
    server.close();
    await until(one.ended);
    const second = await start(policyRegistry());
    const two = await listen(second.port);
    second.handler.dispose();
    await until(two.ended);
    expect((await ask(second.port, '/health/stream')).status).toBe(503);
    handler.dispose();
  });

  it('drops 200 clients that stop reading, and goes on with those who read', async () => {
    const registry = policyRegistry();
    const breakers = Array.from({ length: 150 }, (_, i) => registry.register(circuitBreaker({ name: `${i} ${'x'.repeat(4_000)}` })));
    const { port, server } = await start(registry, { maxStreams: 201 });
    const reader = await listen(port);
    for (let i = 0; i < 200; i++) {
      const sent = request({ host: '127.0.0.1', port, path: '/health/stream', agent: false }, (res) => void res.on('error', () => undefined).pause());
      sent.on('error', () => undefined).end();
      onTestFinished(() => void sent.destroy());
    }
    const connections = (): Promise<number> => new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
    await until(async () => (await connections()) === 201);
    const before = process.memoryUsage();
    // What a socket takes before anything is left unread is up to the machine: some megabytes.
    const traffic = setInterval(() => breakers.forEach((breaker) => of(1).pipe(breaker).subscribe()), 300);
    onTestFinished(() => clearInterval(traffic));
    await until(async () => (await connections()) === 1, 45_000);
    const { heapUsed, external } = process.memoryUsage();
    expect(heapUsed + external - before.heapUsed - before.external).toBeLessThan(200_000_000);
    const seen = reader.messages.length;
    await until(() => reader.messages.length > seen + 1);
    expect(reader.ended()).toBe(false);
  }, 60_000);
});

/** A client in virtual time: what is written, and how much of it is left unread. */
function fakeClient(unread = () => 0) {
  const writes: { at: number; text: string }[] = [];
  const listeners = new Map<string, (() => void)[]>();
  let destroyed = false;
  const res = {
    headersSent: false, destroyed: false, socket: { destroyed: false }, statusCode: 0,
    get writableLength() { return unread(); },
    setHeader: () => res, flushHeaders: () => undefined,
    on(event: string, listener: () => void) { listeners.set(event, [...(listeners.get(event) ?? []), listener]); return res; },
    off(event: string, listener: () => void) { listeners.set(event, (listeners.get(event) ?? []).filter((other) => other !== listener)); return res; },
    write(bytes: Uint8Array) { writes.push({ at: clock(), text: new TextDecoder().decode(bytes) }); return true; },
    end: () => undefined,
    destroy() { destroyed = true; },
  };
  let clock = (): number => 0;
  return {
    res: res as unknown as ServerResponse, writes, at: (now: () => number) => (clock = now), isDestroyed: () => destroyed,
    leave: () => listeners.get('close')?.forEach((listener) => listener()),
    messages: () => writes.filter(({ text }) => /^event: /m.test(text)),
  };
}

const streamRequest = { url: '/health/stream', method: 'GET', headers: {}, socket: { destroyed: false } } as unknown as IncomingMessage;

/** Connected without a socket; the authorisation is a promise, so virtual time begins after it. */
async function connected(count: number, options: HealthHandlerOptions, unread?: () => number) {
  const scheduler = new TestScheduler(() => undefined);
  scheduler.maxFrames = Infinity;
  const ready = new BehaviorSubject<Health>({ name: 'db', status: 'up', required: true, since: 0, details: {} });
  const handler = healthHandler(healthBoard({ ready: { db: ready } }), { stream: true, authorize: 'public', maxStreams: 1_000, scheduler, ...options });
  const clients = Array.from({ length: count }, () => fakeClient(unread));
  for (const client of clients) {
    client.at(() => scheduler.now());
    handler(streamRequest, client.res);
  }
  await sleep(20);
  const advance = (ms: number): void => {
    const end = scheduler.now() + ms;
    scheduler.schedule(() => undefined, ms);
    while (scheduler.actions[0] !== undefined && scheduler.actions[0].delay <= end) {
      const action = scheduler.actions.shift()!;
      scheduler.frame = action.delay;
      action.execute(action.state, action.delay);
    }
  };
  return { scheduler, handler, clients, advance, ready };
}

describe('the stream in virtual time', () => {
  const most = (writes: readonly { at: number }[]): number => Math.max(0, ...writes.map(({ at }) => writes.filter((other) => other.at >= at && other.at < at + 1_000).length));

  it('turns 100,000 calls a second into a bounded number of messages', async () => {
    const registry = policyRegistry();
    const breakers = Array.from({ length: 10 }, (_, i) => registry.register(circuitBreaker({ name: `b${i}`, failureThreshold: 1, breakDuration: 1, successThreshold: 1 })));
    const { clients, advance, ready } = await connected(1, { registry });
    for (let tick = 0; tick < 100; tick++) {
      // Some of them fail, and every failure opens and closes a circuit; readiness flaps besides.
      for (let i = 0; i < 1_000; i++) (i % 100 === 0 ? fail : of(1)).pipe(breakers[i % 10]!).subscribe({ error: () => undefined });
      ready.next({ ...ready.value, status: tick % 2 === 0 ? 'down' : 'up' });
      advance(10);
    }
    advance(1_000);
    const messages = clients[0]!.messages();
    expect(most(messages)).toBeLessThanOrEqual(10);
    expect(messages.length).toBeLessThanOrEqual(30);
    const policies = messages.filter(({ text }) => text.startsWith('event: policies'));
    expect(policies.length).toBeGreaterThanOrEqual(2);
    expect(policies.length).toBeLessThanOrEqual(4);
    expect(messages.some(({ text }) => text.includes('event: event'))).toBe(true);
  });

  it('delivers a burst of transitions late, in order, and none twice', async () => {
    const registry = policyRegistry();
    const db = registry.register(circuitBreaker({ name: 'db' }));
    const { clients, advance } = await connected(1, { registry });
    for (let i = 0; i < 95; i++) db.reset(`${i}`);
    advance(20_000);
    const texts = clients[0]!.messages().map(({ text }) => /reset by (\d+)/.exec(text)?.[1]).filter((text) => text !== undefined);
    expect(texts).toStrictEqual(Array.from({ length: 95 }, (_, i) => `${i}`));
    expect(most(clients[0]!.messages())).toBeLessThanOrEqual(10);
  });

  it('costs one look for 200 clients', async () => {
    const registry = policyRegistry();
    const db = registry.register(circuitBreaker({ name: 'db' }));
    let looks = 0;
    const { metrics } = db;
    db.metrics = () => (looks++, metrics());
    const { clients, advance } = await connected(200, { registry });
    expect(looks).toBe(1);
    for (let i = 0; i < 10; i++) {
      of(1).pipe(db).subscribe();
      advance(1_000);
    }
    expect(looks).toBe(11);
    const told = clients.map(({ messages }) => messages().filter(({ text }) => text.includes('event: policies')).length);
    expect(new Set(told)).toStrictEqual(new Set([11]));
  });

  it('has no timer while nobody is connected', async () => {
    const { scheduler, clients, advance, handler } = await connected(3, { registry: policyRegistry() });
    expect(scheduler.actions.length).toBe(1);
    clients.forEach(({ leave }) => leave());
    expect(scheduler.actions.filter((action) => !action.closed).length).toBe(0);
    advance(5_000);
    handler(streamRequest, clients[0]!.res);
    await sleep(10);
    expect(scheduler.actions.filter((action) => !action.closed).length).toBe(1);
    handler.dispose();
    expect(scheduler.actions.filter((action) => !action.closed).length).toBe(0);
  });

  it('says every 15 s that it is still there', async () => {
    const { clients, advance } = await connected(1, {});
    advance(61_000);
    expect(clients[0]!.writes.filter(({ text }) => text.startsWith(': ')).map(({ at }) => at)).toStrictEqual([15_000, 30_000, 45_000, 60_000]);
  });

  it.each([[262_144, false], [262_145, true]])('drops who leaves %i bytes unread: %s', async (unread, dropped) => {
    let left = 0;
    const { clients, advance, scheduler } = await connected(1, {}, () => left);
    left = unread;
    advance(2_000);
    expect(clients[0]!.isDestroyed()).toBe(dropped);
    expect(scheduler.actions.filter((action) => !action.closed).length).toBe(dropped ? 0 : 1);
  });

  it('waits for who still reads, and writes nothing more meanwhile', async () => {
    let left = 0;
    const { clients, advance, ready } = await connected(1, {}, () => left);
    left = 900_000;
    const { length } = clients[0]!.writes;
    for (; left > 300_000; left -= 10_000) {
      advance(100);
      ready.next({ ...ready.value, since: left, status: left % 20_000 === 0 ? 'down' : 'up' });
    }
    expect([clients[0]!.isDestroyed(), clients[0]!.writes.length]).toStrictEqual([false, length]);
    left = 0;
    advance(200);
    expect(clients[0]!.writes.length).toBe(length + 1);
  });

  it('measures what calls took, since the last message', async () => {
    const registry = policyRegistry();
    const { clients, advance, scheduler } = await connected(1, { registry });
    const db = registry.register(circuitBreaker({ name: 'db', scheduler }));
    const slow = (ms: number) => new Observable<number>((subscriber) => scheduler.schedule(() => (subscriber.next(1), subscriber.complete()), ms));
    for (const ms of [100, 100, 100, 800]) slow(ms).pipe(db).subscribe();
    advance(1_050);
    const views = clients[0]!.messages().filter(({ text }) => text.includes('"latency"'));
    expect(views.length).toBe(1);
    const { latency } = JSON.parse(/^data: (.*)$/m.exec(views[0]!.text)![1]!).policies[0];
    expect(latency.count).toBe(4);
    expect(latency.p50).toBeGreaterThanOrEqual(100);
    expect(latency.p50).toBeLessThan(110);
    expect(latency.p99).toBeGreaterThanOrEqual(800);
    expect(latency.p99).toBeLessThan(873);
    advance(1_000);
    const last = clients[0]!.messages().at(-1)!.text;
    expect(last).toContain('event: policies');
    expect(last).not.toContain('"latency"');
  });
});
