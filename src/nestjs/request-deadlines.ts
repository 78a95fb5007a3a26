import type { HttpServer } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { deadlineStages } from '../node/deadline-middleware.js';
import type { DeadlineMiddlewareOptions } from '../node/deadline-options.js';
import { deadlinePlugin } from '../node/deadline-plugin.js';

interface FastifyServer {
  register(plugin: unknown, options: DeadlineMiddlewareOptions): unknown;
}

/** An adapter of Nest. Nest calls `init` after the application was configured, and before it adds the parsers of bodies. */
interface Adapter extends HttpServer {
  init?(): Promise<void>;
}

/**
 * Puts the deadlines of requests in front of everything else, as soon as the application has an HTTP server: in a test
 * that is later than its modules. A middleware of a module would come after the body has been read, and its time with it.
 *
 * A request that comes too late is answered after `enableCors()` and the like have added their headers: a browser shows
 * nothing of a 504 without them. The adapter of Fastify adds them before any plugin runs.
 */
export function readDeadlines(host: HttpAdapterHost, options: DeadlineMiddlewareOptions): void {
  host.init$.subscribe(() => {
    // Without a server of HTTP there is none here either.
    const server = host.httpAdapter as unknown as Adapter | null;
    if (server?.getType() === 'fastify') {
      (server.getInstance() as FastifyServer).register(deadlinePlugin, options);
      return;
    }
    if (server?.use === undefined) return;
    const { enter, refuse } = deadlineStages(options);
    const { init } = server;
    let isPlaced = false;
    server.use(enter);
    server.init = async () => {
      if (!isPlaced) server.use(refuse);
      isPlaced = true;
      await init?.call(server);
    };
  });
}
