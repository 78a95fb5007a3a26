import type { IncomingMessage, ServerResponse } from 'node:http';

/** What of a Fastify 5 application is used; the real one fits. */
export interface FastifyLike {
  readonly errorHandler: (error: never, request: never, reply: never) => unknown;
  addHook(name: string, hook: (...args: never[]) => unknown): unknown;
  setErrorHandler(handler: (error: never, request: never, reply: never) => unknown): unknown;
}

export interface FastifyRequestLike {
  readonly raw: IncomingMessage;
}

export interface FastifyReplyLike {
  readonly raw: ServerResponse;
  readonly sent: boolean;
  hijack(): unknown;
  code(status: number): FastifyReplyLike;
  headers(headers: Readonly<Record<string, string>>): FastifyReplyLike;
  send(body: unknown): unknown;
}

/** A plugin for the whole application, sibling routes too: Fastify gives it no scope of its own. */
export function forWholeApplication<P extends (...args: never[]) => void>(plugin: P, name: string): P {
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: name,
  });
}
