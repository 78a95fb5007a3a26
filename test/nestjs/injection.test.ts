import { Injectable, Module } from '@nestjs/common';
import { isCircuitOpenError, circuitBreaker, type CircuitBreaker } from 'rxjs-resilience';
import { policyToken, ResilienceFilter, ResilienceHealthIndicator, ResilienceModule, Resilient } from 'rxjs-resilience/nestjs';
import { describe, expect, it } from 'vitest';
import { ControllerInterceptor, HandlerInterceptor } from '../../src/nestjs/resilience-interceptor.js';
import { start } from './application.ts';

// The compiler of the tests leaves no types of parameters behind, as esbuild and SWC do.
const options = { policies: { catalog: (name: string) => circuitBreaker({ name }) } };

it('each parameter of a class that Nest makes is named', () => {
  const classes = [ResilienceModule, ResilienceHealthIndicator, HandlerInterceptor, ControllerInterceptor];
  for (const type of classes as (new (...given: never[]) => object)[]) {
    expect(Reflect.hasMetadata('design:paramtypes', type)).toBe(false);
    const named = Reflect.getMetadata('self:paramtypes', type) as { index: number; param: unknown }[];
    const parameters = type.length || (Object.getPrototypeOf(type) as typeof type).length;
    expect([type.name, named.map(({ index }) => index).sort()]).toStrictEqual([type.name, Array.from({ length: parameters }, (_, index) => index)]);
    expect(named.filter(({ param }) => param === undefined)).toStrictEqual([]);
  }
});

describe('a module may list among its own providers', () => {
  it('ResilienceHealthIndicator, and a class that extends it', async () => {
    @Injectable()
    class Own extends ResilienceHealthIndicator {}
    @Module({ providers: [ResilienceHealthIndicator, Own], exports: [ResilienceHealthIndicator, Own] })
    class HealthModule {}
    const { app } = await start({ imports: [HealthModule], options });
    const isolation = app.get<CircuitBreaker>(policyToken('catalog')).isolate();
    const indicators = [app.select(HealthModule).get(ResilienceHealthIndicator, { strict: true }), app.get(ResilienceHealthIndicator), app.get(Own)];
    for (const indicator of indicators) expect(await indicator.check('catalog')).toStrictEqual({ catalog: { status: 'up', degraded: true } });
    isolation.release();
  });

  it('ResilienceFilter, and protected classes of every scope', async () => {
    @Injectable()
    class Catalog {
      @Resilient('catalog')
      async find(): Promise<string> {
        return 'found';
      }
    }
    @Module({ providers: [ResilienceFilter, Catalog, { provide: 'other', useClass: Catalog, scope: 1 }, { provide: 'third', useClass: Catalog, scope: 2 }] })
    class CatalogModule {}
    const { app } = await start({ imports: [CatalogModule], options });
    expect(app.get(ResilienceFilter)).toBeInstanceOf(ResilienceFilter);
    app.get<CircuitBreaker>(policyToken('catalog')).isolate();
    const instances = [app.get(Catalog), await app.resolve<Catalog>('other'), await app.resolve<Catalog>('third')];
    for (const instance of instances) await expect(instance.find()).rejects.toSatisfy(isCircuitOpenError);
  });
});
