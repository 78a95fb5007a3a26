import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Body, Controller, Get, type LoggerService, Post, Sse } from '@nestjs/common';
import { concat, concatMap, defer, firstValueFrom, interval, map, NEVER, type Observable, of, take, timer } from 'rxjs';
import {
  attempt, bulkhead, type Bulkhead, type CircuitBreaker, circuitBreaker, currentContext, detachContext, withDeadline,
} from 'rxjs-resilience';
import { policyToken, Resilient } from 'rxjs-resilience/nestjs';
import { describe, expect, it } from 'vitest';
import { eachPlatform, start } from './application.ts';

const policies = {
  pool: () => bulkhead(10),
  catalog: (name: string) => circuitBreaker({ name, failureThreshold: 1 }),
};
const options = { policies };

class Service {
  @Resilient('pool')
  async hang(): Promise<never> {
    return new Promise(() => undefined);
  }
}

@Controller()
class Work {
  readonly seen: string[] = [];
  readonly signals: (AbortSignal | undefined)[] = [];

  @Get('remaining')
  async remaining() {
    const before = currentContext().deadline?.remaining() ?? null;
    await sleep(5);
    const after = currentContext().deadline?.remaining() ?? null;
    const inside = await firstValueFrom(attempt(({ deadline }) => timer(5).pipe(() => attempt(() => [deadline?.remaining() ?? null]))));
    return { before, after, inside };
  }

  @Post('remaining')
  async withBody(@Body() body: object) {
    return { after: currentContext().deadline?.remaining() ?? null, body };
  }

  @Get('enforced')
  async enforced() {
    await sleep(1);
    return firstValueFrom(NEVER.pipe(withDeadline()));
  }

  @Get('hanging')
  @Resilient('catalog')
  hanging(): Promise<never> {
    return this.hang('hanging');
  }

  @Post('hanging')
  @Resilient('catalog')
  hangingWrite(): Promise<never> {
    return this.hang('hanging write');
  }

  @Get('observing')
  @Resilient('catalog')
  observing(): Observable<never> {
    void this.hang('observing');
    return NEVER;
  }

  @Sse('events')
  @Resilient('pool')
  events(): Observable<{ data: string }> {
    void this.hang('events');
    return concat(of({ data: 'one' }), NEVER);
  }

  @Get('plain')
  plain(): Promise<never> {
    return this.hang('plain');
  }

  private hang(what: string): Promise<never> {
    this.seen.push(what);
    this.signals.push(currentContext().signal);
    return new Promise(() => undefined);
  }
}

const header = (ms: number | string) => ({ headers: { 'X-Request-Timeout-Ms': String(ms) } });
const json = async (url: string, init?: RequestInit) => (await (await fetch(url, init)).json()) as Record<string, number | null | undefined>;

