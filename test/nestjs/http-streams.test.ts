import { getEventListeners } from 'node:events';
import { Agent, type RequestListener, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { HttpService } from '@nestjs/axios';
import axios, { type AxiosRequestConfig, type AxiosResponse, isAxiosError, isCancel } from 'axios';
import { firstValueFrom, lastValueFrom, type Observable, of } from 'rxjs';
import {
  constant, Deadline, fallbackTo, fallbackToValue, isDeadlineExceededError, resiliencePipeline, retryWithBackoff, runInContext,
} from 'rxjs-resilience';
import { ResilientHttpService } from 'rxjs-resilience/nestjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serve, sleep } from '../node/sockets.ts';

const http = new HttpService(axios.create());
const again = (wait = 0) => retryWithBackoff(constant(wait), { maxRetries: 2, budget: false });

interface Counting {
  readonly origin: string;
  /** Connections that are open now. */
  readonly open: () => number;
  readonly requests: () => number;
}

async function serving(listener: RequestListener): Promise<Counting> {
  let open = 0;
  let requests = 0;
  const { server, port } = await serve((req, res) => {
    requests++;
    listener(req, res);
  });
  server.on('connection', (socket) => {
    open++;
    socket.on('close', () => open--);
  });
  return { origin: `http://127.0.0.1:${port}`, open: () => open, requests: () => requests };
}

/** A head, the beginning of a body, and no end. */
const endless = (res: ServerResponse, status: number) => res.writeHead(status).write('some');
const streamed = { responseType: 'stream' } as const;
const failure = (answer: Observable<unknown>) => lastValueFrom(answer).then(() => undefined, (error: unknown) => error);

/** One connection at a time, which is kept. */
function narrowAgent(): AxiosRequestConfig {
  const httpAgent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => httpAgent.destroy());
  return { ...streamed, httpAgent };
}

describe('before the head has come, a request for a stream', () => {
  type Get = (service: ResilientHttpService<HttpService>, url: string, config: AxiosRequestConfig) => Observable<unknown>;
  const methods: [string, Get][] = [
    ['get', (service, url, config) => service.get(url, config)],
    ['post', (service, url, config) => service.post(url, 'a', config)],
    ['request', (service, url, config) => service.request({ ...config, url })],
  ];
  it.each(methods)('ends with the deadline: %s', async (_name, call) => {
    const { origin, open } = await serving(() => undefined);
    const service = new ResilientHttpService(http, resiliencePipeline({ name: 'x', deadline: 100 }));
    expect(await failure(call(service, origin, streamed))).toSatisfy(isDeadlineExceededError);
    await expect.poll(open).toBe(0);
  });

  it.each(['unsubscribed', 'context deadline', 'context signal', 'own signal'])('ends: %s', async (how) => {
    let arrived: () => void;
    const arriving = new Promise<void>((resolve) => (arrived = resolve));
    const { origin, open } = await serving(() => arrived());
    const leaving = new AbortController();
    const context = how === 'context deadline' ? { deadline: Deadline.after(200) } : how === 'context signal' ? { signal: leaving.signal } : {};
    const config = how === 'own signal' ? { ...streamed, signal: leaving.signal } : streamed;
    const call = runInContext(context, () => new ResilientHttpService(http, again()).get(origin, config).subscribe({ error: () => undefined }));
    await arriving;
    if (how === 'unsubscribed') call.unsubscribe();
    if (how.endsWith('signal')) leaving.abort();
    await expect.poll(open).toBe(0);
  });

  it('gives its place in the agent to the next one', async () => {
    let hang = true;
    const { origin } = await serving((_req, res) => {
      if (!hang) res.end('fine');
      hang = false;
    });
    const service = new ResilientHttpService(http, resiliencePipeline({ name: 'x', deadline: 1_000, attemptDeadline: 100, retry: { backoff: constant(0) } }));
    const { data } = (await lastValueFrom(service.get(origin, narrowAgent()))) as AxiosResponse<Readable>;
    expect(await text(data)).toBe('fine');
  });
});

it.each([{}, streamed])('a request with a cancelToken of its caller ends with the deadline as well: %o', async (type) => {
  const { origin, open } = await serving(() => undefined);
  const { token, cancel } = axios.CancelToken.source();
  const service = new ResilientHttpService(http, resiliencePipeline({ name: 'x', deadline: 100 }));
  expect(await failure(service.get(origin, { ...type, cancelToken: token }))).toSatisfy(isDeadlineExceededError);
  await expect.poll(open).toBe(0);
  const cancelled = failure(service.get(origin, { ...type, cancelToken: token }));
  cancel();
  expect(await cancelled).toSatisfy(isCancel);
});

