import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { Controller, Get, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { ExpressAdapter } from '@nestjs/platform-express';
import { BulkheadFullError } from 'rxjs-resilience';
import { ResilienceFilter } from 'rxjs-resilience/nestjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eachPlatform, platforms, rootModule } from './application.ts';

const origin = 'https://app.example';
let calls = 0;

@Controller()
class Pages {
  @Get()
  @Post()
  full(): never {
    calls++;
    throw new BulkheadFullError('x', 'full', { active: 1, limit: 1, queued: 0, capacity: 0 });
  }
}

describe.each(eachPlatform)('an application of Nest on %s', (platform) => {
  it.each(['enableCors()', 'the option cors', 'no CORS'])('says the headers of CORS in what is too late and in what is refused, with %s', async (how) => {
    const cors = { origin, credentials: true };
    const root = rootModule({ controllers: [Pages] });
    const app = await NestFactory.create(root, platforms[platform]() as ExpressAdapter, { logger: false, forceCloseConnections: true, ...(how === 'the option cors' && { cors }) });
    onTestFinished(() => app.close());
    app.useGlobalFilters(new ResilienceFilter());
    if (how === 'enableCors()') app.enableCors(cors);
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const before = calls;
    for (const [timeout, status] of [['0', 504], ['5000', 503]] as const) {
      const answer = await fetch(url, { headers: { origin, 'x-request-timeout-ms': timeout } });
      const found = [answer.status, answer.headers.get('access-control-allow-origin'), answer.headers.get('access-control-allow-credentials')];
      expect(found).toStrictEqual(how === 'no CORS' ? [status, null, null] : [status, origin, 'true']);
    }
    // What is too late runs no handler, and waits for no body.
    expect(calls - before).toBe(1);
    const late = request(url, { method: 'POST', headers: { origin, 'x-request-timeout-ms': '0', 'content-type': 'application/json', 'content-length': '10' } });
    onTestFinished(() => void late.on('error', () => undefined).destroy());
    late.write('{');
    const [answer] = (await once(late, 'response')) as [IncomingMessage];
    expect([answer.statusCode, await json(answer)]).toStrictEqual([504, { error: 'Gateway Timeout' }]);
  });
});
