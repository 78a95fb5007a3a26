import { expect, it } from 'vitest';
import { json, type Received } from '../backend.ts';
import { ended, polled, send, type Shop } from '../shop.js';

/** What the library may send; a foreign origin gets none of it, and so no preflight. */
const ours = ['x-request-timeout-ms', 'grpc-timeout', 'x-envoy-expected-rq-timeout-ms', 'x-deadline', 'priority'];
const oursIn = ({ headers }: Received): string[] => ours.filter((name) => name in headers);
const resilience = { key: 'elsewhere', deadline: 2_000, priority: 'critical' } as const;

/** Addresses that look like ours, or like none, and lead to another origin. */
const disguises: readonly (readonly [string, (own: string, foreign: string) => string])[] = [
  ['without a scheme', (_own, foreign) => `//${foreign}/api/evil`],
  ['with backslashes', (_own, foreign) => `\\\\${foreign}\\api\\evil`],
  ['with a slash and a backslash', (_own, foreign) => `/\\${foreign}/api/evil`],
  ['after white space', (_own, foreign) => ` \t//${foreign}/api/evil`],
  ['with a tab between its slashes', (_own, foreign) => `/\t/${foreign}/api/evil`],
  ['with one slash more', (_own, foreign) => `http:///${foreign}/api/evil`],
  ['with a scheme in capitals', (_own, foreign) => `HTTP://${foreign}/api/evil`],
  ['with our origin in its path', (own, foreign) => `http://${foreign}/api/evil?${own}`],
  ['with our origin in its fragment', (own, foreign) => `//${foreign}/api/evil#${own}`],
];

export function foreignOrigins(shop: () => Shop): void {
  it('tells its own origin what is left, and how much it matters', async () => {
    const { backend } = shop();
    backend.on('/api/own/one', json({ ok: true }));
    const page = await shop().open('/bench');
    for (const url of ['/api/own/one', 'api/own/one', `${backend.url}/api/own/one`, `//${backend.host}/api/own/one`]) {
      expect(await ended(page, { url, resilience })).toMatchObject({ status: 200 });
    }
    const received = backend.at('/api/own/one');
    expect(received.map(oursIn)).toStrictEqual(Array(4).fill(['x-request-timeout-ms', 'priority']));
  });

  it('sends nothing of ours to an origin without the allowance, and no preflight', async () => {
    const { foreign } = shop();
    foreign.on('/api/items/1', json({ ok: true }));
    const page = await shop().open('/bench');
    const outcome = await ended(page, { url: `${foreign.url}/api/items/1`, resilience });
    expect(outcome.error).toMatchObject({ isHttpErrorResponse: true, status: 0 });
    const received = foreign.at('/api/items/1');
    // The page may not read the answer, so it looks like a broken network: tried again, and the same holds for each.
    expect(received.map(({ method }) => method)).toStrictEqual(['GET', 'GET', 'GET']);
    expect(received.flatMap(oursIn)).toStrictEqual([]);
  });

  it('reads an origin with the allowance for plain requests, which a header of ours would end', async () => {
    const { foreign } = shop();
    foreign.on('/api/items/2', json({ ok: true }, 200, { 'Access-Control-Allow-Origin': '*' }));
    const page = await shop().open('/bench');
    expect(await ended(page, { url: `${foreign.url}/api/items/2`, resilience })).toMatchObject({ status: 200, body: { ok: true } });
    expect(foreign.received.map(({ method }) => method)).toStrictEqual(['GET']);
    expect(foreign.received.flatMap(oursIn)).toStrictEqual([]);
  });

  it('tells an origin that is listed, which costs a preflight, and then no other', async () => {
    const { backend, foreign } = shop();
    const allowance = {
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Allow-Headers': 'X-Request-Timeout-Ms, Priority',
      'Access-Control-Max-Age': '0',
    };
    foreign.on('/api/items/3', json({}, 200, allowance));
    backend.on('/api/own/two', json({}));
    const page = await shop().open('/bench', [foreign.url]);
    expect(await ended(page, { url: `${foreign.url}/api/items/3`, resilience })).toMatchObject({ status: 200 });
    expect(await ended(page, { url: '/api/own/two', resilience })).toMatchObject({ status: 200 });
    const asked = foreign.at('/api/items/3').find(({ method }) => method === 'OPTIONS');
    expect(asked?.headers['access-control-request-headers']).toBe('priority,x-request-timeout-ms');
    const [sent] = foreign.at('/api/items/3').filter(({ method }) => method === 'GET');
    expect(oursIn(sent!)).toStrictEqual(['x-request-timeout-ms', 'priority']);
    expect(backend.at('/api/own/two').flatMap(oursIn)).toStrictEqual([]);
  });

  it('follows an address of its own to another origin without a preflight where its own is not told either', async () => {
    const { backend, foreign } = shop();
    backend.on('/api/own/moved', (response) => void response.writeHead(302, { Location: `${foreign.url}/api/items/4` }).end());
    foreign.on('/api/items/4', json({ ok: true }, 200, { 'Access-Control-Allow-Origin': '*' }));
    const page = await shop().open('/bench', []);
    expect(await ended(page, { url: `${backend.url}/api/own/moved`, resilience })).toMatchObject({ status: 200, body: { ok: true } });
    expect([...backend.received, ...foreign.received].flatMap(oursIn)).toStrictEqual([]);
    expect(foreign.received.map(({ method }) => method)).toStrictEqual(['GET']);
  });

  it('is not taken in by an address in disguise', async () => {
    const { backend, foreign } = shop();
    foreign.on('/api/evil', json({ ok: true }));
    const page = await shop().open('/bench');
    for (const [disguise, address] of disguises) {
      foreign.received.length = 0;
      const sent = await send(page, { url: address(backend.url, foreign.host), resilience: { ...resilience, key: disguise } });
      await polled(() => foreign.at('/api/evil').length).toBeGreaterThan(0);
      await sent.ended();
      expect(foreign.received.map(({ method }) => method), disguise).not.toContain('OPTIONS');
      expect(foreign.received.flatMap(oursIn), disguise).toStrictEqual([]);
    }
    expect(backend.received).toStrictEqual([]);
  });

  it('is not taken in by our origin as the name of a user', async () => {
    const { backend, foreign } = shop();
    foreign.on('/api/evil', json({ ok: true }));
    const page = await shop().open('/bench');
    for (const user of [backend.host, '127.0.0.1', 'localhost']) {
      // fetch refuses such an address itself; XMLHttpRequest does not.
      const outcome = await ended(page, { url: `http://${user}@${foreign.host}/api/evil`, resilience: { ...resilience, key: user } });
      expect(outcome.error).toMatchObject({ isHttpErrorResponse: true, status: 0 });
    }
    expect(foreign.received.map(({ method }) => method)).not.toContain('OPTIONS');
    expect(foreign.received.flatMap(oursIn)).toStrictEqual([]);
    expect(backend.received).toStrictEqual([]);
  });
}