describe('the stream that a caller has got', () => {
  const slowly: RequestListener = (_req, res) => {
    res.write('first ');
    setTimeout(() => res.end('last'), 700);
  };

  it.each(['http', 'fetch'] as const)('is the caller’s: it can be read after the call and its deadline are over, with the adapter %s', async (adapter) => {
    const { origin } = await serving(slowly);
    const service = new ResilientHttpService(http, resiliencePipeline({ name: 'x', deadline: 500 }));
    const { data } = (await firstValueFrom(service.get(origin, { ...streamed, adapter }))) as AxiosResponse<Readable>;
    expect(await text(data)).toBe('first last');
  });

  it('ends with the signal that its caller gave, which has no listeners of ours when it was read', async () => {
    const { origin, open } = await serving(slowly);
    const leaving = new AbortController();
    const service = new ResilientHttpService(new HttpService(axios.create({ signal: leaving.signal })), again());
    const read = (await firstValueFrom(service.get(origin, streamed))) as AxiosResponse<Readable>;
    expect(await text(read.data)).toBe('first last');
    const { data } = (await firstValueFrom(service.get(origin, streamed))) as AxiosResponse<Readable>;
    const reading = text(data);
    leaving.abort();
    await expect(reading).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    await expect.poll(open).toBe(0);
  });

  it('is that of the last try, where the answer of a fallback is the response of the error', async () => {
    const { origin } = await serving((_req, res) => res.writeHead(503).end('down'));
    const policy = resiliencePipeline({
      name: 'x', retry: { backoff: constant(0), maxRetries: 1 }, fallback: fallbackTo((error) => of((error as { response: unknown }).response)),
    });
    const { data } = (await lastValueFrom(new ResilientHttpService(http, policy).get(origin, narrowAgent()))) as AxiosResponse<Readable>;
    expect(await text(data)).toBe('down');
  });

  it('comes with the last error too', async () => {
    for (const exhausted of ['rethrow', 'wrap'] as const) {
      const { origin, requests } = await serving((_req, res) => res.writeHead(503).end('down'));
      const retries = retryWithBackoff(constant(0), { maxRetries: 2, budget: false, exhausted });
      const error = (await failure(new ResilientHttpService(http, retries).get(origin, narrowAgent()))) as { cause?: unknown };
      const last = exhausted === 'wrap' ? error.cause : error;
      expect(last).toSatisfy(isAxiosError);
      expect([await text((last as { response: AxiosResponse<Readable> }).response.data), requests()]).toStrictEqual(['down', 3]);
    }
  });

  it('may come from an interceptor of axios without its response', async () => {
    const { origin } = await serving(slowly);
    const instance = axios.create();
    instance.interceptors.response.use((response) => response.data as AxiosResponse);
    const data = await firstValueFrom(new ResilientHttpService(new HttpService(instance), again()).get(origin, streamed));
    expect(await text(data as unknown as Readable)).toBe('first last');
  });
});

