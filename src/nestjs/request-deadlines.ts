import type { HttpServer } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { deadlineMiddleware } from '../node/deadline-middleware.js';
import type { DeadlineMiddlewareOptions } from '../node/deadline-options.js';
import { deadlinePlugin } from '../node/deadline-plugin.js';

interface FastifyServer {
  register(plugin: unknown, options: DeadlineMiddlewareOptions): unknown;
}

/**
 * Puts the deadlines of requests in front of everything else, as soon as the application has an HTTP server: in a test
 * that is later than its modules. A middleware of a module would come after the body has been read, and its time with it.
 */
export function readDeadlines(host: HttpAdapterHost, options: DeadlineMiddlewareOptions): void {
  host.init$.subscribe(() => {
    // Without a server of HTTP there is none here either.
    const server = host.httpAdapter as unknown as HttpServer | null;
    if (server?.getType() === 'fastify') (server.getInstance() as FastifyServer).register(deadlinePlugin, options);
    else server?.use?.(deadlineMiddleware(options));
  });
}
