// The library as a module, and Nest 11 as it is.
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { bulkhead } from 'rxjs-resilience';
import { policyToken, ResilienceModule, Resilient } from 'rxjs-resilience/nestjs';

class Service {
  @Resilient('pool')
  async call(): Promise<string> {
    return 'fine';
  }
}

@Module({ imports: [ResilienceModule.forRoot({ policies: { pool: () => bulkhead(1) } })], providers: [Service] })
class Root {}

const context = await NestFactory.createApplicationContext(Root, { logger: false, abortOnError: false });
const answer = await context.get(Service).call();
console.log(`${answer}, accepted: ${context.get<ReturnType<typeof bulkhead>>(policyToken('pool')).metrics().accepted}`);
await context.close();
