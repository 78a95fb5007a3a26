import type { HttpService } from '@nestjs/axios';
import type { DynamicModule, FactoryProvider } from '@nestjs/common';
import type { ClientTCP } from '@nestjs/microservices';
import type { HealthIndicatorFunction } from '@nestjs/terminus';
import { bulkhead, circuitBreaker, type PerKey, perKey, standardPipeline } from 'rxjs-resilience';
import {
  InjectPolicy, type ResilienceHealthIndicator, ResilienceModule, Resilient, resilientClient, ResilientHttpService,
} from 'rxjs-resilience/nestjs';
import { expectTypeOf, it } from 'vitest';

declare const tcp: ClientTCP;
declare const http: HttpService;
declare const indicator: ResilienceHealthIndicator;

it('takes policies, pipelines and what makes them, told the name', () => {
  const shared = bulkhead(5);
  expectTypeOf(
    ResilienceModule.forRoot({
      policies: { shared, pipeline: standardPipeline(), made: (name) => circuitBreaker({ name: name.toUpperCase() }) },
      deadline: { maximum: 5_000 },
    }),
  ).toEqualTypeOf<DynamicModule>();
  ResilienceModule.forRoot({ policies: { piped: (name) => standardPipeline({ name }) }, deadline: false });
  // @ts-expect-error a policy is made by what returns one
  ResilienceModule.forRoot({ policies: { wrong: () => 5 } });
  const keyed: PerKey<typeof shared> = perKey(() => bulkhead(1));
  // @ts-expect-error neither a policy nor what makes one
  ResilienceModule.forRoot({ policies: { keyed: { size: keyed.size } } });
});

it('describes itself later, with whatever is injected', () => {
  class Settings {
    readonly limit = 3;
  }
  const described = ResilienceModule.forRootAsync({
    inject: [Settings],
    useFactory: ({ limit }: Settings) => Promise.resolve({ policies: { pool: () => bulkhead(limit) } }),
  });
  expectTypeOf(described).toEqualTypeOf<Promise<DynamicModule>>();
});

it('keeps the types of a client and of a service', () => {
  expectTypeOf(resilientClient(tcp, bulkhead(1))).toEqualTypeOf<ClientTCP>();
  // @ts-expect-error no client
  resilientClient({ send: () => undefined }, bulkhead(1));
  const resilient = new ResilientHttpService(http, bulkhead(1));
  expectTypeOf(resilient.get).toEqualTypeOf<HttpService['get']>();
  expectTypeOf(resilient.post).toEqualTypeOf<HttpService['post']>();
  expectTypeOf(resilient.query).toEqualTypeOf<HttpService['query']>();
  expectTypeOf(resilient.axiosRef).toEqualTypeOf<HttpService['axiosRef']>();
  expectTypeOf(ResilientHttpService.provider('http', 'catalog')).toEqualTypeOf<FactoryProvider<ResilientHttpService>>();
});

it('is an indicator of terminus', () => {
  const check = () => indicator.check('payments');
  expectTypeOf(check).toExtend<HealthIndicatorFunction>();
});

it('decorates classes and methods, parameters and properties', () => {
  expectTypeOf(Resilient).parameter(0).toEqualTypeOf<string>();
  expectTypeOf(Resilient('a')).toExtend<ClassDecorator & MethodDecorator>();
  expectTypeOf(InjectPolicy('a')).toExtend<ParameterDecorator & PropertyDecorator>();
});
