import {
  type ArgumentsHost, Catch, Controller, type ExceptionFilter, Get, HttpException, Param, Res, ServiceUnavailableException, Sse, UseFilters,
} from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import type { Response } from 'express';
import { concat, lastValueFrom, type Observable, of, throwError } from 'rxjs';
import { BulkheadFullError, CircuitOpenError, DeadlineExceededError, LoadShedError, RetryExhaustedError } from 'rxjs-resilience';
import { ResilienceFilter } from 'rxjs-resilience/nestjs';
import { describe, expect, it } from 'vitest';
import { create, eachPlatform, rootModule, type Setup, start } from './application.ts';

const secret = new Error('password=hunter2');
const open = (retryAfter?: number) => new CircuitOpenError('secret-db', { reason: 'open', retryAfter } as never, 0, secret);
const facts = { started: true, budget: 10, shortened: false, stalled: false, hungAfter: 5, ran: 10 };
const late = new DeadlineExceededError('secret-db', facts);
const wrapped = (cause: unknown) => new RetryExhaustedError('secret-db', 3, 'attempts', cause);
const limited = Object.assign(Object.create({ '~resilience': true, '~rejected': true }) as object, { code: 'RATE_LIMITED', retryAfter: 900 });

const errors: Record<string, unknown> = {
  open: open(1_500),
  isolated: open(),
  full: new BulkheadFullError('p', 'full', { active: 1, limit: 1, queued: 0, capacity: 0 }),
  shed: new LoadShedError('p', 'full', 'sheddable', 1),
  limited,
  late,
  caused: new Error('secret outer', { cause: open(2_000) }),
  exhaustedByOpen: wrapped(open(3_000)),
  exhaustedByLate: wrapped(late),
  exhaustedByNotFound: wrapped(new HttpException('not there', 404)),
  exhausted: wrapped(secret),
  http: new ServiceUnavailableException('later', { cause: open(1_000) }),
  plain: secret,
  text: 'thrown text',
};

@Controller()
class Throwing {
  @Get('throw/:name')
  throw(@Param('name') name: string) {
    throw errors[name];
  }

  @Get('half')
  half(@Res() res: Response) {
    const raw = (res as { raw?: Response }).raw ?? res;
    raw.writeHead(200, { 'Content-Length': '10' });
    raw.write('half');
    throw open(1_000);
  }

  @Get('half-exhausted')
  halfExhausted(@Res() res: Response) {
    const raw = (res as { raw?: Response }).raw ?? res;
    raw.writeHead(200, { 'Content-Type': 'text/plain' });
    raw.write('half');
    throw wrapped(secret);
  }

  @Sse('events')
  events(): Observable<{ data: string }> {
    return concat(of({ data: 'one' }), throwError(() => open(1_000)));
  }
}

const internal = { statusCode: 500, message: 'Internal server error' };
const table: [name: string, status: number, body: object, retryAfter: string | null][] = [
  ['open', 503, { error: 'Service Unavailable', retryAfter: 2 }, '2'],
  ['isolated', 503, { error: 'Service Unavailable', retryAfter: 1 }, '1'],
  ['full', 503, { error: 'Service Unavailable', retryAfter: 1 }, '1'],
  ['shed', 503, { error: 'Service Unavailable', retryAfter: 1 }, '1'],
  ['limited', 429, { error: 'Too Many Requests', retryAfter: 1 }, '1'],
  ['late', 504, { error: 'Gateway Timeout' }, null],
  ['caused', 503, { error: 'Service Unavailable', retryAfter: 2 }, '2'],
  ['exhaustedByOpen', 503, { error: 'Service Unavailable', retryAfter: 3 }, '3'],
  ['exhaustedByLate', 504, { error: 'Gateway Timeout' }, null],
  ['exhaustedByNotFound', 404, { statusCode: 404, message: 'not there' }, null],
  ['exhausted', 500, internal, null],
  ['http', 503, { statusCode: 503, message: 'later', error: 'Service Unavailable' }, null],
  ['plain', 500, internal, null],
  ['text', 500, internal, null],
];

const byHand = (app: Parameters<NonNullable<Setup['prepare']>>[0]) => app.useGlobalFilters(new ResilienceFilter());
const withAdapter = (app: Parameters<typeof byHand>[0]) => app.useGlobalFilters(new ResilienceFilter(app.get(HttpAdapterHost).httpAdapter));

