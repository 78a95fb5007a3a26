import { NestFactory } from '@nestjs/core';
import { Transport } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppModule } from './app.module';

const log = { logger: ['error', 'warn'] as ('error' | 'warn')[], abortOnError: false };

/** `node main.js express|fastify`, with TCP_PORT for messages; says its address in one line. */
async function main(platform: string): Promise<void> {
  const app = platform === 'fastify' ? await NestFactory.create(AppModule, new FastifyAdapter(), log) : await NestFactory.create(AppModule, log);
  const options = { host: '127.0.0.1', port: Number(process.env['TCP_PORT']) };
  app.connectMicroservice({ transport: Transport.TCP, options }, { inheritAppConfig: true });
  app.enableShutdownHooks();
  await app.startAllMicroservices();
  await app.listen(0, '127.0.0.1');
  console.log(`listening ${await app.getUrl()}`);
}

main(process.argv[2] ?? 'express').catch((error: unknown) => {
  console.log(`refused ${String(error)}`);
  process.exitCode = 1;
});
