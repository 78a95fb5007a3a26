import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import {
  All, BadGatewayException, Controller, Get, HttpException, NotFoundException, Param, Res, Scope, Sse, UseInterceptors,
} from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { concat, map, type Observable, of, tap, throwError } from 'rxjs';
import {
  bulkhead, type Bulkhead, type CircuitBreaker, circuitBreaker, constant, currentContext, fallbackToValue, resiliencePipeline, retryWithBackoff,
} from 'rxjs-resilience';
import { policyToken, Resilient } from 'rxjs-resilience/nestjs';
import { describe, expect, it } from 'vitest';
import { eachPlatform, type Platform, start } from './application.ts';

const again = () => retryWithBackoff(() => 0, { maxRetries: 2, budget: false });
const catalog = () => circuitBreaker({ name: 'catalog', failureThreshold: 2, breakDuration: 60_000 });
const policies = { again, catalog };

/** Counts in a controller of its own for each application. */
class Counted {
  readonly calls: string[] = [];

  told(what: string): void {
    this.calls.push(`${what} ${currentContext().attempt}`);
  }
}

@Controller()
class Orders extends Counted {
  @All('flaky')
  @Resilient('again')
  async flaky(): Promise<string> {
    this.told('flaky');
    if (this.calls.length < 3) throw new Error('down');
    return 'fine';
  }

  @Get('observed')
  @Resilient('again')
  observed(): Observable<string> {
    this.told('observed');
    return this.calls.length < 3 ? throwError(() => new Error('down')) : of('first', 'last');
  }

  @Get('written')
  @Resilient('again')
  async written(@Res() res: Response): Promise<void> {
    this.told('written');
    (res as { raw?: Response }).raw?.writeHead(200);
    if (!('raw' in res)) res.writeHead(200);
    throw new Error('half-way');
  }

  @Get('passed-through')
  @Resilient('again')
  passedThrough(@Res({ passthrough: true }) res: Response): Promise<string> {
    this.told(res === undefined ? 'nothing' : 'passed-through');
    return this.calls.length < 3 ? Promise.reject(new Error('down')) : Promise.resolve('fine');
  }

  @Sse('events')
  @Resilient('again')
  events(): Observable<{ data: string }> {
    this.told('events');
    return concat(of({ data: 'one' }), throwError(() => new Error('cut')));
  }

  @Get('status/:status')
  @Resilient('catalog')
  async status(@Param('status') status: string): Promise<string> {
    this.told('status');
    if (status === '200') return 'fine';
    throw new HttpException(`as ${status}`, Number(status));
  }

  @Get('again/:status')
  @Resilient('again')
  async statusAgain(@Param('status') status: string): Promise<string> {
    this.told('status');
    throw new HttpException(`as ${status}`, Number(status));
  }
}

const text = async (url: string, init?: RequestInit) => {
  const answer = await fetch(url, init);
  return [answer.status, await answer.text()];
};

