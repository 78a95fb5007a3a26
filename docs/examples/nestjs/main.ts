import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { healthBoard, type PolicyRegistry } from 'rxjs-resilience';
import { POLICY_REGISTRY } from 'rxjs-resilience/nestjs';
import { healthHandler, shutdownOnSignal } from 'rxjs-resilience/node';
import { AppModule } from './app.module.js';

const opsKey = process.env['OPS_KEY'];

export async function bootstrap(port: number): Promise<INestApplication> {
  // Otherwise what is wrong with a policy ends the process, and no promise rejects.
  const app = await NestFactory.create(AppModule, { abortOnError: false, logger: ['error', 'warn'] });
  app.enableShutdownHooks(); // a signal closes the application, which disposes the policies

  const registry = app.get<PolicyRegistry>(POLICY_REGISTRY);
  const board = healthBoard({ ready: { policies: registry } });
  const health = healthHandler(board, {
    prefix: '/ops',
    registry,
    dashboard: true,
    authorize: (req) => opsKey !== undefined && req.headers['x-ops-key'] === opsKey,
  });
  app.use(health);

  await app.listen(port);
  // Before that, readiness is down for 5 s while requests are served: load balancers have to hear of it.
  const shutdown = shutdownOnSignal(app.getHttpServer(), board, { wait: 5_000, limit: 25_000 });
  app.getHttpServer().on('close', () => shutdown.dispose());
  return app;
}
