import { Controller, Get, type INestApplication, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { ExpressAdapter } from '@nestjs/platform-express';
import { healthBoard } from 'rxjs-resilience';
import { ResilienceModule } from 'rxjs-resilience/nestjs';
import { healthHandler, healthPlugin, type Shutdown, shutdownOnSignal } from 'rxjs-resilience/node';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { sleep } from '../node/sockets.ts';
import { eachPlatform, type Platform, platforms } from './application.ts';

const log: string[] = [];

@Injectable()
class Database {
  onModuleDestroy(): void {
    log.push('destroyed');
  }

  onApplicationShutdown(signal?: string): void {
    log.push(`shut down by ${signal}`);
  }
}

@Controller()
class Shop {
  @Get('hi')
  hi(): string {
    return 'hi';
  }

  @Get('slow')
  async slow(): Promise<string> {
    await sleep(1_500);
    return 'slow';
  }
}

/** Nest ends a process by the signal itself. */
let kill: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  log.length = 0;
  kill = vi.spyOn(process, 'kill').mockImplementation((_pid, signal) => (log.push(`killed by ${String(signal)}`), true));
  return () => kill.mockRestore();
});

const signal = 'SIGUSR2';
const wait = 1_000;

interface Setup {
  readonly platform?: Platform;
  readonly withModule?: boolean;
  readonly settings?: object;
  /** Before it listens. */
  readonly prepare?: (app: INestApplication) => void;
}

interface Running {
  readonly app: INestApplication;
  readonly ask: (path: string) => Promise<number | string>;
  readonly shutdown: () => Shutdown;
}

async function running({ platform = 'Express', withModule = true, settings = {}, prepare }: Setup): Promise<Running> {
  class Root {}
  Module({ imports: withModule ? [ResilienceModule.forRoot()] : [], controllers: [Shop], providers: [Database] })(Root);
  const app = await NestFactory.create(Root, platforms[platform]() as ExpressAdapter, { logger: false, abortOnError: false, ...settings });
  onTestFinished(() => app.close());
  const board = healthBoard({});
  onTestFinished(() => board.dispose());
  if (platform === 'Fastify') (app.getHttpAdapter().getInstance() as { register: (...given: unknown[]) => void }).register(healthPlugin, { board });
  else app.use(healthHandler(board));
  prepare?.(app);
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const ask = (path: string): Promise<number | string> =>
    fetch(url + path, { headers: { Connection: 'close' } }).then(
      (answer) => answer.status,
      (error: { cause: { code: string } }) => error.cause.code,
    );
  // The first one takes its time.
  await ask('/hi');
  return { app, ask, shutdown: () => shutdownOnSignal(app.getHttpServer(), board, { wait, limit: 5_000, signals: [signal] }) };
}

const seen = async ({ ask }: Running) => ({ ready: await ask('/health/ready'), live: await ask('/health/live'), request: await ask('/hi') });
const served = { ready: 503, live: 200, request: 200 };

describe.each(eachPlatform)('the wait of shutdownOnSignal beside the shutdown hooks of Nest on %s', (platform) => {
  it.each(['before', 'after'])('is served, and nothing is destroyed until it is over; hooks are enabled %s it', async (when) => {
    const service = await running({ platform });
    if (when === 'before') service.app.enableShutdownHooks([signal]);
    const { done } = service.shutdown();
    if (when === 'after') service.app.enableShutdownHooks([signal]);
    process.emit(signal, signal);
    await sleep(50);
    expect(await seen(service)).toStrictEqual(served);
    expect(log).toStrictEqual([]);
    const slow = service.ask('/slow');
    void done.then(({ forced }) => log.push(`done ${forced}`));
    await expect.poll(() => log, { timeout: 5_000 }).toContain(`killed by ${signal}`);
    expect(await slow).toBe(200);
    expect(log).toStrictEqual(['destroyed', 'done false', `shut down by ${signal}`, `killed by ${signal}`]);
    expect(await service.ask('/hi')).toBe('ECONNREFUSED');
    expect(process.listenerCount(signal)).toBe(0);
  });
});

describe('the wait of shutdownOnSignal', () => {
  it('is served where Nest answers with 503 while it closes', async () => {
    const service = await running({ settings: { return503OnClosing: true } });
    service.app.enableShutdownHooks([signal]);
    service.shutdown();
    process.emit(signal, signal);
    await sleep(50);
    expect(await seen(service)).toStrictEqual(served);
    await expect.poll(() => log, { timeout: 5_000 }).toContain(`killed by ${signal}`);
  });

  it('is served by a Nest that does not ask its server before it closes', async () => {
    const adapter = (app: INestApplication): object => app.getHttpAdapter();
    const service = await running({ prepare: (app) => Object.defineProperty(adapter(app), 'beforeClose', { get: () => undefined, set: () => undefined }) });
    service.app.enableShutdownHooks([signal]);
    service.shutdown();
    process.emit(signal, signal);
    await sleep(50);
    expect(await seen(service)).toStrictEqual(served);
    await expect.poll(() => log, { timeout: 5_000 }).toContain(`killed by ${signal}`);
  });

  it('ends at a second signal for Nest as well', async () => {
    const service = await running({});
    service.app.enableShutdownHooks([signal]);
    const { done } = service.shutdown();
    process.emit(signal, signal);
    process.emit(signal, signal);
    await done;
    await expect.poll(() => log, { timeout: wait - 50 }).toContain(`killed by ${signal}`);
  });

  it('delays nobody who closes the application without a signal', async () => {
    const service = await running({});
    service.shutdown();
    const from = performance.now();
    await service.app.close();
    expect(performance.now() - from).toBeLessThan(wait);
    expect(log).toStrictEqual(['destroyed', 'shut down by undefined']);
  });

  it('is told of where it came to nothing, because Nest did not know of it', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    onTestFinished(() => warned.mockRestore());
    const service = await running({ withModule: false });
    service.app.enableShutdownHooks([signal]);
    const { done } = service.shutdown();
    process.emit(signal, signal);
    await expect.poll(() => log, { timeout: 5_000 }).toContain(`killed by ${signal}`);
    expect(await seen(service)).toStrictEqual({ ready: 'ECONNREFUSED', live: 'ECONNREFUSED', request: 'ECONNREFUSED' });
    await done;
    expect(warned.mock.calls).toStrictEqual([[expect.stringMatching(/closed before the wait of shutdownOnSignal was over.*import ResilienceModule/s)]]);
  });
});
