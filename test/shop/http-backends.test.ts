import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { firstValueFrom } from 'rxjs';
import { attempt, Deadline, retryWithBackoff, runInContext } from 'rxjs-resilience';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Backends } from '../../docs/recipes/shop/backends.ts';
import { httpBackends, StatusError } from '../../docs/recipes/shop/http-backends.ts';
import { orderOf } from './virtual-shop.ts';

interface Asked {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let server: Server;
let backends: Backends;
let asked: Asked[];
let answer: { status: number; headers?: Record<string, string>; body: string };

beforeEach(async () => {
  asked = [];
  server = createServer((req, res) => {
    void text(req).then((body) => {
      asked.push({ method: req.method, path: req.url, headers: req.headers, body });
      res.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  backends = httpBackends({ inventory: url, payments: url, notification: url, profiles: url, recommendations: url, ranking: url });
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const order = orderOf('a');
type Make = (signal: AbortSignal) => ReturnType<Backends[keyof Backends]>;
const call = (make: Make): Promise<unknown> => firstValueFrom(attempt(({ signal }) => make(signal)), { defaultValue: undefined });
const answers = (body: unknown, status = 200, headers?: Record<string, string>): void =>
  void (answer = { status, body: typeof body === 'string' ? body : JSON.stringify(body), ...(headers && { headers }) });

describe('what is sent', () => {
  it('has the id of the order as key, each time', async () => {
    answers({ status: 'charged', reserved: true });
    for (let i = 0; i < 2; i++) {
      await call((signal) => backends.reserve(order, signal));
      await call((signal) => backends.charge(order, signal));
      await call((signal) => backends.notify(order, 'charged', signal));
    }
    expect(asked.map(({ method, path }) => `${method} ${path}`).slice(0, 3)).toStrictEqual(['POST /reservations', 'POST /charges', 'POST /messages']);
    expect(new Set(asked.map(({ headers }) => headers['idempotency-key']))).toStrictEqual(new Set([order.id]));
    expect(asked[1]!.body).toBe('{"user":"ann","amount":4900}');
  });

  it('tells our own services how much time is left, and nobody else', async () => {
    answers({ status: 'charged', reserved: true, items: [] });
    await runInContext({ deadline: Deadline.after(10_000), priority: 'critical' }, async () => {
      await call((signal) => backends.reserve(order, signal));
    });
    await runInContext({ deadline: Deadline.after(10_000), priority: 'critical' }, async () => {
      await call((signal) => backends.charge(order, signal));
    });
    const [inventory, payments] = asked.map(({ headers }) => headers);
    expect(Number(inventory!['x-request-timeout-ms'])).toBeGreaterThan(5_000);
    expect(Number(inventory!['x-request-timeout-ms'])).toBeLessThan(10_000);
    expect(Object.keys(payments!)).not.toContain('x-request-timeout-ms');
    expect(Object.keys(payments!)).not.toContain('priority');
  });
});

describe('what is answered', () => {
  it.each<[string, Make, unknown, unknown]>([
    ['reserve', (signal) => backends.reserve(order, signal), { reserved: true }, 'reserved'],
    ['reserve', (signal) => backends.reserve(order, signal), { reserved: false }, 'sold_out'],
    ['reserve', (signal) => backends.reserve(order, signal), null, 'sold_out'],
    ['charge', (signal) => backends.charge(order, signal), { status: 'charged' }, 'charged'],
    ['charge', (signal) => backends.charge(order, signal), { status: 'declined' }, 'declined'],
    ['profile', (signal) => backends.profile('ann', signal), { name: 'Ann', currency: 'EUR', password: 'x' }, { name: 'Ann', currency: 'EUR' }],
    ['recommend', (signal) => backends.recommend('ann', signal), { items: ['lamp'] }, ['lamp']],
    ['rank', (signal) => backends.rank('desk', ['desk', 'mat'], signal), { items: ['mat', 'other', 'desk'] }, ['mat', 'desk']],
  ])('is read: %s', async (_name, make, body, expected) => {
    answers(body);
    expect(await call(make)).toStrictEqual(expected);
  });

  // Taken for "not charged", any of these would lose money or take it twice.
  it.each(['', '<html>', 'null', '{}', '[]', '{"status":"other amount"}', '{"status":true}'])('is no charge and no refusal: %s', async (body) => {
    answers(body);
    await expect(call((signal) => backends.charge(order, signal))).rejects.toThrow();
  });

  it.each(['{"items":{}}', '{"items":[1]}', '[]', 'null'])('is no list: %s', async (body) => {
    answers(body);
    await expect(call((signal) => backends.recommend('ann', signal))).rejects.toThrow('not a list');
  });

  it('is an error with its status, and with the time to wait, which a retry keeps', async () => {
    answers({ secret: 'stack' }, 503, { 'retry-after': '1' });
    const charge$ = attempt(({ signal }) => backends.charge(order, signal));
    const error = await firstValueFrom(charge$).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(StatusError);
    expect(error).toMatchObject({ status: 503, message: 'payments answered 503' });

    const retry = retryWithBackoff(() => 0, { maxRetries: 1, random: () => 0 });
    const delays: number[] = [];
    retry.events$.subscribe((event) => event.type === 'scheduled' && delays.push(event.delay));
    await firstValueFrom(charge$.pipe(retry)).catch(() => undefined);
    expect(delays[0]).toBeGreaterThanOrEqual(1_000);
  });
});

it('ends a request when its call is left', async () => {
  let closed = false;
  server.removeAllListeners('request');
  const arrived = new Promise<void>((resolve) =>
    server.on('request', (req: IncomingMessage) => {
      req.on('close', () => (closed = true));
      resolve();
    }));
  const subscription = attempt(({ signal }) => backends.charge(order, signal)).subscribe({ error: () => undefined });
  await arrived;
  subscription.unsubscribe();
  await expect.poll(() => closed).toBe(true);
});

it('gives connections back, whatever comes over them', async () => {
  let connections = 0;
  server.on('connection', () => connections++);
  for (const status of [503, 200]) {
    answers({ status: 'charged', items: [], more: 'x'.repeat(20_000) }, status);
    for (let i = 0; i < 10; i++) {
      await call((signal) => backends.charge(order, signal)).catch(() => undefined);
      await call((signal) => backends.notify(order, 'charged', signal)).catch(() => undefined);
    }
  }
  expect(asked).toHaveLength(40);
  expect(connections).toBeLessThanOrEqual(2);
});
