import { type INestApplication, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ResilienceFilter, ResilienceModule, type ResilienceModuleOptions } from 'rxjs-resilience/nestjs';
import { onTestFinished } from 'vitest';

export const platforms = { Express: () => new ExpressAdapter(), Fastify: () => new FastifyAdapter() };
export type Platform = keyof typeof platforms;
export const eachPlatform = Object.keys(platforms) as Platform[];

export interface Setup extends ModuleMetadata {
  readonly options?: ResilienceModuleOptions;
  readonly platform?: Platform;
  /** Before it listens. */
  readonly prepare?: (app: INestApplication) => void;
}

/** The root module of an application with these parts. */
export function rootModule({ options = {}, imports = [], controllers = [], providers = [] }: Setup): Type {
  class Root {}
  Module({ imports: [ResilienceModule.forRoot(options), ...imports], controllers, providers })(Root);
  return Root;
}

export interface Started {
  readonly app: INestApplication;
  readonly url: string;
}

/** A real application that listens, with `ResilienceFilter`; closed when the test ends. */
export async function start(setup: Setup): Promise<Started> {
  const { platform = 'Express', prepare } = setup;
  const app = await create(rootModule(setup), platform);
  app.useGlobalFilters(new ResilienceFilter());
  prepare?.(app);
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl() };
}

export async function create(root: Type, platform: Platform = 'Express'): Promise<INestApplication> {
  const app = await NestFactory.create(root, platforms[platform]() as ExpressAdapter, { logger: false, abortOnError: false, forceCloseConnections: true });
  onTestFinished(() => app.close());
  return app;
}

/** What the start of an application with these parts fails with. */
export async function refusal(setup: Setup): Promise<unknown> {
  try {
    const app = await create(rootModule(setup));
    await app.init();
  } catch (error) {
    return error;
  }
  return undefined;
}
