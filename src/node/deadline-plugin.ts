import { reading } from '../core/options.js';
import { always } from './answer.js';
import { tooLate } from './deadline-middleware.js';
import { type DeadlineMiddlewareOptions, deadlineOptionNames, type DeadlineSetup, readDeadlineOptions } from './deadline-options.js';
import { type FastifyLike, forWholeApplication, pluginOptions } from './fastify.js';
import { enterRequest } from './incoming-request.js';

/** As Fastify 5 registers it. */
export type DeadlinePlugin = (app: FastifyLike, options: DeadlineMiddlewareOptions, done: (error?: Error) => void) => void;

/**
 * `deadlineMiddleware` for Fastify 5: `app.register(deadlinePlugin, { maximum: 10_000 })`, for the whole application. It
 * acts in the hook `onRequest`: whatever runs later, hooks, parsers and handlers, is in the context of the request.
 * `trustPriority`, `trustDeadline` and `cancelOnDisconnect` are given the raw request of `node:http`. The 504 is a reply
 * of Fastify: it has the headers of hooks that were registered before, as those of `@fastify/cors`, and of `onSend`.
 *
 * Registering fails with a TypeError or RangeError as `deadlineMiddleware` does.
 */
export const deadlinePlugin: DeadlinePlugin = /*#__PURE__*/ forWholeApplication(register, 'rxjs-resilience-deadline');

function register(app: FastifyLike, given: DeadlineMiddlewareOptions, done: (error?: Error) => void): void {
  let setup: DeadlineSetup;
  try {
    setup = reading('deadlinePlugin', () => readDeadlineOptions(pluginOptions(given, deadlineOptionNames)));
  } catch (error) {
    done(error as Error);
    return;
  }
  app.addHook('onRequest', (request, reply, next) => {
    if (enterRequest(setup, request.raw, reply.raw, next)) return;
    const { status, headers, body } = tooLate();
    reply.code(status).headers({ ...always, ...headers }).send(body);
  });
  done();
}
