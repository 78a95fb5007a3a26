import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Services, startServices } from '../../docs/recipes/shop/demo/services.ts';
import { type ShopServer, startServer } from '../../docs/recipes/shop/server.ts';

let folder: string;
let services: Services;
let server: ShopServer;

const open = (): Promise<ShopServer> =>
  startServer({ urls: services.urls, journal: path.join(folder, 'orders'), speed: 10, every: 30, random: () => 0.5 });

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shop-'));
  services = await startServices(() => 0.5);
  server = await open();
});
afterEach(async () => {
  await server.crash();
  await services.close();
  await rm(folder, { recursive: true, force: true });
});

interface Sent {
  readonly key?: string;
  readonly user?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

const lamp = '{"item":"lamp","quantity":1}';

function post({ key = 'k', user = 'ann', body = lamp, headers, signal }: Sent = {}): Promise<Response> {
  return fetch(`${server.url}/orders`, {
    ...{ method: 'POST', body },
    headers: { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }), ...(user && { 'x-user': user }), ...headers },
    ...(signal && { signal }),
  });
}

const get = (where: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${server.url}${where}`, { headers: { 'x-user': 'ann', ...headers } });

async function seen(answer: Promise<Response>): Promise<[number, unknown]> {
  const response = await answer;
  return [response.status, await response.json()];
}

const finished = (): Promise<void> => vi.waitFor(() => expect(server.shop.unfinished.size.all).toBe(0), { timeout: 8_000 });

describe('POST /orders', () => {
  it('is one order, however often it is sent, and another one for another user', async () => {
    expect(await seen(post())).toStrictEqual([201, { status: 'accepted' }]);
    expect(await seen(post())).toStrictEqual([201, { status: 'accepted' }]);
    expect(await seen(post({ body: '{"item":"desk","quantity":1}' }))).toStrictEqual([422, { status: 'key_reused' }]);
    expect([...services.books.charges.values()]).toStrictEqual([{ amount: 4_900, outcome: 'charged' }]);

    expect(await seen(post({ user: 'bob', body: '{"item":"desk","quantity":9}' }))).toStrictEqual([402, { status: 'declined' }]);
    expect(services.books.charges.size).toBe(2);
  });

  it.each<readonly [number, Sent]>([
    [401, { user: '' }],
    [401, { user: 'ann, bob' }],
    [400, { key: '' }],
    [400, { key: 'two words' }],
    [400, { body: '{' }],
    [400, { body: '[]' }],
    [400, { body: '"lamp"' }],
    [400, { body: '{"item":"lamp"}' }],
    [400, { body: '{"item":"lamp","quantity":0}' }],
    [400, { body: '{"item":"lamp","quantity":11}' }],
    [400, { body: '{"item":"lamp","quantity":1.5}' }],
    [400, { body: '{"item":"lamp","quantity":"1"}' }],
    [400, { body: '{"item":"constructor","quantity":1}' }],
    [400, { body: '{"item":"lamp","quantity":1,"amount":1}' }],
    [400, { headers: { 'content-type': 'text/plain' } }],
    [415, { headers: { 'content-encoding': 'unheard-of' } }],
  ])('answers with %i to %j, and does nothing', async (status, sent) => {
    const [answer, body] = await seen(post(sent));
    expect(answer).toBe(status);
    expect(Object.keys(body as object)).toStrictEqual(['error']);
    expect(services.books.requests).toBe(0);
  });

  it('refuses what is too long', async () => {
    expect((await post({ key: 'k'.repeat(128) })).status).toBe(201);
    expect((await post({ key: 'k'.repeat(129) })).status).toBe(400);
    expect(await seen(post({ key: 'body', body: `{"item":"${'x'.repeat(20_000)}"}` }))).toStrictEqual([413, { error: 'the request cannot be read' }]);
  });

  it('says 503 and when to come again while a bulkhead is full', async () => {
    services.moods.inventory = 'hanging';
    const left = new AbortController();
    const orders = Array.from({ length: 30 }, (_, index) => post({ key: `k${index}`, signal: left.signal }).catch(() => undefined));
    await vi.waitFor(() => expect(server.shop.policies.inventory.parts.bulkhead.active).toBe(30));

    const response = await post({ key: 'last' });
    expect([response.status, await response.text()]).toStrictEqual([503, '{"status":"retry_later"}']);
    expect(['1', '2', '3']).toContain(response.headers.get('retry-after'));
    expect(services.books.requests).toBe(0);
    left.abort();
    await Promise.all(orders);
  });

  it('queues what the provider does not answer in the time that the request has, and charges it with time of its own', async () => {
    services.moods.payments = 'hanging';
    const start = performance.now();
    expect(await seen(post({ headers: { 'x-request-timeout-ms': '400' } }))).toStrictEqual([202, { status: 'queued' }]);
    expect(performance.now() - start).toBeLessThan(2_000);

    services.moods.payments = 'healthy';
    await finished();
    expect(await seen(post())).toStrictEqual([201, { status: 'accepted' }]);
    expect(services.books.charges.size).toBe(1);
    expect([...services.messages.values()]).toStrictEqual([1]);
  });

  it('carries out the order of a customer who leaves', async () => {
    const left = new AbortController();
    const gone = post({ signal: left.signal }).catch(({ name }: Error) => name);
    await vi.waitFor(() => expect(services.books.requests).toBe(1));
    left.abort();
    expect(await gone).toBe('AbortError');
    await vi.waitFor(() => expect(services.messages.size).toBe(1));
    await finished();
    expect(await seen(post())).toStrictEqual([201, { status: 'accepted' }]);
    expect(services.books.charges.size).toBe(1);
  });

  it('survives a crash after the provider has charged and before anybody has heard of it', async () => {
    services.moods.payments = 'hanging';
    const cut = post().then(() => 'answered', () => 'cut');
    await vi.waitFor(() => expect(services.books.charges.size).toBe(1));
    await server.crash();
    expect(await cut).toBe('cut');

    services.moods.payments = 'healthy';
    server = await open();
    expect(await seen(post())).toStrictEqual([202, { status: 'queued' }]);
    await finished();
    expect(await seen(post())).toStrictEqual([201, { status: 'accepted' }]);
    expect(services.books.charges.size).toBe(1);
    expect(services.unheard).toBe(1);
  });
});

describe('the pages', () => {
  it('have a profile, recommendations and a search', async () => {
    expect(await seen(get('/profile'))).toStrictEqual([200, { name: 'ann', currency: 'EUR', from: 'live' }]);
    expect(await seen(get('/recommendations'))).toStrictEqual([200, { items: ['mat', 'shelf'], from: 'recommendations' }]);
    expect(await seen(get('/search?q=desk'))).toStrictEqual([200, { items: ['mat', 'lamp', 'desk'], ranking: 'best' }]);
  });

  it('have something to show where nobody behind them answers', async () => {
    await get('/profile');
    Object.assign(services.moods, { profiles: 'failing', recommendations: 'failing', ranking: 'failing' });
    expect(await seen(get('/profile'))).toStrictEqual([200, { name: 'ann', currency: 'EUR', from: 'cache' }]);
    expect(await seen(get('/profile', { 'x-user': 'bob' }))).toStrictEqual([200, { name: 'Guest', currency: 'EUR', from: 'default' }]);
    expect(await seen(get('/recommendations'))).toMatchObject([200, { from: 'trending' }]);
    expect(await seen(get('/search?q=desk'))).toMatchObject([200, { ranking: 'cheap' }]);
  });

  it('rank cheaply what is wanted at once, and do not answer who is not there any more', async () => {
    expect(await seen(get('/search?q=desk', { 'x-request-timeout-ms': '45' }))).toMatchObject([200, { ranking: 'cheap' }]);
    expect((await get('/search?q=desk', { 'x-request-timeout-ms': '0' })).status).toBe(504);
  });

  it.each([['/search', 400], ['/search?q=a&q=b', 400], ['/nothing', 404]])('answer %s with %i', async (where, status) => {
    expect((await get(where)).status).toBe(status);
  });

  it.each(['/profile', '/recommendations'])('want to know whose %s it is', async (where) => {
    expect((await get(where, { 'x-user': '../admin' })).status).toBe(401);
  });

  it('do not tell what they are made of', async () => {
    expect((await get('/search?q=desk')).headers.has('x-powered-by')).toBe(false);
  });
});

describe('the health of the shop', () => {
  it('is degraded while the circuit of the payments is open, and the shop takes orders all the same', async () => {
    services.moods.payments = 'hanging';
    server.shop.policies.payments.parts.breaker.isolate('test');
    expect(await seen(post())).toStrictEqual([202, { status: 'queued' }]);
    expect(await seen(fetch(`${server.url}/health/ready`))).toMatchObject([200, { status: 'warn', checks: { payments: [{ status: 'fail' }] } }]);
    expect((await fetch(`${server.url}/health/dashboard`)).status).toBe(200);
  });
});
