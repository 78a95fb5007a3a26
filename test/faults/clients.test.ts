import { get as httpGet, type RequestOptions } from 'node:http';
import { createServer as createSecureServer, get as httpsGet } from 'node:https';
import type { AddressInfo } from 'node:net';
import axios, { type AxiosRequestConfig } from 'axios';
import { Agent, Client, fetch as undiciFetch, request as undiciRequest } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { classify, constant, fallbackToValue, httpStatusOf, resiliencePipeline } from '../../src/index.js';
import { raw, web } from '../fetch/servers.js';
import { certificate, key } from '../tls.js';

/** A request by a client; it rejects with an error of that client. */
type Get = (url: string, signal?: AbortSignal) => Promise<unknown>;

const node = (url: string, options: RequestOptions = {}): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const get = url.startsWith('https:') ? httpsGet : httpGet;
    get(url, options, (response) => response.on('data', () => {}).on('error', reject).on('end', () => resolve(response))).on('error', reject);
  });
const axiosWith =
  (adapter: 'http' | 'fetch', more: AxiosRequestConfig = {}): Get =>
  (url, signal) => axios.get(url, { adapter, ...more, ...(signal !== undefined && { signal }) });
const withSignal = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });

const clients: readonly (readonly [string, Get])[] = [
  ['fetch', async (url, signal) => (await fetch(url, withSignal(signal))).text()],
  ['fetch of undici', async (url, signal) => (await undiciFetch(url, withSignal(signal))).text()],
  ['request of undici', async (url, signal) => (await undiciRequest(url, withSignal(signal))).body.text()],
  ['axios', axiosWith('http')],
  ['axios with fetch', axiosWith('fetch')],
  ['node:http', (url, signal) => node(url, withSignal(signal))],
];

interface Ended {
  readonly tries: number;
  readonly failures: number;
  readonly successes: number;
  readonly ignored: number;
  readonly answered: boolean;
}

/** A name for each run: so many policies of one name are reported. */
let made = 0;

/** What the policies make of one call, and of its error. */
async function ended(make: () => Promise<unknown>): Promise<Ended & { readonly error: unknown }> {
  let tries = 0;
  let error: unknown;
  const pipeline = resiliencePipeline({ name: `p${++made}`, retry: { backoff: constant(1), maxRetries: 2, budget: false }, breaker: { failureThreshold: 9 } });
  const call = () => {
    tries++;
    return make();
  };
  await pipeline.run(call).catch((thrown: unknown) => (error = thrown));
  const { failures, successes, ignored } = pipeline.parts.breaker.metrics();
  const failed = () => Promise.reject(error as Error);
  const answer = await resiliencePipeline({ name: 'f', fallback: fallbackToValue('instead') }).run(failed).catch(() => undefined);
  return { tries, failures, successes, ignored, answered: answer === 'instead', error };
}

const isTriedAgain: Ended = { tries: 3, failures: 3, successes: 0, ignored: 0, answered: true };
const isAnAnswer: Ended = { tries: 1, failures: 0, successes: 1, ignored: 0, answered: false };
const isNobodys: Ended = { tries: 1, failures: 0, successes: 0, ignored: 1, answered: false };
const isNoUseToTry: Ended = { tries: 1, failures: 1, successes: 0, ignored: 0, answered: true };

describe.each(clients)('of %s', (name, get) => {
  it('a call that its user cancels is neither tried again nor a failure', async () => {
    const { origin } = await web(() => {});
    const cancelled = () => {
      const user = new AbortController();
      setTimeout(() => user.abort(), 20);
      return get(origin, user.signal);
    };
    expect(await ended(cancelled)).toMatchObject(isNobodys);
    expect(await ended(() => get(origin, AbortSignal.abort()))).toMatchObject(isNobodys);
  });

  it('a call that a timeout cancels has failed', async () => {
    const { origin } = await web(() => {});
    expect(await ended(() => get(origin, AbortSignal.timeout(20)))).toMatchObject(isTriedAgain);
  });

  it('a call without a connection is tried again', async () => {
    const { origin } = await raw((socket) => socket.destroy());
    expect(await ended(() => get(origin))).toMatchObject(isTriedAgain);
  });

  it('an answer that breaks off is tried again', async () => {
    const { origin } = await web((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('abc');
      setTimeout(() => response.destroy(), 20);
    });
    expect(await ended(() => get(origin))).toMatchObject(isTriedAgain);
  });

  it('a certificate that is not valid is not tried again, and is a failure', async () => {
    const server = createSecureServer({ cert: certificate, key }, (_, response) => response.end('x')).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((ready) => server.once('listening', ready));
    const end = await ended(() => get(`https://127.0.0.1:${(server.address() as AddressInfo).port}`));
    expect(end).toMatchObject(isNoUseToTry);
    expect(classify(end.error)).toBe('permanent');
  });

  it.skipIf(['fetch', 'fetch of undici'].includes(name))('a URL of another protocol is a bug', async () => {
    expect(await ended(() => get('foo://a.example'))).toMatchObject(isNobodys);
  });
});

