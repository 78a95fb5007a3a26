import { Controller, Get, Inject, Injectable, Logger, Module, type Type } from '@nestjs/common';
import { HttpAdapterHost, LazyModuleLoader, ModulesContainer, NestFactory } from '@nestjs/core';
import { firstValueFrom } from 'rxjs';
import {
  bulkhead, circuitBreaker, type CircuitBreaker, type PolicyRegistry, resiliencePipeline, type ResiliencePipeline, standardPipeline,
} from 'rxjs-resilience';
import {
  InjectPolicy, policyToken, POLICY_REGISTRY, ResilienceModule, type ResilienceModuleAsyncOptions, Resilient,
} from 'rxjs-resilience/nestjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { thrownBy } from '../thrown.ts';
import { create, refusal, rootModule, start } from './application.ts';

const payments = (name: string) => circuitBreaker({ name, failureThreshold: 2 });

@Injectable()
class Billing {
  @InjectPolicy('payments') byProperty!: CircuitBreaker;

  constructor(@InjectPolicy('payments') readonly policy: CircuitBreaker) {}
}

const thrown = (make: () => unknown) => String(thrownBy(make));

describe('the policies of an application', () => {
  it('are made once for each name, told the name, and injected', async () => {
    const names: string[] = [];
    const made = (name: string) => {
      names.push(name);
      return payments(name);
    };
    const { app } = await start({ providers: [Billing], options: { policies: { payments: made, other: made } } });
    const { policy, byProperty } = app.get(Billing);
    expect(names).toStrictEqual(['payments', 'other']);
    expect(policy.name).toBe('payments');
    expect([byProperty, app.get(policyToken('payments'))]).toStrictEqual([policy, policy]);
  });

  it('are injected into subclasses', async () => {
    class Sub extends Billing {}
    const { app } = await start({ providers: [Sub], options: { policies: { payments } } });
    expect(app.get(Sub).policy).toBe(app.get(policyToken('payments')));
  });

  it('stand in a registry of the application, pipelines with their parts', async () => {
    const pipeline = (name: string) => standardPipeline({ name, bulkhead: 3 });
    const { app } = await start({ options: { policies: { payments, pipeline } } });
    const registry = app.get<PolicyRegistry>(POLICY_REGISTRY);
    const found = await firstValueFrom(registry.policies$);
    expect(found.map(({ kind, name }) => `${kind}:${name}`)).toContain('bulkhead:pipeline');
    expect(registry.get('payments')).toBe(app.get(policyToken('payments')));
  });

  it('work where two have one name, and only one of them can be shown', async () => {
    const warned: string[] = [];
    Logger.overrideLogger({ log: () => undefined, error: () => undefined, warn: (text: string) => void warned.push(text) });
    onTestFinished(() => Logger.overrideLogger(false));
    const root = rootModule({ options: { policies: { one: () => circuitBreaker(), two: () => circuitBreaker() } } });
    const app = await NestFactory.create(root, { abortOnError: false, logger: undefined as never });
    onTestFinished(() => app.close());
    const [one, two] = ['one', 'two'].map((name) => app.get<CircuitBreaker>(policyToken(name)));
    expect(one).not.toBe(two);
    expect(app.get<PolicyRegistry>(POLICY_REGISTRY).get('circuitBreaker')).toBe(one);
    expect(warned.filter((text) => text.startsWith('policies.'))).toStrictEqual([
      "policies.two is not in the registry: another circuitBreaker named 'circuitBreaker' is registered: give one of the two another name",
    ]);
  });

  it('may be a pipeline without parts', async () => {
    const { app } = await start({ options: { policies: { bare: () => resiliencePipeline({}) } } });
    expect(app.get<PolicyRegistry>(POLICY_REGISTRY).metrics()).toStrictEqual([]);
  });

  it('are of their own in each application of a process', async () => {
    const apps = await Promise.all([0, 1].map(() => start({ providers: [Billing], options: { policies: { payments } } })));
    const [one, two] = apps.map(({ app }) => app.get(Billing).policy);
    expect(one).not.toBe(two);
    one!.isolate();
    expect(two!.state).toBe('closed');
  });

  it('do nothing in an application that has other ones', async () => {
    const { app } = await start({ options: { policies: { other: payments } } });
    expect(app.get(policyToken('other'))).toBeTypeOf('function');
    expect(app.get<PolicyRegistry>(POLICY_REGISTRY).get('payments')).toBeUndefined();
  });

  it('are disposed when it shuts down, those that it made and no others', async () => {
    const shared = bulkhead(3, 0, { name: 'shared' });
    const pipeline = (name: string) => resiliencePipeline({ name, breaker: {} });
    const { app } = await start({ options: { policies: { shared, payments, pipeline } } });
    const completed: string[] = [];
    const watch = (name: string, { health$ }: Pick<CircuitBreaker, 'health$'>) =>
      health$.subscribe({ complete: () => completed.push(name) });
    watch('shared', shared);
    watch('payments', app.get(policyToken('payments')));
    watch('pipeline', app.get(policyToken('pipeline')));
    app.get<PolicyRegistry>(POLICY_REGISTRY).health$.subscribe({ complete: () => completed.push('registry') });
    await app.close();
    expect(completed.sort()).toStrictEqual(['payments', 'pipeline', 'registry']);
  });

  it('are disposed where the start fails after they were made', async () => {
    const made: ResiliencePipeline[] = [];
    const pipeline = (name: string) => {
      const policy = resiliencePipeline({ name, breaker: {} });
      made.push(policy);
      return policy;
    };
    const broken = () => {
      throw new Error('no settings');
    };
    const error = await refusal({ options: { policies: { pipeline, broken } } });
    expect(String(error)).toBe('Error: no settings');
    let completed = false;
    made[0]!.health$.subscribe({ complete: () => (completed = true) });
    expect(completed).toBe(true);
  });
});

