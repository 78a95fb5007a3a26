import { Controller, Get, HttpCode, Inject, Module } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, TerminusModule } from '@nestjs/terminus';
import {
  bulkhead, circuitBreaker, type CircuitBreaker, healthBoard, type PolicyRegistry, resiliencePipeline, type ResiliencePipeline,
} from 'rxjs-resilience';
import { policyToken, POLICY_REGISTRY, ResilienceHealthIndicator } from 'rxjs-resilience/nestjs';
import { healthHandler } from 'rxjs-resilience/node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eachPlatform, start } from './application.ts';

const policies = {
  payments: (name: string) => circuitBreaker({ name, failureThreshold: 1, required: true }),
  catalog: (name: string) => circuitBreaker({ name, failureThreshold: 1 }),
  pipeline: (name: string) => resiliencePipeline({ name, breaker: { required: true }, bulkhead: 3 }),
};

@Controller()
class Health {
  constructor(
    @Inject(HealthCheckService) readonly health: HealthCheckService,
    @Inject(ResilienceHealthIndicator) readonly resilience: ResilienceHealthIndicator,
  ) {}

  @Get('health')
  @HttpCode(200)
  check() {
    return this.health.check(Object.keys(policies).map((name) => () => this.resilience.check(name)));
  }
}

const fail = (circuit: CircuitBreaker) => void circuit.isolate();

describe.each(eachPlatform)('ResilienceHealthIndicator with terminus, on %s', (platform) => {
  const startHealth = async () => {
    const { app, url } = await start({ platform, imports: [TerminusModule], controllers: [Health], options: { policies } });
    const circuit = (name: string) => app.get<CircuitBreaker>(policyToken(name));
    const read = async () => {
      const answer = await fetch(`${url}/health`);
      return [answer.status, (await answer.json()) as object];
    };
    return { app, circuit, read };
  };
  const up = { payments: { status: 'up' }, catalog: { status: 'up' }, pipeline: { status: 'up' } };

  it('tells that all is up', async () => {
    const { read } = await startHealth();
    expect(await read()).toStrictEqual([200, { status: 'ok', info: up, error: {}, details: up }]);
  });

  it('tells of an open circuit that is not required as degraded', async () => {
    const { circuit, read } = await startHealth();
    fail(circuit('catalog'));
    const details = { ...up, catalog: { status: 'degraded' } };
    expect(await read()).toStrictEqual([200, { status: 'degraded', info: details, error: {}, details }]);
  });

  it('tells of a required one as down, of a pipeline by its breaker, and nothing of the error', async () => {
    const { app, circuit, read } = await startHealth();
    fail(circuit('payments'));
    fail(app.get<ResiliencePipeline<never, { breaker: CircuitBreaker }>>(policyToken('pipeline')).parts.breaker);
    const [status, body] = await read();
    expect(status).toBe(503);
    expect(body).toMatchObject({ error: { payments: { status: 'down' }, pipeline: { status: 'down' } } });
    expect(Object.keys((body as { error: { payments: object } }).error.payments)).toStrictEqual(['status']);
  });
});

describe('ResilienceHealthIndicator', () => {
  const indicatorOf = async (...imports: Parameters<typeof start>[0]['imports'] & object[]) => {
    const { app } = await start({ imports, options: { policies } });
    fail(app.get<CircuitBreaker>(policyToken('catalog')));
    return app.get(ResilienceHealthIndicator);
  };

  it('says up and degraded where no terminus is', async () => {
    const indicator = await indicatorOf();
    expect(await indicator.check('catalog')).toStrictEqual({ catalog: { status: 'up', degraded: true } });
    expect(await indicator.check('payments')).toStrictEqual({ payments: { status: 'up' } });
  });

  it('says so too for a terminus that would drop what is degraded', async () => {
    class HealthIndicatorServiceOf11 {
      check = () => ({ up: () => ({}), down: () => ({}) });
    }
    Object.defineProperty(HealthIndicatorServiceOf11, 'name', { value: 'HealthIndicatorService' });
    class TerminusModuleOf11 {}
    Object.defineProperty(TerminusModuleOf11, 'name', { value: 'TerminusModule' });
    Module({ providers: [{ provide: 'other', useValue: 1 }, HealthIndicatorServiceOf11] })(TerminusModuleOf11);
    const indicator = await indicatorOf(TerminusModuleOf11);
    expect(await indicator.check('catalog')).toStrictEqual({ catalog: { status: 'up', degraded: true } });
  });

  it('asks no class of the application that has the same name', async () => {
    class Own {
      check(): never {
        throw new Error('asked');
      }
    }
    Object.defineProperty(Own, 'name', { value: 'HealthIndicatorService' });
    @Module({ providers: [Own] })
    class OwnModule {}
    const indicator = await indicatorOf(OwnModule);
    expect(await indicator.check('catalog')).toStrictEqual({ catalog: { status: 'up', degraded: true } });
  });

  it('rejects for a policy that is not there', async () => {
    const indicator = await indicatorOf(TerminusModule);
    await expect(indicator.check('orders')).rejects.toThrow(
      "ResilienceHealthIndicator.check wants the policy 'orders', which ResilienceModule does not have; known are 'payments', 'catalog', 'pipeline'",
    );
  });

  it('goes with HealthIndicatorService of terminus 12', () => {
    expect(new HealthIndicatorService().check('a').degraded()).toStrictEqual({ a: { status: 'degraded' } });
  });
});

it('serves the registry of an application to a health handler', async () => {
  const { url } = await start({
    options: { policies: { ...policies, pool: () => bulkhead(2, 0, { name: 'pool' }) } },
    prepare: (app) => {
      const registry = app.get<PolicyRegistry>(POLICY_REGISTRY);
      const board = healthBoard({ ready: { payments: app.get<CircuitBreaker>(policyToken('payments')) } });
      const handler = healthHandler(board, { prefix: '/ops', registry, policies: true, authorize: 'public' });
      app.use(handler);
      onTestFinished(() => {
        handler.dispose();
        board.dispose();
      });
    },
  });
  const { policies: shown } = (await (await fetch(`${url}/ops/policies`)).json()) as { policies: { policy: string }[] };
  expect(shown.map(({ policy }) => policy)).toContain('pool');
  expect((await fetch(`${url}/ops/ready`)).status).toBe(200);
});
