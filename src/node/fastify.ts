import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkKeys } from '../core/options.js';

/** What of a Fastify 5 application is used; the real one fits. */
export interface FastifyLike {
  errorHandler(error: unknown, request: FastifyRequestLike, reply: FastifyReplyLike): unknown;
  setErrorHandler(handler: FastifyErrorHandler): unknown;
  addHook(name: 'onRequest', hook: (request: FastifyRequestLike, reply: FastifyReplyLike, next: () => void) => void): unknown;
  addHook(name: 'preClose', hook: (next: () => void) => void): unknown;
  addHook(name: 'onClose', hook: (app: unknown, next: () => void) => void): unknown;
}

export type FastifyErrorHandler = (error: unknown, request: FastifyRequestLike, reply: FastifyReplyLike) => unknown;

export interface FastifyRequestLike {
  readonly raw: IncomingMessage;
}

export interface FastifyReplyLike {
  readonly raw: ServerResponse;
  hijack(): unknown;
  getHeaders(): Readonly<Record<string, number | string | string[] | undefined>>;
  code(status: number): FastifyReplyLike;
  headers(headers: Readonly<Record<string, string>>): FastifyReplyLike;
  send(body: unknown): unknown;
}

/** Fastify reads these itself. */
const itsOwn = ['logLevel', 'logSerializers'];

/** What a plugin is given, less what is meant for Fastify; refuses what is unknown to both. */
export function pluginOptions(given: object, names: readonly string[]): Record<string, unknown> {
  const plain = checkKeys('options', given, names, itsOwn);
  return Object.fromEntries(Object.entries(plain).filter(([name]) => !itsOwn.includes(name)));
}

/** A plugin for the whole application, sibling routes too: Fastify gives it no scope of its own. */
export function forWholeApplication<P extends (...args: never[]) => void>(plugin: P, name: string): P {
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: name,
  });
}