it('protects by what a test has put in the place of a policy, as @nestjs/testing does before the start', async () => {
  class Service {
    @Resilient('payments')
    async call() {
      return 1;
    }
  }
  const replaced = bulkhead(3);
  const app = await create(rootModule({ providers: [Service], options: { policies: { payments, other: payments } } }));
  const tokens = ['payments', 'other'].map(policyToken);
  const given = [replaced, 'no policy'];
  for (const { providers } of app.get(ModulesContainer).values()) {
    for (const [index, token] of tokens.entries()) {
      const wrapper = providers.get(token);
      if (wrapper !== undefined) wrapper.instance = given[index];
    }
  }
  await app.init();
  await app.get(Service).call();
  expect(replaced.metrics().accepted).toBe(1);
});

describe('forRootAsync', () => {
  class Settings {
    readonly threshold = 3;
  }
  @Module({ providers: [Settings], exports: [Settings] })
  class SettingsModule {}
  const async = (more: Partial<ResilienceModuleAsyncOptions> = {}) =>
    ResilienceModule.forRootAsync({
      imports: [SettingsModule],
      inject: [Settings],
      useFactory: async ({ threshold }: Settings) => {
        await Promise.resolve();
        return { policies: { payments: (name) => circuitBreaker({ name: `${name} ${threshold}` }) }, deadline: false };
      },
      ...more,
    });

  async function startAsync(...providers: Type[]) {
    @Module({ imports: [async()], providers })
    class Root {}
    const app = await create(Root);
    return app.init();
  }

  it('makes policies of what it is given', async () => {
    const app = await startAsync(Billing);
    expect(app.get(Billing).policy.name).toBe('payments 3');
    expect(app.get(policyToken('payments'))).toBe(app.get(Billing).policy);
  });

  it('injects a policy that nobody had asked for before', async () => {
    const name = `late ${Math.random()}`;
    @Module({ imports: [ResilienceModule.forRootAsync({ useFactory: () => ({ policies: { [name]: payments } }) })] })
    class Root {}
    const app = await create(Root);
    const policy = app.get<CircuitBreaker>(policyToken(name));
    @Injectable()
    class Late {
      constructor(@InjectPolicy(name) readonly policy: CircuitBreaker) {}

      @Resilient(name)
      async call() {
        return 'late';
      }
    }
    @Module({ providers: [Late] })
    class LateModule {}
    const late = (await app.get(LazyModuleLoader).load(() => LateModule)).get(Late);
    expect(late.policy).toBe(policy);
    expect([await late.call(), policy.metrics().calls]).toStrictEqual(['late', 1]);
  });

  it('rejects the start where an option is wrong', async () => {
    const rejected = async (options: unknown) => {
      @Module({ imports: [ResilienceModule.forRootAsync({ useFactory: () => options as never })] })
      class Root {}
      return NestFactory.create(Root, { logger: false, abortOnError: false }).then(() => undefined, String);
    };
    expect(await rejected({ polices: {} })).toBe("TypeError: options has no option 'polices'; did you mean 'policies'?");
    expect(await rejected(undefined)).toBe('TypeError: options must be an object, got undefined');
    expect(await rejected({ policies: { a: 5 } })).toBe('TypeError: policies.a must be a policy or a pipeline, got 5');
  });
});