describe.each(eachPlatform)('@Resilient on handlers, on %s', (platform: Platform) => {
  const startOrders = async () => {
    const { app, url } = await start({ platform, controllers: [Orders], options: { policies } });
    return { app, url, orders: app.get(Orders), breaker: app.get<CircuitBreaker>(policyToken('catalog')) };
  };

  it.each(['GET', 'HEAD'])('tries a safe route again, each time in a context of its own: %s', async (method) => {
    const { url, orders } = await startOrders();
    expect(await text(`${url}/flaky`, { method })).toStrictEqual([200, method === 'HEAD' ? '' : 'fine']);
    expect(orders.calls).toStrictEqual(['flaky 1', 'flaky 2', 'flaky 3']);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('makes a route that changes something once: %s', async (method) => {
    const { url, orders } = await startOrders();
    const headers = { 'Idempotency-Key': 'one' };
    expect((await fetch(`${url}/flaky`, { method, headers })).status).toBe(500);
    expect(orders.calls).toStrictEqual(['flaky 1']);
  });

  it('tries an observable again', async () => {
    const { url, orders } = await startOrders();
    expect(await text(`${url}/observed`)).toStrictEqual([200, 'last']);
    expect(orders.calls).toHaveLength(3);
  });

  it('makes a route that writes its response itself once', async () => {
    const { url, orders } = await startOrders();
    await fetch(`${url}/written`).then((answer) => answer.text()).catch(() => undefined);
    expect(orders.calls).toHaveLength(1);
  });

  it('tries a route again that only adds to its response', async () => {
    const { url } = await startOrders();
    expect(await text(`${url}/passed-through`)).toStrictEqual([200, 'fine']);
  });

  it('sends events once', async () => {
    const { url, orders } = await startOrders();
    const answer = await fetch(`${url}/events`);
    expect(await answer.text()).toContain('data: one');
    expect(orders.calls).toHaveLength(1);
  });

  it.each([400, 401, 404, 408, 409, 425, 429])('takes a %i for an answer', async (status) => {
    const { url, breaker, orders } = await startOrders();
    const expected = { statusCode: status, message: `as ${status}` };
    for (let call = 0; call < 3; call++) {
      const [found, body] = await text(`${url}/status/${status}`);
      expect([found, JSON.parse(String(body))]).toStrictEqual([status, expected]);
    }
    expect(breaker.metrics()).toMatchObject({ calls: 3, successes: 3, failures: 0 });
    orders.calls.length = 0;
    expect((await fetch(`${url}/again/${status}`)).status).toBe(status);
    expect(orders.calls).toHaveLength(1);
  });

  it('takes a 5xx for a failure, and then refuses without a call', async () => {
    const { url, breaker, orders } = await startOrders();
    for (let call = 0; call < 2; call++) expect((await fetch(`${url}/status/502`)).status).toBe(502);
    const refused = await fetch(`${url}/status/200`);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(breaker.state).toBe('open');
    expect(orders.calls).toHaveLength(2);
  });

  it('hands on what a handler has thrown, the same object', async () => {
    const seen: unknown[] = [];
    const thrown = [new NotFoundException('gone'), new HttpException('slow down', 429), new BadGatewayException(), { odd: true }];
    class Watch implements NestInterceptor {
      intercept(_context: ExecutionContext, next: CallHandler) {
        return next.handle().pipe(tap({ error: (error) => seen.push(error) }));
      }
    }
    @Controller()
    class Throwing {
      @Get(':index')
      @Resilient('catalog')
      @UseInterceptors(new Watch())
      get(@Param('index') index: string): Promise<never> {
        return Promise.reject(thrown[Number(index)]);
      }
    }
    const { url } = await start({ platform, controllers: [Throwing], options: { policies } });
    for (const index of thrown.keys()) await fetch(`${url}/${index}`);
    expect(seen.every((error, index) => error === thrown[index])).toBe(true);
    expect(seen).toHaveLength(thrown.length);
  });

  it('takes no other abort for a client that has left', async () => {
    @Controller()
    class Aborting {
      @Get()
      @Resilient('catalog')
      get(): Promise<never> {
        return Promise.reject(new DOMException('something else was cancelled', 'AbortError'));
      }
    }
    const { app, url } = await start({ platform, controllers: [Aborting], options: { policies } });
    expect((await fetch(url)).status).toBe(500);
    expect(app.get<CircuitBreaker>(policyToken('catalog')).metrics()).toMatchObject({ ignored: 1, failures: 0 });
  });

  it('marks each route of a controller, but for one that has its own', async () => {
    @Controller()
    @Resilient('one')
    class Marked {
      @Get('a')
      a() {
        return 'a';
      }

      @Get('b')
      @Resilient('two')
      b() {
        return 'b';
      }
    }
    const pool = (name: string) => bulkhead(5, 0, { name });
    const { app, url } = await start({ platform, controllers: [Marked], options: { policies: { one: pool, two: pool } } });
    await text(`${url}/a`);
    await text(`${url}/b`);
    await text(`${url}/b`);
    const accepted = ['one', 'two'].map((name) => app.get<ReturnType<typeof pool>>(policyToken(name)).metrics().accepted);
    expect(accepted).toStrictEqual([1, 2]);
  });

  it('keeps the mark of a class that is extended, and of a handler that is inherited', async () => {
    @Resilient('catalog')
    abstract class Base {
      @Get('own')
      own() {
        return 'own';
      }
    }
    @Controller('extended')
    class Extended extends Base {
      @Get('more')
      more() {
        return 'more';
      }
    }
    @Controller('inherits')
    class Inherits extends Orders {}
    const { app, url } = await start({ platform, controllers: [Extended, Inherits], options: { policies } });
    await text(`${url}/extended/own`);
    await text(`${url}/extended/more`);
    await text(`${url}/inherits/status/200`);
    expect(app.get<CircuitBreaker>(policyToken('catalog')).metrics().calls).toBe(3);
  });

  it('protects the handlers of a request-scoped controller', async () => {
    @Controller({ scope: Scope.REQUEST })
    class Scoped {
      @Get()
      @Resilient('catalog')
      get() {
        return 'scoped';
      }
    }
    const { app, url } = await start({ platform, controllers: [Scoped], options: { policies } });
    expect(await text(url)).toStrictEqual([200, 'scoped']);
    expect(app.get<CircuitBreaker>(policyToken('catalog')).metrics().calls).toBe(1);
  });

  it('protects a method of a controller that is no handler, and calls a handler directly as it is', async () => {
    @Controller()
    class Helping {
      @Get()
      async get() {
        return `${await this.load()} ${await this.other()}`;
      }

      @Get('other')
      @Resilient('again')
      async other() {
        return 'other';
      }

      @Resilient('catalog')
      async load() {
        return 'loaded';
      }
    }
    const { app, url } = await start({ platform, controllers: [Helping], options: { policies } });
    expect(await text(url)).toStrictEqual([200, 'loaded other']);
    expect(app.get<CircuitBreaker>(policyToken('catalog')).metrics().calls).toBe(1);
    expect(app.get<ReturnType<typeof again>>(policyToken('again')).metrics().calls).toBe(0);
  });

  it('answers with the fallback of a pipeline, in the middle of other interceptors', async () => {
    class Outer implements NestInterceptor {
      intercept(_context: ExecutionContext, next: CallHandler) {
        return next.handle().pipe(map((value) => `<${value}>`));
      }
    }
    @Controller()
    class Falling {
      @Get()
      @Resilient('falling')
      @UseInterceptors(Outer)
      get(): Promise<string> {
        return Promise.reject(new Error('down'));
      }
    }
    const falling = () => resiliencePipeline({ name: 'falling', fallback: fallbackToValue('instead') });
    const { url } = await start({ platform, controllers: [Falling], options: { policies: { falling } } });
    expect(await text(url)).toStrictEqual([200, '<instead>']);
  });

  it('holds permits until the handler has ended', async () => {
    const held: (() => void)[] = [];
    @Controller()
    class Slow {
      @Get()
      @Resilient('pool')
      get(): Promise<string> {
        return new Promise((resolve) => held.push(() => resolve('done')));
      }
    }
    const { url } = await start({ platform, controllers: [Slow], options: { policies: { pool: () => bulkhead(1) } } });
    const first = text(url);
    await expect.poll(() => held.length).toBe(1);
    expect((await fetch(url)).status).toBe(503);
    held.shift()?.();
    expect(await first).toStrictEqual([200, 'done']);
    const second = text(url);
    await expect.poll(() => held.length).toBe(1);
    held.shift()?.();
    expect(await second).toStrictEqual([200, 'done']);
  });

  it('stays in the asynchronous context of its request, after a wait for a try and for a permit', async () => {
    const requests = new AsyncLocalStorage<string>();
    const held: (() => void)[] = [];
    @Controller()
    class Scoped {
      tries = 0;

      @Get('again')
      @Resilient('later')
      async again() {
        await Promise.resolve();
        if (++this.tries < 3) throw new Error('down');
        return requests.getStore();
      }

      @Get('queued')
      @Resilient('pool')
      async queued() {
        const before = requests.getStore();
        await new Promise<void>((resolve) => held.push(resolve));
        return `${before} ${requests.getStore()}`;
      }
    }
    const { app, url } = await start({
      platform,
      controllers: [Scoped],
      options: {
        policies: {
          later: (name) => retryWithBackoff(constant(5), { name, budget: false }),
          pool: (name) => bulkhead(1, 5, { name }),
        },
      },
      prepare: (preparing) => {
        preparing.use((req: IncomingMessage, _res: unknown, next: () => void) => requests.run(String(req.headers['x-tenant']), next));
      },
    });
    const as = (tenant: string, path: string) => text(`${url}/${path}`, { headers: { 'X-Tenant': tenant } });
    expect(await as('a', 'again')).toStrictEqual([200, 'a']);
    const calls = ['a', 'b', 'c'].map((tenant) => as(tenant, 'queued'));
    const pool = app.get<Bulkhead>(policyToken('pool'));
    await expect.poll(() => pool.queued).toBe(2);
    for (let answered = 0; answered < 3; answered++) {
      await expect.poll(() => held.length).toBe(1);
      held.shift()!();
    }
    const answers = (await Promise.all(calls)).map(([, body]) => body);
    expect(answers).toStrictEqual(['a a', 'b b', 'c c']);
  });
});
