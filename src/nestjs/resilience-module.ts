import {
  type BeforeApplicationShutdown, type DynamicModule, type FactoryProvider, Module, type OnApplicationShutdown,
  type OnModuleInit, type Provider,
} from '@nestjs/common';
import { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { reading } from '../core/options.js';
import { carryContexts } from '../node/async-context.js';
import { givenInstances } from './application-classes.js';
import { ApplicationPolicies } from './application-policies.js';
import { ResilienceHealthIndicator } from './health-indicator.js';
import { injectable } from './injectable.js';
import {
  checkAsyncOptions, checkModuleOptions, type ResilienceModuleAsyncOptions, type ResilienceModuleOptions,
} from './module-options.js';
import { PolicyBook } from './policy-book.js';
import { readDeadlines } from './request-deadlines.js';
import { policiesKey } from './resilient-method.js';
import { closeAfterWaits, waitsOver } from './shutdown-hooks.js';
import { checkClasses, checkMarks } from './start-checks.js';
import { APPLICATION_POLICIES, POLICY_BOOK, POLICY_REGISTRY, policyToken, RESILIENCE_OPTIONS, wantedNames } from './tokens.js';

/**
 * The policies of an application, by name, for `@Resilient` and `@InjectPolicy`; its `PolicyRegistry`, by the token
 * `POLICY_REGISTRY`; `ResilienceHealthIndicator`; and the deadlines of requests. Import it once, in the root module: it is
 * global. Each application has policies of its own, which are disposed when it shuts down.
 *
 * The start rejects (`NestFactory.create` with `abortOnError: false`) where a policy that is used is not there, or where
 * `@Resilient` stands where it could protect nothing.
 *
 * ```ts
 * @Module({ imports: [ResilienceModule.forRoot({ policies: { payments: (name) => standardPipeline({ name }) } })] })
 * export class AppModule {}
 * ```
 */
export class ResilienceModule implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    private readonly book: PolicyBook,
    private readonly policies: ApplicationPolicies,
    private readonly modules: ModulesContainer,
    private readonly host: HttpAdapterHost,
  ) {}

  /**
   * @throws TypeError, RangeError for options that are unknown, of a wrong type or out of their range. What a factory of a
   * policy throws rejects the start.
   */
  static forRoot(options: ResilienceModuleOptions = {}): DynamicModule {
    const given = reading('ResilienceModule.forRoot', () => checkModuleOptions(options));
    return describe({ provide: RESILIENCE_OPTIONS, useValue: given }, [], Object.keys(given.policies ?? {}));
  }

  /**
   * As `forRoot`, with options that need something of the application: `{ imports, inject, useFactory }`. What is wrong
   * with the options rejects the start.
   *
   * @throws TypeError where these are not `imports`, `inject` and a function `useFactory`
   */
  static forRootAsync(options: ResilienceModuleAsyncOptions): Promise<DynamicModule> {
    reading('ResilienceModule.forRootAsync', () => checkAsyncOptions(options));
    const { imports = [], inject = [], useFactory } = options;
    // By then every class that this one's file imports has said what it wants, those that import it in turn as well.
    return Promise.resolve().then(() => describe({ provide: RESILIENCE_OPTIONS, inject, useFactory }, imports, []));
  }

  /** For Nest. */
  onModuleInit(): void {
    closeAfterWaits(this.host);
    const { providers } = onlyOne(this.modules);
    for (const name of this.book.names) this.book.replace(name, providers.get(policyToken(name))?.instance);
    for (const { instance, ...held } of givenInstances(this.modules)) {
      checkMarks(held, this.book);
      const isFree = !(policiesKey in instance) && Object.isExtensible(instance);
      if (isFree) Object.defineProperty(instance, policiesKey, { value: this.policies, configurable: true, writable: true });
    }
  }

  /** For Nest: where the server of HTTP has not waited, the last moment before it is closed. */
  beforeApplicationShutdown(): Promise<void> {
    return waitsOver();
  }

  /** For Nest. */
  onApplicationShutdown(): void {
    this.book.dispose();
  }
}

Module({})(ResilienceModule);
injectable(ResilienceModule, [POLICY_BOOK, APPLICATION_POLICIES, ModulesContainer, HttpAdapterHost]);

function describe(options: Provider, imports: DynamicModule['imports'], names: readonly string[]): DynamicModule {
  carryContexts();
  const policies = [...new Set([...names, ...wantedNames()])].map(policyProvider);
  const exported: readonly FactoryProvider[] = [
    { provide: APPLICATION_POLICIES, useFactory: () => new ApplicationPolicies() },
    { provide: POLICY_REGISTRY, inject: [POLICY_BOOK], useFactory: (book: PolicyBook) => book.registry },
    ...policies,
  ];
  const book: FactoryProvider = {
    provide: POLICY_BOOK,
    inject: [RESILIENCE_OPTIONS, APPLICATION_POLICIES, ModulesContainer, HttpAdapterHost],
    useFactory: makeBook,
  };
  return {
    module: ResilienceModule,
    global: true,
    imports: imports ?? [],
    providers: [options, book, ResilienceHealthIndicator, ...exported],
    exports: [ResilienceHealthIndicator, ...exported.map(({ provide }) => provide)],
  };
}

function makeBook(
  options: ResilienceModuleOptions,
  policies: ApplicationPolicies,
  modules: ModulesContainer,
  host: HttpAdapterHost,
): PolicyBook {
  const own = onlyOne(modules);
  const { policies: given = {}, deadline = {} } = checkModuleOptions(options);
  const book = new PolicyBook(given);
  try {
    checkClasses(modules, book);
    if (deadline !== false) readDeadlines(host, deadline);
  } catch (error) {
    book.dispose();
    throw error;
  }
  policies.fill(book);
  offer(own, book);
  return book;
}

/** A policy by its token. Names come from all applications of the process: in one that does not use it there is nothing. */
function policyProvider(name: string): FactoryProvider {
  return {
    provide: policyToken(name),
    inject: [POLICY_BOOK],
    useFactory: (book: PolicyBook) => book.find(name)?.policy,
  };
}

/** Those whose names nobody had said before: for `app.get`, and for modules that are loaded later. */
function offer(own: NestModule, book: PolicyBook): void {
  for (const name of book.names) {
    const token = policyToken(name);
    if (own.providers.has(token)) continue;
    own.addProvider({ provide: token, useValue: book.find(name)?.policy });
    own.addExportedProviderOrModule(token);
  }
}

type NestModule = ReturnType<ModulesContainer['get']> & object;

function onlyOne(modules: ModulesContainer): NestModule {
  const [own, ...more] = [...modules.values()].filter(({ providers }) => providers.has(POLICY_BOOK));
  if (more.length > 0) throw new TypeError('ResilienceModule must be described once, in the root module; it is global');
  return own as NestModule;
}