describe('options that are refused at once', () => {
  it.each<[unknown, string]>([
    [null, 'TypeError: ResilienceModule.forRoot: options must be an object, got null'],
    [{ policy: {} }, "TypeError: ResilienceModule.forRoot has no option 'policy'; known are policies, deadline"],
    [{ policies: [] }, 'TypeError: ResilienceModule.forRoot: policies must be an object, got an array'],
    [{ policies: payments }, 'TypeError: ResilienceModule.forRoot: policies must be an object, got function payments'],
    [{ policies: { '': payments } }, "TypeError: ResilienceModule.forRoot: the name of a policy must be a string that is not empty, got ''"],
    [{ policies: { a: {} } }, 'TypeError: ResilienceModule.forRoot: policies.a must be a policy or a pipeline, got an object'],
    [{ deadline: true }, 'TypeError: ResilienceModule.forRoot: deadline must be an object, got true'],
    [{ deadline: { maximum: 0 } }, 'RangeError: ResilienceModule.forRoot: deadline.maximum must be above 0 and finite, got 0'],
    [{ deadline: { max: 1 } }, "TypeError: ResilienceModule.forRoot: deadline has no option 'max'; known are maximum, fallback, accept, trustPriority, trustDeadline, cancelOnDisconnect, scheduler"],
  ])('forRoot(%o)', (options, message) => {
    expect(thrown(() => ResilienceModule.forRoot(options as never))).toBe(message);
  });

  it.each<[unknown, string]>([
    [undefined, 'TypeError: ResilienceModule.forRootAsync: options must be an object, got undefined'],
    [{}, 'TypeError: ResilienceModule.forRootAsync: useFactory must be a function, got undefined'],
    [{ useClass: payments }, "TypeError: ResilienceModule.forRootAsync has no option 'useClass'; known are imports, inject, useFactory"],
  ])('forRootAsync(%o)', (options, message) => {
    expect(thrown(() => ResilienceModule.forRootAsync(options as never))).toBe(message);
  });

  it('a name that is none', () => {
    expect(thrown(() => InjectPolicy(''))).toBe("TypeError: name must be a string that is not empty, got ''");
    expect(thrown(() => policyToken(5 as never))).toBe('TypeError: name must be a string that is not empty, got 5');
    expect(thrown(() => Resilient(undefined as never))).toBe('TypeError: policy must be a string that is not empty, got undefined');
  });

  it('places where a decorator could do nothing', () => {
    const method = (target: object, key: unknown, descriptor?: PropertyDescriptor) =>
      thrown(() => Resilient('payments')(target as never, key as never, descriptor as never));
    class Service {
      static make() {
        return 1;
      }
      get value() {
        return 1;
      }
      async *stream() {
        yield 1;
      }
      async call() {
        return 1;
      }
    }
    const of = (target: object, key: string) => method(target, key, Object.getOwnPropertyDescriptor(target, key));
    const on = "TypeError: @Resilient('payments') on Service";
    expect(of(Service, 'make')).toBe(`${on}.make: a static method belongs to no application`);
    expect(of(Service.prototype, 'value')).toBe(`${on}.value: it must be a method, not a property or an accessor`);
    expect(method(Service.prototype, 'field')).toBe(`${on}.field: it must be a method, not a property or an accessor`);
    expect(of(Service.prototype, 'stream')).toBe(`${on}.stream: it must return a promise or an observable, not a generator`);
    expect(method(Service.prototype.call, { kind: 'method' })).toBe('TypeError: @Resilient: Nest needs experimentalDecorators in tsconfig.json');
    expect(thrown(() => InjectPolicy('payments')(Service.prototype, 'call', 0))).toBe(
      "TypeError: @InjectPolicy('payments') must stand at a constructor parameter or a property, got a parameter of call",
    );
  });

  it('a second one', () => {
    const twice = "TypeError: @Resilient('two') on Twice";
    const why = 'there is one already; a pipeline combines policies';
    expect(
      thrown(() => {
        class Twice {
          @Resilient('two')
          @Resilient('one')
          async call() {
            return 1;
          }
        }
        return Twice;
      }),
    ).toBe(`${twice}.call: ${why}`);
    expect(
      thrown(() => {
        @Resilient('two')
        @Resilient('one')
        class Twice {}
        return Twice;
      }),
    ).toBe(`${twice}: ${why}`);
  });
});