describe.each(eachPlatform)('ResilienceFilter on %s', (platform) => {
  const listening = async (setup: Setup, use: typeof byHand = () => undefined as never) => {
    const app = await create(rootModule({ controllers: [Throwing], ...setup }), platform);
    use(app);
    await app.listen(0, '127.0.0.1');
    return app.getUrl();
  };
  const ways: [string, () => Promise<string>][] = [
    ['as APP_FILTER', () => listening({ providers: [{ provide: APP_FILTER, useClass: ResilienceFilter }] })],
    ['made by hand', () => listening({}, byHand)],
    ['made with the adapter', () => listening({}, withAdapter)],
    [
      'on a controller',
      () => {
        @Controller()
        @UseFilters(ResilienceFilter)
        class Filtered extends Throwing {}
        return listening({ controllers: [Filtered] });
      },
    ],
  ];

  describe.each(ways)('%s', (_way, listen) => {
    it('answers what is ours, and leaves the rest to Nest', async () => {
      const url = await listen();
      for (const [name, status, body, retryAfter] of table) {
        const answer = await fetch(`${url}/throw/${name}`);
        const found = await answer.json();
        expect([name, answer.status, found, answer.headers.get('retry-after')]).toStrictEqual([name, status, body, retryAfter]);
        expect(JSON.stringify([...answer.headers])).not.toMatch(/secret|hunter2/);
      }
    });

    it('cuts a response that is out by half', async () => {
      const url = await listen();
      await expect(fetch(`${url}/half`).then((answer) => answer.text())).rejects.toThrow();
    });
  });

  it.each(ways)('ends a response that is out as Nest does, where the error is not ours: %s', async (_way, listen) => {
    const url = await listen();
    expect(await (await fetch(`${url}/half-exhausted`)).text()).toBe('half');
  });

  it('leaves events to Nest', async () => {
    const { url } = await start({ platform, controllers: [Throwing] });
    const text = await (await fetch(`${url}/events`)).text();
    expect(text).toContain('data: one');
  });

  it('keeps no other filter from its errors', async () => {
    @Catch()
    class CatchAll implements ExceptionFilter {
      catch(_error: unknown, host: ArgumentsHost) {
        const response = host.switchToHttp().getResponse<Response>();
        response.status(418).send({ caught: true });
      }
    }
    const providers = [
      { provide: APP_FILTER, useClass: CatchAll },
      { provide: APP_FILTER, useClass: ResilienceFilter },
    ];
    const url = await listening({ providers });
    expect((await fetch(`${url}/throw/open`)).status).toBe(503);
    for (const name of ['plain', 'http', 'text']) expect((await fetch(`${url}/throw/${name}`)).status).toBe(418);
  });

  it('answers a request without a route as Nest does', async () => {
    const { url } = await start({ platform });
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
  });
});

describe('ResilienceFilter elsewhere', () => {
  const filter = new ResilienceFilter();
  const host = (type: string, args: unknown[] = []) =>
    ({ getType: () => type, getArgByIndex: (index: number) => args[index] }) as unknown as ArgumentsHost;
  const grpc = [{}, { getMap: () => ({}) }];

  it('gives a GraphQL operation an exception of Nest, without text of the error', () => {
    const found = filter.catch(errors['open'], host('graphql')) as HttpException;
    expect(found).toBeInstanceOf(HttpException);
    expect([found.getStatus(), found.getResponse()]).toStrictEqual([503, { error: 'Service Unavailable', retryAfter: 2 }]);
    expect(() => filter.catch(errors['exhausted'], host('graphql'))).toThrow(secret);
  });

  it.each<[string, unknown[], object]>([
    ['open', [], { status: 'error', message: 'Service Unavailable', statusCode: 503, retryAfter: 1_500 }],
    ['late', [undefined, null], { status: 'error', message: 'Gateway Timeout', statusCode: 504 }],
    ['open', grpc, { status: 'error', message: 'Service Unavailable', statusCode: 503, retryAfter: 1_500, code: 14 }],
    // Milliseconds: a retry of ours on the other side reads them.
    ['full', [], { status: 'error', message: 'Service Unavailable', statusCode: 503, retryAfter: 1_000 }],
    ['late', grpc, { status: 'error', message: 'Gateway Timeout', statusCode: 504, code: 4 }],
    ['limited', grpc, { status: 'error', message: 'Too Many Requests', statusCode: 429, retryAfter: 900, code: 8 }],
    ['exhausted', [], { status: 'error', message: 'Internal server error' }],
  ])('tells the caller of a message handler: %s', async (name, args, expected) => {
    await expect(lastValueFrom(filter.catch(errors[name], host('rpc', args)) as Observable<never>)).rejects.toStrictEqual(expected);
  });

  it('says when to come back where a refusal does not know, as it is told', () => {
    const patient = new ResilienceFilter(undefined, { retryAfter: 7_500 });
    expect((patient.catch(errors['full'], host('graphql')) as HttpException).getResponse()).toStrictEqual({ error: 'Service Unavailable', retryAfter: 8 });
    expect(() => new ResilienceFilter(undefined, { retryAfter: -1 })).toThrow(/^retryAfter must be/);
  });

  it.each<[string, unknown, unknown]>([
    ['an object', { code: 5 }, { code: 5 }],
    ['a text', 'not there', { status: 'error', message: 'not there' }],
  ])('tells what the exception says for which a retry gave up: %s', async (_what, said, expected) => {
    const cause = Object.assign(new Error('rpc'), { getError: () => said });
    await expect(lastValueFrom(filter.catch(wrapped(cause), host('rpc')) as Observable<never>)).rejects.toStrictEqual(expected);
  });

  it('tells the client of a gateway, of socket.io and of ws', () => {
    const told: unknown[] = [];
    const io = { emit: (...given: unknown[]) => told.push(given) };
    const ws = { readyState: 1, emit: () => told.push('to itself'), send: (text: string) => told.push(JSON.parse(text)) };
    const data = { status: 'error', message: 'Service Unavailable', statusCode: 503, retryAfter: 1_500 };
    filter.catch(errors['open'], host('ws', [io]));
    filter.catch(errors['open'], host('ws', [ws]));
    filter.catch(errors['exhausted'], host('ws', [io]));
    filter.catch(errors['open'], host('ws', [{}]));
    expect(told).toStrictEqual([
      ['exception', data],
      { event: 'exception', data },
      ['exception', { status: 'error', message: 'Internal server error' }],
    ]);
  });
});