describe('of fetch', () => {
  const fetches = [['the platform', fetch], ['undici', undiciFetch as unknown as typeof fetch]] as const;

  describe.each(fetches)('by %s, what was never sent is nobody\'s failure:', (_, send) => {
    const stream = () => new Response('x').body!;
    const used = async (): Promise<ReadableStream> => {
      const body = stream();
      await new Response(body).text();
      return body;
    };
    it.each<[string, (url: string) => Promise<unknown>]>([
      ['a URL that is none', () => send('http://')],
      ['a blocked port', () => send('http://127.0.0.1:6000')],
      ['a blob that is gone', (url) => send(`blob:${url}/00000000-0000-0000-0000-000000000000`)],
      ['a data URL without data', () => send('data:')],
      ['a file', () => send('file:///etc/hosts')],
      ['another scheme', () => send('ftp://a.example')],
      ['about:', () => send('about:config')],
      ['credentials in the URL', (url) => send(url.replace('//', '//user:password@'))],
      ['an upgrade', (url) => send(url, { headers: { connection: 'upgrade', upgrade: 'websocket' } })],
      ['a header that fetch sets itself', (url) => send(url, { headers: { 'transfer-encoding': 'chunked' } })],
      ['a header that is not supported', (url) => send(url, { headers: { expect: '100-continue' } })],
      ['a name that is no header', (url) => send(url, { headers: { 'a b': 'x' } })],
      ['a value that is no header', (url) => send(url, { headers: { a: 'x\u0001y' } })],
      ['a length that is not that of the body', (url) => send(url, { method: 'POST', body: 'abc', headers: { 'content-length': '5' } })],
      ['a method that is none', (url) => send(url, { method: 'A B' })],
      ['a body of a GET', (url) => send(url, { body: 'x' })],
      ['a stream without duplex', (url) => send(url, { method: 'POST', body: stream() })],
      ['a body that was used', async (url) => send(url, { method: 'POST', body: await used(), duplex: 'half' } as RequestInit)],
      ['an answer that is read twice', async (url) => {
        const response = await send(url);
        await response.text();
        return response.text();
      }],
    ])('%s', async (_title, make) => {
      const { origin, arrived } = await web((_, response) => response.end('x'));
      const end = await ended(() => make(origin));
      expect(end).toMatchObject(isNobodys);
      expect(classify(end.error)).toBe('bug');
      expect(arrived.length).toBeLessThanOrEqual(1);
    });

    it.each<[string, string, RequestRedirect]>([
      ['a redirect in a circle', '/', 'follow'],
      ['a redirect that is refused', '/', 'error'],
      ['a redirect to another scheme', 'data:,x', 'follow'],
      ['a redirect to credentials', 'http://user:password@127.0.0.1:9', 'follow'],
    ])('%s is an answer', async (_title, location, redirect) => {
      const { origin } = await web((_, response) => response.writeHead(302, { location }).end());
      expect(await ended(() => send(origin, { redirect }))).toMatchObject(isAnAnswer);
    });
  });

  it('by the platform, a Request that was used is a bug', async () => {
    const { origin } = await web((_, response) => response.end('x'));
    const request = new Request(origin, { method: 'POST', body: 'x' });
    await request.text();
    expect(await ended(() => fetch(request))).toMatchObject(isNobodys);
  });
});

