import { Controller, Get } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { bulkhead, type Bulkhead, currentContext } from 'rxjs-resilience';
import { policyToken, ResilienceModule, Resilient } from 'rxjs-resilience/nestjs';
import { policies } from './policies';

@Controller()
class Orders {
  @Get()
  @Resilient('pool')
  async get(): Promise<boolean> {
    return currentContext().deadline !== undefined;
  }
}

/** As applications are tested: the module is compiled before there is a server, and a policy is replaced. */
async function main(): Promise<void> {
  const replaced: Bulkhead = bulkhead(3, 0, { name: 'replaced' });
  const compiled = await Test.createTestingModule({ imports: [ResilienceModule.forRoot({ policies })], controllers: [Orders] })
    .overrideProvider(policyToken('pool'))
    .useValue(replaced)
    .compile();
  const app = compiled.createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');
  const answer = await fetch(await app.getUrl(), { headers: { 'X-Request-Timeout-Ms': '5000' } });
  const late = await fetch(await app.getUrl(), { headers: { 'X-Request-Timeout-Ms': '0' } });
  const { accepted } = replaced.metrics();
  console.log(`deadline: ${await answer.text()}, late: ${late.status}, replaced: ${app.get(policyToken('pool')) === replaced}, accepted: ${accepted}`);
  await Promise.all([late.text(), app.close()]);
}

void main();