describe('a start that rejects', () => {
  const options = { policies: { payments, catalog: payments } };
  const has = "which ResilienceModule does not have; known are 'payments', 'catalog'";

  it('names an unknown policy of a handler, a controller, a method, and what else there is', async () => {
    @Controller()
    class Orders {
      @Get()
      @Resilient('paymnets')
      get() {
        return 1;
      }
    }
    @Controller()
    @Resilient('orders')
    class Whole {
      @Get()
      get() {
        return 1;
      }
    }
    class Service {
      @Resilient('orders')
      async call() {
        return 1;
      }
    }
    const service = { provide: 'made', useFactory: () => new Service() };
    expect(String(await refusal({ options, controllers: [Orders] }))).toBe(`TypeError: @Resilient on Orders.get wants the policy 'paymnets', ${has}`);
    expect(String(await refusal({ options, controllers: [Whole] }))).toBe(`TypeError: @Resilient on Whole wants the policy 'orders', ${has}`);
    expect(String(await refusal({ options, providers: [Service] }))).toBe(`TypeError: @Resilient on Service.call wants the policy 'orders', ${has}`);
    expect(String(await refusal({ options, providers: [service] }))).toBe(`TypeError: @Resilient on Service.call wants the policy 'orders', ${has}`);
    expect(String(await refusal({ providers: [Service] }))).toBe(
      "TypeError: @Resilient on Service.call wants the policy 'orders', which ResilienceModule does not have; there is none",
    );
  });

  it('names an unknown policy of a method that another decorator has replaced', async () => {
    const replaced = (_target: object, _key: string, descriptor: PropertyDescriptor) => ({ ...descriptor, value: async () => 1 });
    class Service {
      @replaced
      @Resilient('orders')
      async call() {
        return 1;
      }
    }
    expect(String(await refusal({ options, providers: [Service] }))).toContain('@Resilient on Service.call wants');
  });

  it('does not ask for the policy of a method that a subclass has replaced', async () => {
    class Base {
      @Resilient('orders')
      async call() {
        return 1;
      }
    }
    class Derived extends Base {
      override async call() {
        return 2;
      }
    }
    expect(await refusal({ options, providers: [Derived] })).toBeUndefined();
  });

  it('names an unknown policy that is injected', async () => {
    class Wants {
      constructor(@InjectPolicy('orders') readonly policy: unknown) {}
    }
    class WantsByProperty {
      @InjectPolicy('orders') policy: unknown;
    }
    for (const type of [Wants, WantsByProperty]) {
      const expected = `TypeError: @InjectPolicy in ${type.name} wants the policy 'orders', ${has}`;
      expect(String(await refusal({ options, providers: [type] }))).toBe(expected);
    }
  });

  it('tells a class that is neither a controller nor a resolver', async () => {
    @Resilient('payments')
    class Service {}
    expect(String(await refusal({ options, providers: [Service] }))).toBe(
      "TypeError: @Resilient('payments') on Service: it is neither a controller nor a resolver; mark its methods",
    );
  });

  it('names the policy whose options are refused, and leaves other errors as they are', async () => {
    const wrong = (make: () => never) => refusal({ options: { policies: { one: make } } }).then(String);
    expect(await wrong(() => bulkhead(0) as never)).toMatch(/^RangeError: policies\.one: bulkhead: maxConcurrent must be/);
    expect(await wrong(() => { throw Object.freeze(new TypeError('frozen')); })).toBe('TypeError: frozen');
    expect(await wrong(() => { throw 'a text'; })).toBe('a text');
  });

  it('refuses what a factory makes and is no policy', async () => {
    const error = await refusal({ options: { policies: { one: () => 5 as never } } });
    expect(String(error)).toBe('TypeError: policies.one must be a policy or a pipeline, got 5');
  });

  it('refuses a second description', async () => {
    const error = await refusal({ imports: [ResilienceModule.forRoot()] });
    expect(String(error)).toBe('TypeError: ResilienceModule must be described once, in the root module; it is global');
  });

  it('says what is missing where the module is', async () => {
    class Service {
      @Resilient('payments')
      async call() {
        return 1;
      }
    }
    @Module({ providers: [Service] })
    class Root {}
    const error = await NestFactory.create(Root, { logger: false, abortOnError: false }).catch(String);
    expect(error).toMatch(/Service.*rxjs-resilience\/nestjs\/policies/s);
  });
});

it('works where there is no HTTP server', async () => {
  class Service {
    @Resilient('payments')
    async call() {
      return 1;
    }
  }
  @Module({ imports: [ResilienceModule.forRoot({ policies: { payments } })], providers: [Service] })
  class Root {}
  const context = await NestFactory.createApplicationContext(Root, { logger: false, abortOnError: false });
  onTestFinished(() => context.close());
  expect(await context.get(Service).call()).toBe(1);
  expect(context.get(HttpAdapterHost).httpAdapter).toBeNull();
});

it('keeps what a class injects besides', async () => {
  class Base {
    @Inject('a') a!: string;
  }
  class Service extends Base {
    @Inject('b') b!: string;

    @Resilient('payments')
    async call() {
      return `${this.a}${this.b}`;
    }

    @Resilient('payments')
    async again() {
      return this.call();
    }
  }
  const given = ['a', 'b'].map((token) => ({ provide: token, useValue: token }));
  const { app } = await start({ providers: [Service, ...given], options: { policies: { payments } } });
  expect(await app.get(Service).again()).toBe('ab');
  expect(app.get<CircuitBreaker>(policyToken('payments')).metrics().calls).toBe(2);
});