describe('of undici', () => {
  it('a client that is closed can make no request', async () => {
    const { origin } = await web((_, response) => response.end('x'));
    for (const close of ['close', 'destroy'] as const) {
      const client = new Client(origin);
      await client[close]();
      expect(await ended(() => client.request({ path: '/', method: 'GET' }))).toMatchObject(isNobodys);
    }
  });

  it('an argument that is refused is a bug', async () => {
    const { origin } = await web((_, response) => response.end('x'));
    expect(await ended(() => undiciRequest(origin, { method: 'A B' as 'GET' }))).toMatchObject(isNobodys);
    expect(await ended(() => undiciRequest(origin, { headers: { a: 'x\ny' } }))).toMatchObject(isNobodys);
  });

  it('no head in time is a failure', async () => {
    const { origin } = await web(() => {});
    const dispatcher = new Agent({ headersTimeout: 20 });
    onTestFinished(() => dispatcher.destroy());
    expect(await ended(() => undiciRequest(origin, { dispatcher }))).toMatchObject(isTriedAgain);
  });
});

describe.each(['http', 'fetch'] as const)('of axios with the adapter %s', (adapter) => {
  it.each<[number, Ended]>([
    [404, isAnAnswer],
    [304, isAnAnswer],
    [503, isTriedAgain],
    [522, isTriedAgain],
    [525, isAnAnswer],
  ])('a status of %i', async (status, expected) => {
    const { origin } = await web((_, response) => response.writeHead(status).end());
    const end = await ended(() => axios.get(origin, { adapter }));
    expect(end).toMatchObject(expected);
    expect(httpStatusOf(end.error)).toBe(status);
  });

  it('a redirect that is not followed, and one in a circle, are answers', async () => {
    const { origin } = await web((_, response) => response.writeHead(302, { location: '/' }).end());
    for (const maxRedirects of [0, 2]) expect(await ended(() => axios.get(origin, { adapter, maxRedirects }))).toMatchObject(isAnAnswer);
  });

  it('an answer that is no JSON is an answer', async () => {
    const { origin } = await web((_, response) => response.end('{'));
    const config: AxiosRequestConfig = { adapter, responseType: 'json', transitional: { silentJSONParsing: false } };
    expect(await ended(() => axios.get(origin, config))).toMatchObject(isAnAnswer);
  });

  it('its own timeout is a failure, before the answer and while it comes', async () => {
    const { origin } = await web(({ path }, response) => {
      if (path !== '/') response.writeHead(200, { 'content-length': 100 }).write('abc');
    });
    for (const path of ['/', '/slow']) expect(await ended(() => axios.get(origin + path, { adapter, timeout: 50 }))).toMatchObject(isTriedAgain);
  });

  it('its old tokens cancel as signals do', async () => {
    const { origin } = await web(() => {});
    const { CancelToken } = axios;
    const cancelled = () => axios.get(origin, { adapter, cancelToken: new CancelToken((cancel) => setTimeout(() => cancel('left'), 20)) });
    expect(await ended(cancelled)).toMatchObject(isNobodys);
  });

  it('what was never sent is nobody\'s failure', async () => {
    const { origin, arrived } = await web((_, response) => response.end('x'));
    const requests: readonly AxiosRequestConfig[] = [
      { url: 'nope' },
      { url: 'ftp://a.example' },
      { url: origin, method: 'A B' },
      { url: origin, headers: { 'a b': 'x' } },
      { url: origin, method: 'post', data: 'xxxxxx', maxBodyLength: 2 },
      ...(adapter === 'fetch' ? [{ url: 'http://127.0.0.1:6000' }, { url: origin, headers: { upgrade: 'websocket' } }] : []),
    ];
    for (const request of requests) expect([request, await ended(() => axios({ adapter, ...request }))]).toMatchObject([request, isNobodys]);
    expect(arrived).toHaveLength(0);
  });
});

describe('of node:http', () => {
  it('what was never sent is nobody\'s failure', async () => {
    const { origin, arrived } = await web((_, response) => response.end('x'));
    const options: readonly RequestOptions[] = [{ headers: { a: 'x\ny' } }, { headers: { 'a b': 'x' } }, { method: 'A B' }, { path: '/a b' }, { port: 99_999 }];
    for (const option of options) expect(await ended(() => node(origin, option))).toMatchObject(isNobodys);
    expect(await ended(() => node('nope'))).toMatchObject(isNobodys);
    expect(arrived).toHaveLength(0);
  });

  it('a name that is not in the certificate is a failure', async () => {
    const server = createSecureServer({ cert: certificate, key }, (_, response) => response.end('x')).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((ready) => server.once('listening', ready));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await ended(() => node(url, { ca: certificate } as RequestOptions))).toMatchObject({ ...isNoUseToTry, error: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } });
    await expect(node(url, { ca: certificate, servername: 'localhost' } as RequestOptions)).resolves.toBeDefined();
  });
});
