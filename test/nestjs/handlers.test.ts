import { Controller, Get, HttpException, Inject, NotFoundException, Post } from '@nestjs/common';
import { defer, delay, Observable, of, throwError } from 'rxjs';
import { type CircuitBreaker, circuitBreaker, currentContext, retryWithBackoff } from 'rxjs-resilience';
import { InjectPolicy, Resilient } from 'rxjs-resilience/nestjs';
import { describe, expect, it } from 'vitest';
import { eachPlatform, start } from './application.js';

const again = () => retryWithBackoff(() => 0, { maxRetries: 2 });

@Controller()
class Orders {
  calls: string[] = [];

  @Get('flaky')
  @Resilient('again')
  flaky(): Promise<string> {
    this.calls.push(`flaky ${currentContext().attempt}`);
    return this.calls.length < 3 ? Promise.reject(new Error('down')) : Promise.resolve('fine');
  }

  @Post('flaky')
  @Resilient('again')
  write(): Promise<string> {
    this.calls.push('write');
    return Promise.reject(new Error('down'));
  }
}

describe.each(eachPlatform)('@Resilient on handlers, on %s', (platform) => {
  it('tries a safe route again, with the number of the try', async () => {
    const { app, url } = await start({ platform, controllers: [Orders], options: { policies: { again } } });
    const answer = await fetch(`${url}/flaky`);
    expect([answer.status, await answer.text()]).toStrictEqual([200, 'fine']);
    expect(app.get(Orders).calls).toStrictEqual(['flaky 1', 'flaky 2', 'flaky 3']);
  });

  it('makes any other route once', async () => {
    const { app, url } = await start({ platform, controllers: [Orders], options: { policies: { again } } });
    expect((await fetch(`${url}/flaky`, { method: 'POST' })).status).toBe(500);
    expect(app.get(Orders).calls).toStrictEqual(['write']);
  });
});
