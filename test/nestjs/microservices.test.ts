import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxy, ClientProxyFactory, ClientTCP, EventPattern, MessagePattern, RpcException, Transport } from '@nestjs/microservices';
import { type AddressInfo, createServer } from 'node:net';
import { concat, lastValueFrom, NEVER, type Observable, of, throwError, toArray } from 'rxjs';
import {
  bulkhead, type Bulkhead, circuitBreaker, type CircuitBreaker, constant, currentContext, Deadline, isBulkheadFullError,
  isCircuitOpenError, isDeadlineExceededError, retryWithBackoff, runInContext, standardPipeline,
} from 'rxjs-resilience';
import { policyToken, ResilienceFilter, ResilienceModule, resilientClient, Resilient } from 'rxjs-resilience/nestjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { thrownBy } from '../thrown.ts';

const Marked = (): MethodDecorator => (_target, _key, descriptor) => Reflect.defineMetadata('marked', true, descriptor.value as object);
const again = () => retryWithBackoff(constant(0), { name: 'again', maxRetries: 2, budget: false });
const catalog = (name: string) => circuitBreaker({ name, failureThreshold: 2, breakDuration: 60_000 });
const policies = { again, catalog };

@Controller()
class Handlers {
  readonly calls: string[] = [];
  /** Calls that fail before one does not. */
  failures = 0;

  @MessagePattern('add')
  add(numbers: number[]): number {
    this.called('add');
    return numbers.reduce((sum, number) => sum + number, 0);
  }

  @MessagePattern('twice')
  twice(text: string) {
    this.called('twice');
    return of(text, text);
  }

  @EventPattern('noted')
  noted(what: string): void {
    this.called(`noted ${what}`);
  }

  @MessagePattern('protected')
  @Resilient('again')
  async protected(): Promise<string> {
    this.called(`protected ${currentContext().attempt}`);
    return 'fine';
  }

  @MessagePattern('opening')
  @Resilient('catalog')
  async opening(): Promise<string> {
    this.called('opening');
    return 'fine';
  }

  @MessagePattern('refusing')
  @Resilient('catalog')
  refusing() {
    throw new RpcException('not like this');
  }

  @MessagePattern('streaming')
  @Resilient('catalog')
  streaming() {
    return concat(of(1, 2), of(3));
  }

