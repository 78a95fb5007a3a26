import { Agent, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, type DynamicModule, Get, type OnApplicationShutdown } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { healthBoard } from 'rxjs-resilience';
import { shutdownOnSignal } from 'rxjs-resilience/node';
import { describe, expect, it, onTestFinished } from 'vitest';

const told: unknown[] = [];

@Controller()
class Pages implements OnApplicationShutdown {
  @Get('slow')
  slow(): Promise<string> {
    return new Promise((go) => setTimeout(go, 500, 'slow'));
  }

  @Get('fast')
  fast(): string {
    return 'fast';
  }

  onApplicationShutdown(signal?: string): void {
    told.push(signal);
  }
}
const module: DynamicModule = { module: class {}, controllers: [Pages] };

describe.each([['Express', () => new ExpressAdapter()], ['Fastify', () => new FastifyAdapter({ forceCloseConnections: false } as never)]])('an application of Nest on %s', (_name, adapter) => {
  it('ends its kept connections when it is given to shutdownOnSignal', async () => {
    told.length = 0;
    const app = await NestFactory.create(module, adapter() as never, { logger: false });
    onTestFinished(() => app.close());
    const { done } = shutdownOnSignal(app, healthBoard({}), { signals: ['SIGUSR2'], wait: 20, limit: 8_000 });
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const ask = (path: string): Promise<IncomingMessage> =>
      new Promise((go, stop) => get({ host: '127.0.0.1', port, path, agent }, (res) => go(res.resume())).on('error', stop));
    const kept = ask('/slow');
    await ask('/fast');
    await new Promise((go) => setTimeout(go, 50));
    const from = performance.now();
    process.emit('SIGUSR2', 'SIGUSR2');
    expect((await kept).headers.connection).toBe('close');
    expect(await done).toStrictEqual({ signal: 'SIGUSR2', forced: false });
    expect(performance.now() - from).toBeLessThan(4_000);
    // As Nest's own listener would have said it.
    expect(told).toStrictEqual(['SIGUSR2']);
  });
});
