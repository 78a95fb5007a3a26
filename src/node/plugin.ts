import { type FastifyLike, forWholeApplication, pluginOptions } from './fastify.js';
import { checkBoard, type HealthHandlerOptions, handlerOptionNames, readHandler, type ServedBoard } from './handler-options.js';
import { HealthService } from './health-service.js';

export interface HealthPluginOptions extends HealthHandlerOptions {
  /** What is served. */
  readonly board: ServedBoard;
}

/** As Fastify 5 registers it. */
export type HealthPlugin = (app: FastifyLike, options: HealthPluginOptions, done: (error?: Error) => void) => void;

/**
 * `healthHandler` for Fastify 5: `app.register(healthPlugin, { board, registry })`. `prefix` is the whole path, wherever
 * it is registered. It answers in the hook `onRequest`, before any body is read, and lets go of the board when the
 * application closes. `details` and `authorize` are given the raw request of `node:http`.
 *
 * Registering fails with a TypeError or RangeError as `healthHandler` does.
 */
export const healthPlugin: HealthPlugin = /*#__PURE__*/ forWholeApplication(register, 'rxjs-resilience-health');

function register(app: FastifyLike, given: HealthPluginOptions, done: (error?: Error) => void): void {
  let service: HealthService;
  try {
    const { board, ...options } = pluginOptions(given, [...handlerOptionNames, 'board']);
    const setup = readHandler(options);
    service = new HealthService(checkBoard(board as ServedBoard, setup.on), setup);
  } catch (error) {
    done(error as Error);
    return;
  }
  app.addHook('onRequest', (request, reply, next) => {
    if (!service.knows(request.raw)) {
      next();
      return;
    }
    // Of hooks that ran before, for other origins (CORS).
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
    reply.hijack();
    service.handle(request.raw, reply.raw);
  });
  const dispose = (next: () => void): void => {
    service.dispose();
    next();
  };
  // Streams end before the server waits for its connections; an application that never listened only closes.
  app.addHook('preClose', dispose);
  app.addHook('onClose', (_app, next) => dispose(next));
  done();
}
