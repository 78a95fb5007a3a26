import { Inject, Injectable, Module, Scope, SetMetadata } from '@nestjs/common';
import { ContextIdFactory, ModuleRef } from '@nestjs/core';
import { defer, firstValueFrom, from, lastValueFrom, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import {
  bulkhead, type Bulkhead, type CircuitBreaker, circuitBreaker, currentContext, isCircuitOpenError, isDeadlineExceededError,
  type ResiliencePipeline, resiliencePipeline, retryWithBackoff, runInContext,
} from 'rxjs-resilience';
import { policyToken, Resilient } from 'rxjs-resilience/nestjs';
import { describe, expect, it } from 'vitest';
import { create, type Setup, start } from './application.ts';

const breaker = () => circuitBreaker({ failureThreshold: 2, breakDuration: 60_000 });
const again = () => retryWithBackoff(() => 0, { maxRetries: 2, budget: false });
const pool = () => bulkhead(1, 5);
const policies = { breaker, again, pool };

/** `@Resilient` without what a compiler leaves behind of types, and with it. */
const typed = (type: unknown) => Reflect.metadata('design:returntype', type);

/** A class of its own for each test: what a method returns is learnt of a class, not of an instance. */
function paymentsClass() {
  @Injectable()
  class Payments {
    readonly calls: string[] = [];
    fails = false;

    @Resilient('breaker')
    async charge(amount: number): Promise<string> {
      this.calls.push(`charge ${amount}`);
      if (this.fails) throw new Error('down');
      return `paid ${amount}`;
    }

    /** No `async`, and no type. */
    @Resilient('breaker')
    refund(amount: number): Promise<string> {
      this.calls.push(`refund ${amount}`);
      return this.fails ? Promise.reject(new Error('down')) : Promise.resolve(`refunded ${amount}`);
    }

    @Resilient('breaker')
    watch(id: string): Observable<string> {
      this.calls.push(`watch ${id}`);
      return defer(() => {
        this.calls.push(`watching ${id}`);
        return this.fails ? throwError(() => new Error('down')) : of(`${id} 1`, `${id} 2`);
      });
    }

    @Resilient('breaker')
    @typed(Promise)
    typedPromise(): Promise<string> {
      this.calls.push('typed');
      return Promise.resolve('typed');
    }

    @Resilient('breaker')
    @typed(Observable)
    typedObservable(): Observable<string> {
      this.calls.push('typed');
      return of('typed');
    }

    @Resilient('breaker')
    value(): Promise<string> {
      this.calls.push('value');
      return 'no promise' as never;
    }

    @Resilient('again')
    async stubborn(): Promise<string> {
      this.calls.push(`stubborn ${currentContext().attempt}`);
      await Promise.resolve();
      this.calls.push(`after ${currentContext().attempt}`);
      if (this.calls.length < 6) throw new Error('down');
      return 'at last';
    }
  }
  return Payments;
}

async function applied(setup: Partial<Setup> = {}) {
  const Payments = paymentsClass();
  const { app } = await start({ providers: [Payments], options: { policies }, ...setup });
  const circuit = app.get<CircuitBreaker>(policyToken('breaker'));
  return { app, circuit, payments: app.get(Payments, { strict: false }) };
}

describe('@Resilient on a method with a promise', () => {
  it('passes arguments, this and the result through', async () => {
    const { payments, circuit } = await applied();
    expect(await payments.charge(5)).toBe('paid 5');
    expect(await payments.refund(6)).toBe('refunded 6');
    expect(circuit.metrics()).toMatchObject({ calls: 2, successes: 2 });
  });

  it.each(['charge', 'refund'] as const)('does not run the body of a refused call: %s', async (method) => {
    const { payments, circuit } = await applied();
    payments.fails = true;
    for (let call = 0; call < 2; call++) await expect(payments[method](1)).rejects.toThrow('down');
    expect(payments.calls).toHaveLength(2);
    await expect(payments[method](1)).rejects.toSatisfy(isCircuitOpenError);
    expect(payments.calls).toHaveLength(2);
    expect(circuit.metrics().refused).toBe(1);
  });

  it.each(['charge', 'refund', 'typedPromise'] as const)('rejects as a promise where already the first call is refused: %s', async (method) => {
    const { payments, circuit } = await applied();
    circuit.isolate();
    const refused = payments[method](1);
    expect(refused).toBeInstanceOf(Promise);
    await expect(refused).rejects.toSatisfy(isCircuitOpenError);
    expect(payments.calls).toStrictEqual([]);
  });

  it('calls the body anew for each try, which knows its number after an await', async () => {
    const { payments } = await applied();
    expect(await payments.stubborn()).toBe('at last');
    expect(payments.calls).toStrictEqual(['stubborn 1', 'after 1', 'stubborn 2', 'after 2', 'stubborn 3', 'after 3']);
  });

  it('tells the body by the signal of its context that its try was cut', async () => {
    const signals: AbortSignal[] = [];
    class Hanging {
      @Resilient('short')
      async hang(): Promise<never> {
        await Promise.resolve();
        signals.push(currentContext().signal!);
        return new Promise(() => undefined);
      }
    }
    const short = () => resiliencePipeline({ attemptDeadline: 20 });
    const { app } = await start({ providers: [Hanging], options: { policies: { short } } });
    await expect(app.get(Hanging).hang()).rejects.toSatisfy(isDeadlineExceededError);
    expect(signals.map(({ aborted, reason }) => [aborted, isDeadlineExceededError(reason)])).toStrictEqual([[true, true]]);
  });

  it('ends a call with the signal of its context, whatever the policy is', async () => {
    const { payments, circuit } = await applied();
    const caller = new AbortController();
    class Hanging {
      @Resilient('breaker')
      async hang(): Promise<never> {
        return new Promise(() => undefined);
      }
    }
    const { app } = await start({ providers: [Hanging], options: { policies } });
    const call = runInContext({ signal: caller.signal }, () => app.get(Hanging).hang());
    caller.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(circuit.metrics().failures).toBe(0);
    expect(payments.calls).toStrictEqual([]);
  });

  it('refuses a method that returns something else, at the call', async () => {
    const { payments } = await applied();
    const expected = 'Payments.value must return a promise or an observable, got something else';
    expect(() => payments.value()).toThrow(new TypeError(expected));
  });
});

describe('@Resilient on a method with an observable', () => {
  it.each(['watch', 'typedObservable'] as const)('makes each subscription a call: %s', async (method) => {
    const { payments, circuit } = await applied();
    const watched = payments[method]('a');
    expect(circuit.metrics().successes).toBe(0);
    await lastValueFrom(watched);
    await lastValueFrom(watched);
    expect(circuit.metrics().successes).toBe(2);
  });

  it('runs the body once, when it is called, and subscribes what that gave', async () => {
    const { payments } = await applied();
    const watched = payments.watch('a');
    expect(payments.calls).toStrictEqual(['watch a']);
    expect(await lastValueFrom(watched)).toBe('a 2');
    await lastValueFrom(payments.watch('b'));
    expect(payments.calls).toStrictEqual(['watch a', 'watching a', 'watch b', 'watching b']);
  });

  it.each(['watch', 'typedObservable'] as const)('tells a refusal to who subscribes, also of the first call: %s', async (method) => {
    const { payments, circuit } = await applied();
    const release = circuit.isolate();
    const watched = payments[method]('a');
    await expect(lastValueFrom(watched)).rejects.toSatisfy(isCircuitOpenError);
    await expect(lastValueFrom(from(watched))).rejects.toSatisfy(isCircuitOpenError);
    await expect(lastValueFrom(watched.pipe())).rejects.toSatisfy(isCircuitOpenError);
    release.release();
    circuit.reset();
    expect(await lastValueFrom(watched)).toMatch(/a 2|typed/);
  });

  it('gives the permit back when it is left', async () => {
    class Watching {
      @Resilient('pool')
      watch(): Observable<never> {
        return NEVER;
      }
    }
    const { app } = await start({ providers: [Watching], options: { policies } });
    const permits = app.get<Bulkhead>(policyToken('pool'));
    const subscription = app.get(Watching).watch().subscribe();
    expect(permits.active).toBe(1);
    subscription.unsubscribe();
    expect(permits.active).toBe(0);
  });

  it('refuses a method of which it is known, and that returns something else', async () => {
    class Wrong {
      @Resilient('pool')
      @typed(Observable)
      watch(): Observable<never> {
        return Promise.resolve() as never;
      }
    }
    const { app } = await start({ providers: [Wrong], options: { policies } });
    const expected = 'Wrong.watch must return an observable, as it has done or says that it does';
    expect(() => app.get(Wrong).watch()).toThrow(new TypeError(expected));
  });
});

describe('the first call of a method of which nothing is known', () => {
  class Unknown {
    readonly held: (() => void)[] = [];
    readonly calls: string[] = [];

    @Resilient('pool')
    promise(what: string): Promise<string> {
      this.calls.push(what);
      return new Promise((resolve) => this.held.push(() => resolve(what)));
    }

    @Resilient('pool')
    observable(what: string): Observable<string> {
      this.calls.push(what);
      return of(what);
    }
  }

  async function full() {
    const { app } = await start({ providers: [Unknown], options: { policies } });
    const service = app.get(Unknown);
    const permits = app.get<Bulkhead>(policyToken('pool'));
    const holder = new Subject<never>();
    holder.pipe(permits).subscribe({ error: () => undefined });
    return { service, permits, free: () => holder.complete() };
  }

  it('waits in a queue as a promise', async () => {
    const { service, permits, free } = await full();
    const call = service.promise('a');
    expect([permits.queued, service.calls]).toStrictEqual([1, []]);
    free();
    expect(service.calls).toStrictEqual(['a']);
    service.held[0]!();
    expect(await call).toBe('a');
    expect(permits.active).toBe(0);
  });

  it('gives an observable to who awaits one that had to wait, and the place back', async () => {
    const { service, permits, free } = await full();
    const call = service.observable('a');
    free();
    const watched = await (call as unknown as Promise<Observable<string>>);
    expect([permits.active, permits.queued]).toStrictEqual([0, 0]);
    expect(await firstValueFrom(watched)).toBe('a');
    expect(service.calls).toStrictEqual(['a']);
  });

  it('is what it turns out to be from then on', async () => {
    const { service, permits, free } = await full();
    const first = service.observable('a');
    free();
    await first;
    const second = service.observable('b');
    expect([second instanceof Promise, permits.active]).toStrictEqual([false, 0]);
    expect(await firstValueFrom(second)).toBe('b');
  });

  it('takes part in nothing where its observable is never subscribed', async () => {
    const { payments, circuit } = await applied();
    payments.watch('a');
    expect(circuit.metrics()).toMatchObject({ successes: 0, failures: 0, abandoned: 1 });
    expect(circuit.state).toBe('closed');
  });

  it('takes what it throws at once for the error of the call', async () => {
    class Throwing {
      @Resilient('pool')
      call(): Promise<string> {
        throw new Error('at once');
      }
    }
    const { app } = await start({ providers: [Throwing], options: { policies } });
    await expect(app.get(Throwing).call()).rejects.toThrow('at once');
    expect(app.get<Bulkhead>(policyToken('pool')).active).toBe(0);
  });
});

describe('which instances are protected', () => {
  class Service {
    constructor(readonly by: string = 'nest') {}

    @Resilient('breaker')
    async call(): Promise<string> {
      return this.by;
    }
  }
  const callsOf = (app: { get<T>(token: symbol): T }) => app.get<CircuitBreaker>(policyToken('breaker')).metrics().calls;

  it('those that a factory has made, those that were given, and their aliases', async () => {
    const { app } = await start({
      options: { policies },
      providers: [
        { provide: 'made', useFactory: () => new Service('factory') },
        { provide: 'given', useValue: new Service('value') },
        { provide: 'class', useClass: Service },
        { provide: 'alias', useExisting: 'made' },
      ],
    });
    for (const token of ['made', 'given', 'class', 'alias']) await app.get<Service>(token).call();
    expect(callsOf(app)).toBe(4);
  });

  it.each([Scope.REQUEST, Scope.TRANSIENT])('those that are made for a request, or for whoever wants one', async (scope) => {
    class Scoped extends Service {}
    Injectable({ scope })(Scoped);
    Inject('who')(Scoped, undefined as never, 0);
    const { app } = await start({ options: { policies }, providers: [Scoped, { provide: 'who', useValue: 'scoped' }] });
    const [one, two] = await Promise.all([1, 2].map(() => app.resolve(Scoped, ContextIdFactory.create())));
    expect(one).not.toBe(two);
    expect(await Promise.all([one!.call(), two!.call()])).toStrictEqual(['scoped', 'scoped']);
    expect(callsOf(app)).toBe(2);
  });

  it('one that ModuleRef makes', async () => {
    class Made {
      @Resilient('breaker')
      async call() {
        return 'made';
      }
    }
    const { app } = await start({ options: { policies } });
    const made = await app.get(ModuleRef).create(Made);
    expect([await made.call(), callsOf(app)]).toStrictEqual(['made', 1]);
  });

  it('not one that Nest did not make: its methods are as they were', async () => {
    expect(await new Service('me').call()).toBe('me');
    const { call } = new Service();
    await expect(call.call(undefined as never)).rejects.toThrow(TypeError);
  });

  it('not a given one that cannot be written to', async () => {
    const frozen = Object.freeze(new Service('frozen'));
    const { app } = await start({ options: { policies }, providers: [{ provide: 'frozen', useValue: frozen }] });
    expect([await frozen.call(), callsOf(app)]).toStrictEqual(['frozen', 0]);
  });

  it('each in its application', async () => {
    const apps = await Promise.all([1, 2].map(() => start({ options: { policies }, providers: [Service] })));
    const [one, two] = apps.map(({ app }) => app);
    one!.get<CircuitBreaker>(policyToken('breaker')).isolate();
    await expect(one!.get(Service).call()).rejects.toSatisfy(isCircuitOpenError);
    expect(await two!.get(Service).call()).toBe('nest');
    await one!.close();
    expect(await two!.get(Service).call()).toBe('nest');
    expect([callsOf(one!), callsOf(two!)]).toStrictEqual([1, 2]);
  });

  it('one that two applications are given, in the first of them', async () => {
    const shared = new Service('shared');
    const setup = { options: { policies }, providers: [{ provide: 'shared', useValue: shared }] };
    const one = await start(setup);
    const two = await start(setup);
    await shared.call();
    await two.app.close();
    await shared.call();
    expect([callsOf(one.app), callsOf(two.app)]).toStrictEqual([2, 0]);
  });

  it('one from whose settings the policies are made, once they are there', async () => {
    class Settings {
      early: unknown;

      @Resilient('breaker')
      async threshold(): Promise<number> {
        return 1;
      }
    }
    @Module({ providers: [Settings], exports: [Settings] })
    class SettingsModule {}
    const { ResilienceModule } = await import('rxjs-resilience/nestjs');
    @Module({
      imports: [
        ResilienceModule.forRootAsync({
          imports: [SettingsModule],
          inject: [Settings],
          useFactory: (settings: Settings) => {
            try {
              void settings.threshold();
            } catch (error) {
              settings.early = error;
            }
            return { policies: { breaker } };
          },
        }),
      ],
    })
    class Root {}
    const app = await create(Root);
    await app.init();
    const settings = app.get(Settings, { strict: false });
    expect(String(settings.early)).toBe('TypeError: Settings.threshold was called before the policies of the application were made');
    expect([await settings.threshold(), callsOf(app)]).toStrictEqual([1, 1]);
  });
});

describe('what else is said of a method', () => {
  it('is kept: name, length, metadata below and above, and its own properties', () => {
    const below = SetMetadata('below', 1);
    const above = SetMetadata('above', 2);
    class Service {
      @above
      @Resilient('breaker')
      @below
      async call(one: number, two: number) {
        return one + two;
      }
    }
    const { call } = Service.prototype;
    expect([call.name, call.length]).toStrictEqual(['call', 2]);
    expect(['below', 'above'].map((key) => Reflect.getMetadata(key, call))).toStrictEqual([1, 2]);
    expect(Object.keys(new Service())).toStrictEqual([]);
  });

  it('is found where a decorator writes to the function before ours stands there', () => {
    const late = (target: object, key: string) => Reflect.defineMetadata('late', 3, (target as Record<string, object>)[key]!);
    class Service {
      @late
      @Resilient('breaker')
      async call() {
        return 1;
      }
    }
    expect(Reflect.getMetadata('late', Service.prototype.call)).toBe(3);
  });

  it('a wrapper above works outside of the policy, one below inside', async () => {
    const order: string[] = [];
    const wrap = (what: string) => (_target: object, _key: string, descriptor: PropertyDescriptor) => {
      const inner = descriptor.value as (...given: unknown[]) => unknown;
      descriptor.value = function (this: unknown, ...given: unknown[]) {
        order.push(what);
        return inner.apply(this, given);
      };
    };
    class Service {
      @wrap('above')
      @Resilient('breaker')
      @wrap('below')
      @typed(Promise)
      async call() {
        return 1;
      }
    }
    const { app } = await start({ providers: [Service], options: { policies } });
    const circuit = app.get<CircuitBreaker>(policyToken('breaker'));
    await app.get(Service).call();
    circuit.isolate();
    await expect(app.get(Service).call()).rejects.toSatisfy(isCircuitOpenError);
    expect(order).toStrictEqual(['above', 'below', 'above']);
  });

  it('a subclass inherits the protection, until it replaces the method', async () => {
    class Base {
      @Resilient('breaker')
      async call() {
        return 'base';
      }

      @Resilient('breaker')
      async replaced() {
        return 'base';
      }
    }
    class Derived extends Base {
      override async replaced() {
        return 'derived';
      }
    }
    const { app } = await start({ providers: [Derived], options: { policies } });
    const derived = app.get(Derived);
    expect([await derived.call(), await derived.replaced()]).toStrictEqual(['base', 'derived']);
    expect(app.get<CircuitBreaker>(policyToken('breaker')).metrics().calls).toBe(1);
  });

  it('a symbol names a method as well', async () => {
    const key = Symbol('call');
    class Service {
      @Resilient('breaker')
      async [key]() {
        return 'by symbol';
      }
    }
    const { app } = await start({ providers: [Service], options: { policies } });
    expect(await app.get(Service)[key]()).toBe('by symbol');
    expect(app.get<CircuitBreaker>(policyToken('breaker')).metrics().calls).toBe(1);
  });
});

it('answers with the fallback of a pipeline, as a promise and as an observable', async () => {
  class Falling {
    @Resilient('falling')
    async promise(): Promise<string> {
      throw new Error('down');
    }

    @Resilient('falling')
    observable(): Observable<string> {
      return throwError(() => new Error('down'));
    }
  }
  const falling = (): ResiliencePipeline<string> => resiliencePipeline({ fallback: () => of('instead') });
  const { app } = await start({ providers: [Falling], options: { policies: { falling } } });
  const service = app.get(Falling);
  expect([await service.promise(), await firstValueFrom(service.observable())]).toStrictEqual(['instead', 'instead']);
});

