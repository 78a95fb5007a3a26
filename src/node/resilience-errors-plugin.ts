import { type FastifyErrorHandler, type FastifyLike, forWholeApplication } from './fastify.js';
import { isOurs, toHttpResponse } from '../http/to-http-response.js';

/** As Fastify 5 registers it. */
export type ResilienceErrorsPlugin = (app: FastifyLike, options: object, done: (error?: Error) => void) => void;

/**
 * `resilienceErrors` for Fastify 5: `app.register(resilienceErrorsPlugin)`. Errors that are not ours, and any after the
 * head is out, go to the handler that was there before. Register it before the routes, and after a `setErrorHandler` of
 * your own, which would take its place.
 */
export const resilienceErrorsPlugin: ResilienceErrorsPlugin = /*#__PURE__*/ forWholeApplication(register, 'rxjs-resilience-errors');

function register(app: FastifyLike, _options: object, done: (error?: Error) => void): void {
  const before = app.errorHandler;
  const handler: FastifyErrorHandler = (error, request, reply) => {
    if (reply.raw.headersSent || !isOurs(error)) return before.call(app, error, request, reply);
    const { status, headers, body } = toHttpResponse(error);
    const always = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };
    reply.code(status).headers({ ...always, ...headers }).send(body);
    return undefined;
  };
  app.setErrorHandler(handler);
  done();
}
