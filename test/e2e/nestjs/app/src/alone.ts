import { registerHooks } from 'node:module';

// An application that has none of the optional packages, however they are asked for.
const optional = /^(axios$|graphql$|@nestjs\/(axios|terminus|microservices|graphql|websockets|platform-fastify)(\/|$))/;
registerHooks({
  resolve(specifier, context, next) {
    if (optional.test(specifier)) throw Object.assign(new Error(`Cannot find module '${specifier}'`), { code: 'MODULE_NOT_FOUND' });
    return next(specifier, context);
  },
});

async function main(): Promise<void> {
  const { Controller, Get, Module } = require('@nestjs/common') as typeof import('@nestjs/common');
  const { NestFactory } = require('@nestjs/core') as typeof import('@nestjs/core');
  const { bulkhead } = require('rxjs-resilience') as typeof import('rxjs-resilience');
  const { ResilienceFilter, ResilienceHealthIndicator, ResilienceModule, Resilient } =
    require('rxjs-resilience/nestjs') as typeof import('rxjs-resilience/nestjs');

  @Controller()
  class Orders {
    @Get()
    @Resilient('pool')
    get(): string {
      return 'fine';
    }
  }
  @Module({ imports: [ResilienceModule.forRoot({ policies: { pool: () => bulkhead(1) } })], controllers: [Orders] })
  class Root {}

  const app = await NestFactory.create(Root, { logger: false, abortOnError: false });
  app.useGlobalFilters(new ResilienceFilter());
  await app.listen(0, '127.0.0.1');
  const answer = await fetch(await app.getUrl());
  console.log(`${await answer.text()} ${JSON.stringify(await app.get(ResilienceHealthIndicator).check('pool'))}`);
  await app.close();
}

void main();