describe.each(eachPlatform)('the deadline of a request, on %s', (platform) => {
  it('is there in a handler, after an await, and in what it subscribes', async () => {
    const { url } = await start({ platform, controllers: [Work], options });
    const { before = 0, after = 0, inside } = await json(`${url}/remaining`, header(5_000));
    expect(before).toBeGreaterThan(1_000);
    expect(before).toBeLessThanOrEqual(5_000);
    expect(after).toBeLessThanOrEqual(before!);
    expect(inside).toBeLessThanOrEqual(after!);
    expect(await json(`${url}/remaining`)).toStrictEqual({ before: null, after: null, inside: null });
  });

  it('runs from the head of the request on, while its body is still being read', async () => {
    const { url } = await start({ platform, controllers: [Work], options });
    const headers = { 'Content-Type': 'application/json', 'X-Request-Timeout-Ms': '5000' };
    const sent = request(`${url}/remaining`, { method: 'POST', headers });
    sent.write('{"a":');
    await sleep(300);
    sent.end('1}');
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const { after, body } = JSON.parse(await text(answer)) as { after: number; body: object };
    expect(body).toStrictEqual({ a: 1 });
    expect(after).toBeGreaterThan(500);
    expect(after).toBeLessThan(4_900);
  });

  it('that has passed is answered at once, without a handler', async () => {
    const { app, url } = await start({ platform, controllers: [Work], options });
    const answer = await fetch(`${url}/plain`, header(0));
    expect([answer.status, await answer.json()]).toStrictEqual([504, { error: 'Gateway Timeout' }]);
    expect(app.get(Work).seen).toStrictEqual([]);
  });

  it.each(['hanging', 'observing', 'enforced'])('ends what waits for longer with 504, and opens nothing: %s', async (route) => {
    const { app, url } = await start({ platform, controllers: [Work], options });
    const answer = await fetch(`${url}/${route}`, header(60));
    expect([answer.status, await answer.json()]).toStrictEqual([504, { error: 'Gateway Timeout' }]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(app.get<CircuitBreaker>(policyToken('catalog')).state).toBe('closed');
  });

  it('ends with the first event of a stream, whose later events come in a context without it where they want that', async () => {
    const left: unknown[] = [];
    @Controller()
    class Streams {
      @Sse('ticks')
      @Resilient('pool')
      ticks(): Observable<{ data: string }> {
        const tick = (n: number) => defer(() => (left.push(currentContext().deadline), of({ data: String(n) }))).pipe(withDeadline());
        return interval(150).pipe(take(5), concatMap(tick), detachContext());
      }

      @Sse('late')
      @Resilient('pool')
      late(): Observable<{ data: string }> {
        return timer(1_000).pipe(map(() => ({ data: 'late' })));
      }
    }
    const { app, url } = await start({ platform, controllers: [Streams], options: { ...options, deadline: { fallback: 400 } } });
    expect((await (await fetch(`${url}/ticks`)).text()).match(/data: \d/g)).toHaveLength(5);
    expect(left).toStrictEqual(Array.from({ length: 5 }, () => undefined));
    expect(app.get<Bulkhead>(policyToken('pool')).active).toBe(0);
    expect(await (await fetch(`${url}/late`)).text()).not.toContain('data: late');
    expect(app.get<Bulkhead>(policyToken('pool')).active).toBe(0);
  });

  it('ends the method of a provider that it has called', async () => {
    @Controller()
    class Calls {
      constructor(readonly service: Service) {}

      @Get()
      async get() {
        return this.service.hang();
      }
    }
    Reflect.defineMetadata('design:paramtypes', [Service], Calls);
    const { app, url } = await start({ platform, controllers: [Calls], providers: [Service], options });
    expect((await fetch(url, header(60))).status).toBe(504);
    expect(app.get<Bulkhead>(policyToken('pool')).active).toBe(0);
  });

  it('is cut to the maximum, and is there where no header says one', async () => {
    const deadline = { maximum: 2_000, fallback: 1_000 };
    const { url } = await start({ platform, controllers: [Work], options: { policies, deadline } });
    expect((await json(`${url}/remaining`, header(50_000)))['before']).toBeLessThanOrEqual(2_000);
    expect((await json(`${url}/remaining`))['before']).toBeLessThanOrEqual(1_000);
    expect((await json(`${url}/remaining`, header('soon')))['before']).toBeLessThanOrEqual(1_000);
  });

  it('is not read where that is switched off', async () => {
    const { url } = await start({ platform, controllers: [Work], options: { policies, deadline: false } });
    expect((await json(`${url}/remaining`, header(0)))['before']).toBeNull();
  });

  it('is read under a global prefix, and for what no route answers', async () => {
    const { url } = await start({ platform, controllers: [Work], options, prepare: (app) => app.setGlobalPrefix('api') });
    expect((await json(`${url}/api/remaining`, header(5_000)))['before']).toBeGreaterThan(0);
    expect((await fetch(`${url}/nowhere`, header(0))).status).toBe(504);
  });
});

it('on Fastify an answer that comes too late is a reply of Fastify, with what its hooks add', async () => {
  interface FastifyLike {
    addHook(name: 'onSend', hook: (request: unknown, reply: { header(name: string, value: string): void }) => Promise<void>): void;
  }
  const { url } = await start({
    platform: 'Fastify',
    controllers: [Work],
    options,
    prepare: (app) => {
      const fastify = app.getHttpAdapter().getInstance() as FastifyLike;
      fastify.addHook('onSend', async (_request, reply) => void reply.header('X-Added', 'yes'));
    },
  });
  const answer = await fetch(`${url}/plain`, header(0));
  expect([answer.status, answer.headers.get('x-added')]).toStrictEqual([504, 'yes']);
});

describe.each(eachPlatform)('a client that leaves, on %s', (platform) => {
  async function left(method: string, route: string, more: object = {}) {
    const { app, url } = await start({ platform, controllers: [Work], options: { ...options, ...more } });
    const logged: unknown[] = [];
    const log = (...given: unknown[]) => void logged.push(...given);
    const nothing = () => undefined;
    app.useLogger({ log: nothing, warn: log, error: log } satisfies LoggerService);
    const work = app.get(Work);
    const leaving = new AbortController();
    const call = fetch(`${url}/${route}`, { method, signal: leaving.signal }).then((answer) => answer.text()).catch(() => 'left');
    await expect.poll(() => work.seen).toHaveLength(1);
    leaving.abort();
    expect(await call).toBe('left');
    // A round trip later the server has heard of it.
    await json(`${url}/remaining`);
    return { circuit: app.get<CircuitBreaker>(policyToken('catalog')), signal: work.signals[0], logged };
  }

  it.each(['hanging', 'observing', 'events'])('ends a safe request, which is no failure and nothing to report: %s', async (route) => {
    const { circuit, signal, logged } = await left('GET', route);
    await expect.poll(() => signal?.aborted).toBe(true);
    expect(circuit.metrics()).toMatchObject({ failures: 0, successes: 0 });
    expect(circuit.state).toBe('closed');
    expect(logged).toStrictEqual([]);
  });

  it('tells a handler that is not protected by the signal of the context', async () => {
    const { signal } = await left('GET', 'plain');
    await expect.poll(() => signal?.aborted).toBe(true);
  });

  it('lets a POST run on, unless told otherwise', async () => {
    const { circuit, signal } = await left('POST', 'hanging');
    await sleep(50);
    expect(signal?.aborted).toBe(false);
    expect(circuit.metrics()).toMatchObject({ calls: 1, successes: 0, failures: 0, abandoned: 0 });
    const told = await left('POST', 'hanging', { deadline: { cancelOnDisconnect: ['POST'] } });
    await expect.poll(() => told.signal?.aborted).toBe(true);
  });
});