describe('a stream that nobody gets', () => {
  /** Answers with 503 and a body that never ends, then with 200. */
  const failing = (times: number, headers = {}): RequestListener => (_req, res) => {
    if (times-- > 0) endless(res, 503);
    else res.writeHead(200, headers).end('fine');
  };

  it.each(['http', 'fetch'] as const)('leaves no connection behind when its request is made again, with the adapter %s', async (adapter) => {
    const { origin, open, requests } = await serving(failing(2));
    const service = new ResilientHttpService(http, again());
    const { data } = (await lastValueFrom(service.get(origin, { ...narrowAgent(), adapter }))) as AxiosResponse<Readable>;
    expect([await text(data), requests()]).toStrictEqual(['fine', 3]);
    await expect.poll(open).toBeLessThanOrEqual(1);
  });

  it('is gone while the retry waits', async () => {
    const { origin, open, requests } = await serving(failing(1));
    const call = new ResilientHttpService(http, again(10_000)).get(origin, narrowAgent()).subscribe();
    await expect.poll(requests).toBe(1);
    await expect.poll(open).toBe(0);
    call.unsubscribe();
  });

  it('is gone when a fallback has answered', async () => {
    const { origin, open } = await serving(failing(1));
    const policy = resiliencePipeline({ name: 'x', fallback: fallbackToValue({ data: 'instead' }) });
    expect(await lastValueFrom(new ResilientHttpService(http, policy).get(origin, narrowAgent()))).toStrictEqual({ data: 'instead' });
    await expect.poll(open).toBe(0);
  });

  it('can be read by a fallback until that has answered', async () => {
    const { origin } = await serving((_req, res) => {
      res.writeHead(503).write('because');
      setTimeout(() => res.end(' of this'), 50);
    });
    const policy = resiliencePipeline({
      name: 'x', fallback: fallbackTo(async (error) => text((error as { response: AxiosResponse<Readable> }).response.data)),
    });
    expect(await lastValueFrom(new ResilientHttpService(http, policy).get(origin, streamed))).toBe('because of this');
  });

  it.each([
    ['compressed', { 'Content-Encoding': 'gzip' }, {}],
    ['limited in its length', {}, { maxContentLength: 1_000 }],
  ])('is gone: %s', async (_title, headers, config) => {
    const { origin, open, requests } = await serving((_req, res) => res.writeHead(503, headers).write(gzipSync('some')));
    const policy = resiliencePipeline({ name: 'x', retry: { backoff: constant(0), maxRetries: 2 }, fallback: fallbackToValue('instead') });
    expect(await lastValueFrom(new ResilientHttpService(http, policy).get(origin, { ...narrowAgent(), ...config }))).toBe('instead');
    expect(requests()).toBe(3);
    await expect.poll(open).toBe(0);
  });

  it('is gone where a value is tried again', async () => {
    let times = 2;
    const { origin, open } = await serving((_req, res) => (times-- > 0 ? endless(res, 202) : res.end('fine')));
    const retries = retryWithBackoff(constant(0), { maxRetries: 2, budget: false, retryIfValue: (value) => (value as AxiosResponse).status === 202 });
    const { data } = (await lastValueFrom(new ResilientHttpService(http, retries).get(origin, narrowAgent()))) as AxiosResponse<Readable>;
    expect(await text(data)).toBe('fine');
    await expect.poll(open).toBeLessThanOrEqual(1);
  });

  it('is found where an interceptor of axios makes an error of its own', async () => {
    const { origin, open, requests } = await serving((_req, res) => endless(res, 503));
    const instance = axios.create();
    instance.interceptors.response.use(undefined, (cause: unknown) => Promise.reject(new Error('mapped', { cause })));
    expect(await failure(new ResilientHttpService(new HttpService(instance), again()).get(origin, narrowAgent()))).toMatchObject({ message: 'mapped' });
    expect(requests()).toBe(3);
    // That of the last try is the caller's.
    await expect.poll(open).toBe(1);
  });

  it('is gone where the caller has left while an interceptor of axios was at work', async () => {
    const { origin, open, requests } = await serving((_req, res) => endless(res, 200));
    const instance = axios.create();
    instance.interceptors.response.use(async (response) => {
      call.unsubscribe();
      await sleep(10);
      return response;
    });
    const call = new ResilientHttpService(new HttpService(instance), again()).get(origin, narrowAgent()).subscribe();
    await expect.poll(requests).toBe(1);
    await expect.poll(open).toBe(0);
  });
});

it('leaves no listeners at a signal that lives on', async () => {
  let times = 1;
  const { origin } = await serving((_req, res) => res.writeHead(times-- > 0 ? 503 : 200).end('fine'));
  const { signal } = new AbortController();
  const service = new ResilientHttpService(http, again());
  await lastValueFrom(service.get(origin, { signal }));
  await failure(service.get(origin, { signal, validateStatus: () => false }));
  service.get(origin, { signal }).subscribe().unsubscribe();
  expect(getEventListeners(signal, 'abort')).toStrictEqual([]);
});

it('sends a form with a stream in it once', async () => {
  const { origin, requests } = await serving((req, res) => void req.resume().on('end', () => res.writeHead(503).end()));
  const service = new ResilientHttpService(http, again());
  await failure(service.putForm(origin, { parts: [{ file: Readable.from(['a']) }] }));
  expect(requests()).toBe(1);
  await failure(service.putForm(origin, { parts: [{ file: Buffer.from('a') }] }));
  expect(requests()).toBe(4);
});
