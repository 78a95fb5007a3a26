import { expect, it } from 'vitest';
import { type Answer, failing, json, type Received } from '../backend.ts';
import { circuitOf, ended, healthOf, polled, send, type Shop } from '../shop.js';

const ok = json({ ok: true });

/** Milliseconds between the requests. */
const gaps = (received: readonly Received[]): number[] => received.slice(1).map(({ at }, index) => at - received[index]!.at);

const deadlineOf = ({ headers }: Received): number => Number(headers['x-request-timeout-ms']);

/** In the form of HTTP dates, which know whole seconds, together with the server's own time. */
const failingUntil = (seconds: number): Answer => {
  return (response) => {
    const now = Math.floor(Date.now() / 1_000) * 1_000;
    const headers = { Date: new Date(now).toUTCString(), 'Retry-After': new Date(now + seconds * 1_000).toUTCString() };
    failing(503, headers)(response);
  };
};

export function retries(shop: () => Shop): void {
  it('waits for as long as Retry-After says, whichever way it says so', async () => {
    const { backend } = shop();
    const answers = {
      seconds: failing(503, { 'Retry-After': '1' }),
      date: failingUntil(1),
      'too-many': failing(429, { 'Retry-After': '1' }),
    };
    const page = await shop().open('/bench');
    const outcomes = Object.entries(answers).map(([form, answer]) => {
      const url = `/api/${form}/after`;
      backend.on(url, answer, answer, ok);
      return ended(page, { url });
    });
    for (const outcome of await Promise.all(outcomes)) expect(outcome).toMatchObject({ status: 200, body: { ok: true } });
    for (const form of Object.keys(answers)) {
      const waits = gaps(backend.at(`/api/${form}/after`));
      expect(waits, form).toHaveLength(2);
      for (const wait of waits) {
        // Timers of browsers may fire a millisecond early; ten per cent are jitter.
        expect(wait, form).toBeGreaterThan(990);
        expect(wait, form).toBeLessThan(1_900);
      }
    }
  });

  it('does not wait where Retry-After goes beyond the deadline', async () => {
    const { backend } = shop();
    backend.on('/api/retry/long', failing(503, { 'Retry-After': '20' }));
    const page = await shop().open('/bench');
    const { error, took } = await ended(page, { url: '/api/retry/long' });
    expect(error).toMatchObject({ isHttpErrorResponse: true, status: 503, retryAfter: '20', cause: 'object' });
    expect(took).toBeLessThan(1_500);
    expect(backend.at('/api/retry/long')).toHaveLength(1);
  });

  it('signs each try anew, and tells each what is left', async () => {
    const { backend } = shop();
    backend.on('/api/retry/signed', failing(), failing(), ok);
    const page = await shop().open('/bench');
    const asked = { url: '/api/retry/signed', resilience: { deadline: 3_000, priority: 'critical' } } as const;
    expect(await ended(page, asked)).toMatchObject({ ended: 'complete', status: 200 });
    const received = backend.at('/api/retry/signed');
    const tokens = received.map(({ headers }) => String(headers['x-token']));
    expect(new Set(tokens).size).toBe(3);
    expect(tokens.every((token) => /^token-\d+$/.test(token))).toBe(true);
    expect(received.map(({ headers }) => headers['priority'])).toStrictEqual(['u=3', 'u=3', 'u=3']);
    const [first, second, third] = received.map(deadlineOf);
    expect(first).toBeGreaterThan(2_500);
    expect(first).toBeLessThanOrEqual(2_995);
    // 150 ms lie between two tries.
    expect(second).toBeLessThanOrEqual(first! - 149);
    expect(third).toBeLessThanOrEqual(second! - 149);
  });

  it('sends once what may not be made twice', async () => {
    const { backend } = shop();
    const page = await shop().open('/bench');
    for (const method of ['POST', 'PATCH']) {
      const url = `/api/write-${method}/one`;
      backend.on(url, failing());
      const { error } = await ended(page, { url, method, body: { amount: 1 } });
      expect(error).toMatchObject({ status: 503, cause: 'object' });
      expect(backend.at(url), method).toHaveLength(1);
    }
  });

  it.each([
    ['a POST with a key', { method: 'POST', headers: { 'Idempotency-Key': 'order-17' } }],
    ['a POST that is said to be idempotent', { method: 'POST', resilience: { idempotent: true } }],
    ['a PUT', { method: 'PUT' }],
    ['a DELETE', { method: 'DELETE' }],
  ])('tries %s again', async (_title, asked) => {
    const { backend } = shop();
    backend.on('/api/retry/again', failing(), failing(), ok);
    const page = await shop().open('/bench');
    expect(await ended(page, { url: '/api/retry/again', body: { amount: 1 }, ...asked })).toMatchObject({ status: 200 });
    const received = backend.at('/api/retry/again');
    expect(received.map(({ method }) => method)).toStrictEqual([asked.method, asked.method, asked.method]);
    const keys = received.map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys)).toStrictEqual(new Set(['headers' in asked ? 'order-17' : undefined]));
  });

  it('sends a GET once that is said not to be idempotent', async () => {
    const { backend } = shop();
    backend.on('/api/retry/once', failing());
    const page = await shop().open('/bench');
    const { error } = await ended(page, { url: '/api/retry/once', resilience: { idempotent: false } });
    expect(error).toMatchObject({ status: 503 });
    expect(backend.at('/api/retry/once')).toHaveLength(1);
  });

  it('passes at once what will not be otherwise the next time, and holds it against nobody', async () => {
    const { backend } = shop();
    const page = await shop().open('/bench');
    for (const status of [400, 401, 403, 404, 409, 501]) {
      backend.on(`/api/status/of-${status}`, failing(status));
      const { error } = await ended(page, { url: `/api/status/of-${status}`, resilience: { key: 'status' } });
      expect(error).toMatchObject({ isHttpErrorResponse: true, status, cause: 'object' });
      expect(backend.at(`/api/status/of-${status}`)).toHaveLength(1);
    }
    expect(await circuitOf(page, 'status')).toBe('closed');
  });

  it('leaves a request alone that has the policies off', async () => {
    const { backend } = shop();
    backend.on('/api/off/now', failing());
    const page = await shop().open('/bench');
    for (let time = 0; time < 5; time++) await ended(page, { url: '/api/off/now', resilience: false });
    const received = backend.at('/api/off/now');
    expect(received).toHaveLength(5);
    for (const { headers } of received) expect(Object.keys(headers)).not.toContain('x-request-timeout-ms');
    const key = `${backend.url}/api/off`;
    expect(await healthOf(page, key)).toBe('unknown');
    expect(await circuitOf(page, key)).toBeUndefined();
  });

  it('has the health of a key from its first request on', async () => {
    const { backend } = shop();
    backend.on('/api/orders/17', ok);
    const page = await shop().open('/bench');
    const key = `${backend.url}/api/orders`;
    expect([await healthOf(page, key), await circuitOf(page, key)]).toStrictEqual(['unknown', undefined]);
    await ended(page, { url: '/api/orders/17' });
    expect([await healthOf(page, key), await circuitOf(page, key)]).toStrictEqual(['up', 'closed']);
  });

  it('knows a relative address by where it leads', async () => {
    const { backend } = shop();
    backend.on('/api/based/one', failing());
    const page = await shop().open('/deep/down/bench');
    for (const url of ['api/based/one', '../api/based/one', './api/based/17/one']) await ended(page, { url });
    expect(backend.at('/api/based/one')).toHaveLength(3);
    expect(await circuitOf(page, `${backend.url}/api/based`)).toBe('open');
    expect(await circuitOf(page, `${backend.url}/deep/down`)).toBeUndefined();
  });

  it('does not take progress for success', async () => {
    const { backend } = shop();
    // A head of 200 and a piece of the body, then the connection breaks.
    const breaking: Answer = (response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': '100000', Connection: 'close' });
      response.write('x'.repeat(50_000), () => setTimeout(() => response.destroy(), 100));
    };
    backend.on('/api/retry/progress', breaking);
    const page = await shop().open('/bench');
    const outcome = await ended(page, { url: '/api/retry/progress' });
    expect(outcome).toMatchObject({ ended: 'error', error: { isHttpErrorResponse: true } });
    expect(outcome.events).toContain(3);
    expect(outcome.events).not.toContain(4);
    expect(backend.at('/api/retry/progress')).toHaveLength(3);
    await polled(() => circuitOf(page, `${backend.url}/api/retry`)).toBe('open');
  });

  it('lets as many through as the bulkhead of the key allows', async () => {
    const { backend } = shop();
    const held: Parameters<Answer>[0][] = [];
    // Each has an address of its own: of one address a browser asks for one answer at a time, for its cache.
    backend.on('/api/crowd/in', (response) => void held.push(response));
    const page = await shop().open('/bench');
    const all = await Promise.all(Array.from({ length: 13 }, (_, index) => send(page, { url: `/api/crowd/in?${index}` })));
    await polled(() => held.length).toBe(4);
    expect((await all[12]!.ended()).error).toMatchObject({ status: 503, statusText: 'BulkheadFullError', code: 'BULKHEAD_FULL' });
    for (let answered = 0; answered < 12; answered++) {
      await polled(() => held.length).toBeGreaterThan(answered);
      ok(held[answered]!);
    }
    for (const one of all.slice(0, 12)) expect(await one.ended()).toMatchObject({ ended: 'complete', status: 200 });
    expect(backend.at('/api/crowd/in')).toHaveLength(12);
  });
}