  private called(what: string): void {
    this.calls.push(what);
    if (this.failures-- > 0) throw new Error('secret: down');
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

interface Served {
  readonly app: INestMicroservice;
  readonly handlers: Handlers;
  readonly client: ClientTCP;
  readonly port: number;
}

async function serve(): Promise<Served> {
  const port = await freePort();
  @Module({ imports: [ResilienceModule.forRoot({ policies })], controllers: [Handlers] })
  class Root {}
  const options = { host: '127.0.0.1', port };
  const app = await NestFactory.createMicroservice(Root, { transport: Transport.TCP, options, logger: false, abortOnError: false });
  app.useGlobalFilters(new ResilienceFilter());
  await app.listen();
  const client = ClientProxyFactory.create({ transport: Transport.TCP, options }) as ClientTCP;
  onTestFinished(async () => {
    client.close();
    await app.close();
  });
  return { app, handlers: app.get(Handlers), client, port };
}

describe('@Resilient on message handlers', () => {
  it('runs one once for each message', async () => {
    const { handlers, client } = await serve();
    handlers.failures = 1;
    await expect(lastValueFrom(client.send('protected', {}))).rejects.toStrictEqual({ status: 'error', message: 'Internal server error' });
    expect(await lastValueFrom(client.send('protected', {}))).toBe('fine');
    expect(handlers.calls).toStrictEqual(['protected 1', 'protected 1']);
  });

  it('tells the caller of a refusal without internal text', async () => {
    const { handlers, client } = await serve();
    handlers.failures = 2;
    for (let call = 0; call < 2; call++) await expect(lastValueFrom(client.send('opening', {}))).rejects.toBeDefined();
    const refusal = await lastValueFrom(client.send('opening', {})).catch((error: unknown) => error);
    expect(refusal).toStrictEqual({ status: 'error', message: 'Service Unavailable', statusCode: 503, retryAfter: expect.any(Number) });
    expect(handlers.calls).toHaveLength(2);
  });

  it('leaves exceptions of Nest and streams as they are', async () => {
    const { client } = await serve();
    await expect(lastValueFrom(client.send('refusing', {}))).rejects.toStrictEqual({ status: 'error', message: 'not like this' });
    expect(await lastValueFrom(client.send('streaming', {}).pipe(toArray()))).toStrictEqual([1, 2, 3]);
  });
});

describe('send of a resilientClient', () => {
  it('is cold, and each subscription is a call', async () => {
    const { handlers, client } = await serve();
    const circuit = circuitBreaker();
    const sum = resilientClient(client, circuit).send<number>('add', [1, 2]);
    expect(circuit.metrics().calls).toBe(0);
    expect([await lastValueFrom(sum), await lastValueFrom(sum)]).toStrictEqual([3, 3]);
    expect([circuit.metrics().calls, handlers.calls.length]).toStrictEqual([2, 2]);
  });

  it('sends a message for each try', async () => {
    const { handlers, client } = await serve();
    handlers.failures = 2;
    expect(await lastValueFrom(resilientClient(client, again()).send('add', [1]))).toBe(1);
    expect(handlers.calls).toHaveLength(3);
  });

  it('passes several values on', async () => {
    const { client } = await serve();
    const policy = standardPipeline({ name: 'billing' });
    expect(await lastValueFrom(resilientClient(client, policy).send('twice', 'a').pipe(toArray()))).toStrictEqual(['a', 'a']);
  });

  it('does not send what is refused', async () => {
    const { handlers, client } = await serve();
    const circuit = catalog('client');
    circuit.isolate();
    await expect(lastValueFrom(resilientClient(client, circuit).send('add', [1]))).rejects.toSatisfy(isCircuitOpenError);
    expect(handlers.calls).toStrictEqual([]);
  });

  it('reconnects in a later try', async () => {
    const port = await freePort();
    const client = new ClientTCP({ host: '127.0.0.1', port });
    const retries = again();
    await expect(lastValueFrom(resilientClient(client, retries).send('add', [1]))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(retries.metrics().tries).toBe(3);
  });

  it('ends with the deadline and the signal of its context, whatever the policy is', async () => {
    const client = { send: () => NEVER, emit: () => NEVER };
    const permits = bulkhead(2);
    const send = () => lastValueFrom(resilientClient(client, permits).send());
    const leaving = new AbortController();
    const left = runInContext({ signal: leaving.signal }, send);
    leaving.abort();
    await expect(left).rejects.toMatchObject({ name: 'AbortError' });
    await expect(runInContext({ deadline: Deadline.after(20) }, send)).rejects.toSatisfy(isDeadlineExceededError);
    expect(permits.active).toBe(0);
  });
});

describe('emit of a resilientClient', () => {
  it('goes out at once, without a subscriber', async () => {
    const { handlers, client } = await serve();
    resilientClient(client, circuitBreaker()).emit('noted', 'a');
    await expect.poll(() => handlers.calls).toStrictEqual(['noted a']);
  });

  it('calls the emit of the client for each try, once for all who subscribe, early or late', async () => {
    let calls = 0;
    const client = {
      send: (): Observable<unknown> => NEVER,
      emit: (pattern: string, data: string) => (++calls < 3 ? throwError(() => new Error('away')) : of(`${pattern} ${data}`)),
    };
    const sent = resilientClient(client, again()).emit('noted', 'a');
    expect(calls).toBe(3);
    expect(await Promise.all([lastValueFrom(sent), lastValueFrom(sent)])).toStrictEqual(['noted a', 'noted a']);
    expect(calls).toBe(3);
  });

  it('tries a connection again that is not there', async () => {
    const port = await freePort();
    const client = new ClientTCP({ host: '127.0.0.1', port });
    const retries = again();
    await expect(lastValueFrom(resilientClient(client, retries).emit('noted', 'a'))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(retries.metrics().tries).toBe(3);
  });

  it('goes on where a subscriber leaves, and fails in silence where there is none', async () => {
    const { handlers, client } = await serve();
    const full = bulkhead(1);
    NEVER.pipe(full).subscribe();
    const refused = resilientClient(client, full).emit('noted', 'refused');
    await expect(lastValueFrom(refused)).rejects.toSatisfy(isBulkheadFullError);
    resilientClient(client, bulkhead(1)).emit('noted', 'a').subscribe().unsubscribe();
    await expect.poll(() => handlers.calls).toStrictEqual(['noted a']);
  });

  it('leaves the permit when the event is out', async () => {
    const { client } = await serve();
    const permits: Bulkhead = bulkhead(1);
    const sent = resilientClient(client, permits).emit('noted', 'a');
    expect(permits.active).toBe(1);
    await lastValueFrom(sent, { defaultValue: undefined });
    expect(permits.active).toBe(0);
  });
});

describe('a resilientClient otherwise', () => {
  it('is the client: its class, its connection, its own members', async () => {
    const { client } = await serve();
    const wrapped = resilientClient(client, circuitBreaker());
    expect(wrapped).toBeInstanceOf(ClientTCP);
    await wrapped.connect();
    expect(await lastValueFrom(client.send('add', [1]))).toBe(1);
    const statuses: string[] = [];
    const watching = wrapped.status.subscribe((status) => statuses.push(status));
    expect(statuses).toStrictEqual(['connected']);
    watching.unsubscribe();
    wrapped.close();
  });

  it('keeps what is private to the client, and what is written to it', () => {
    class Custom {
      #count = 0;
      label = 'none';
      send(): Observable<number> {
        return of(++this.#count);
      }
      emit(): Observable<number> {
        return of(++this.#count);
      }
      count() {
        return this.#count;
      }
    }
    const custom = new Custom();
    const wrapped = resilientClient(custom, bulkhead(1));
    wrapped.label = 'written';
    wrapped.emit();
    expect([wrapped.count(), custom.label]).toStrictEqual([1, 'written']);
  });

  it('has the members of its class, each the same whenever it is asked for', () => {
    class Custom extends ClientTCP {
      static readonly kind = 'custom';
      @Marked()
      price(id: string, currency: string) {
        return `${id} ${currency}`;
      }
    }
    const custom = new Custom({});
    const wrapped = resilientClient(custom, bulkhead(1));
    expect([wrapped.constructor, Object.getPrototypeOf(wrapped)]).toStrictEqual([Custom, Custom.prototype]);
    expect((wrapped.constructor as typeof Custom).kind).toBe('custom');
    expect([wrapped instanceof Custom, wrapped instanceof ClientTCP, wrapped instanceof ClientProxy]).toStrictEqual([true, true, true]);
    expect([String(wrapped), Object.keys(wrapped)]).toStrictEqual([String(custom), Object.keys(custom)]);
    const methods = ['price', 'send', 'emit', 'connect', 'close', 'on', 'toString', 'hasOwnProperty'] as const;
    for (const method of methods) {
      expect(wrapped[method]).toBe(wrapped[method]);
      expect([wrapped[method].name, wrapped[method].length]).toStrictEqual([custom[method].name, custom[method].length]);
    }
    expect(wrapped.price('a', 'EUR')).toBe('a EUR');
    expect(Reflect.getMetadata('marked', wrapped.price)).toBe(true);
    expect(Object.hasOwn(wrapped, 'price')).toBe(false);
  });

  it('sends through what takes the place of a method, and shows it', () => {
    const client = { send: () => NEVER as Observable<unknown>, emit: () => NEVER, close: () => 'closed' };
    const circuit = circuitBreaker();
    const wrapped = resilientClient(client, circuit);
    const spy = vi.spyOn(wrapped, 'send').mockReturnValue(of('spied'));
    const closing = vi.spyOn(wrapped, 'close');
    const values: unknown[] = [];
    wrapped.send().subscribe((value) => values.push(value));
    wrapped.close();
    expect([values, circuit.metrics().successes]).toStrictEqual([['spied'], 1]);
    expect([spy.mock.calls.length, closing.mock.calls.length]).toStrictEqual([1, 1]);
    expect((wrapped.send as unknown as typeof spy).mock).toBe(spy.mock);
  });

  it('tells of its connection and its events', async () => {
    const { client } = await serve();
    const wrapped = resilientClient(client, circuitBreaker());
    const errors: unknown[] = [];
    wrapped.on('error', (error) => errors.push(error));
    await wrapped.connect();
    wrapped.unwrap<{ emit(event: string, error: Error): void }>().emit('error', new Error('lost'));
    expect(errors).toMatchObject([{ message: 'lost' }]);
  });

  it('is injected by a factory', async () => {
    const { port } = await serve();
    @Module({
      imports: [ResilienceModule.forRoot({ policies })],
      providers: [
        { provide: ClientTCP, useFactory: () => new ClientTCP({ host: '127.0.0.1', port }) },
        { provide: 'billing', inject: [ClientTCP, policyToken('catalog')], useFactory: resilientClient },
      ],
    })
    class Root {}
    const context = await NestFactory.createApplicationContext(Root, { logger: false, abortOnError: false });
    onTestFinished(() => context.close());
    expect(await lastValueFrom(context.get<ClientTCP>('billing').send('add', [2, 2]))).toBe(4);
    expect(context.get<CircuitBreaker>(policyToken('catalog')).metrics().successes).toBe(1);
    context.get(ClientTCP).close();
  });

  it('refuses what is no client or no policy', () => {
    const client = { send: () => NEVER, emit: () => NEVER };
    const message = (...given: unknown[]) => String(thrownBy(() => resilientClient(...(given as [never, never]))));
    expect(message({ send: () => NEVER }, bulkhead(1))).toBe('TypeError: client must be a ClientProxy, got an object');
    expect(message(undefined, bulkhead(1))).toBe('TypeError: client must be a ClientProxy, got undefined');
    expect(message(client, 'billing')).toBe("TypeError: policy must be a policy or a pipeline, got 'billing'");
  });
});
