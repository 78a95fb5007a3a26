import { always } from './answer.js';
import { type FastifyErrorHandler, type FastifyLike, forWholeApplication, pluginOptions } from './fastify.js';
import { isResilienceError } from '../core/guards.js';
import { reading } from '../core/options.js';
import { answerTo, type HttpResponseOptions, httpResponseOptionNames, inHttp, readRetryAfter } from '../http/to-http-response.js';

/** As Fastify 5 registers it. */
export type ResilienceErrorsPlugin = (app: FastifyLike, options: HttpResponseOptions, done: (error?: Error) => void) => void;

/**
 * `resilienceErrors` for Fastify 5: `app.register(resilienceErrorsPlugin)`. Errors that are not ours, and any after the
 * head is out, go to the handler that was there before. Register it before the routes, and after a `setErrorHandler` of
 * your own, which would take its place.
 *
 * Registering fails with a TypeError or RangeError as `resilienceErrors` does.
 */
export const resilienceErrorsPlugin: ResilienceErrorsPlugin = /*#__PURE__*/ forWholeApplication(register, 'rxjs-resilience-errors');

function register(app: FastifyLike, given: HttpResponseOptions, done: (error?: Error) => void): void {
  let retryAfter: number;
  try {
    retryAfter = reading('resilienceErrorsPlugin', () => readRetryAfter(pluginOptions(given, httpResponseOptionNames)));
  } catch (error) {
    done(error as Error);
    return;
  }
  const before = app.errorHandler;
  const handler: FastifyErrorHandler = (error, request, reply) => {
    if (reply.raw.headersSent || !isResilienceError(error)) return before.call(app, error, request, reply);
    const { status, headers, body } = inHttp(answerTo(error, retryAfter));
    reply.code(status).headers({ ...always, ...headers }).send(body);
    return undefined;
  };
  app.setErrorHandler(handler);
  done();
}
