import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { checkFunction, checkKeys, reading } from '../core/options.js';
import { presentOf } from '../operator/published.js';
import type { PolicyRegistry } from '../registry/registry-types.js';
import { type FastifyLike, forWholeApplication, pluginOptions } from './fastify.js';
import { checkHeader, checkRegistry } from './handler-options.js';
import { activeCalls } from './policies-view.js';

/** The options of `activeCallsMiddleware` and `activeCallsPlugin`. */
export interface ActiveCallsOptions {
  /** Its bulkheads are counted. */
  readonly registry: PolicyRegistry;
  /** The name of the header. Default `X-Bulkhead-Active`. */
  readonly header?: string | undefined;
}

const optionNames: readonly string[] = ['registry', 'header'];

/** For `node:http`, `node:http2`, Express 5, Connect and Nest. */
export type ActiveCallsMiddleware = (
  req: IncomingMessage | Http2ServerRequest,
  res: ServerResponse | Http2ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** As Fastify 5 registers it. */
export type ActiveCallsPlugin = (app: FastifyLike, options: ActiveCallsOptions, done: (error?: Error) => void) => void;

/**
 * Adds a header to every response: how many calls hold a permit of a bulkhead as its head goes out. Load balancers and
 * clients read by it how busy this instance is. It stands before whatever answers.
 *
 * @throws TypeError for an option that is unknown or of a wrong type
 *
 * ```ts
 * app.use(activeCallsMiddleware({ registry })); // X-Bulkhead-Active: 3
 * ```
 */
export function activeCallsMiddleware(options: ActiveCallsOptions): ActiveCallsMiddleware {
  const mark = reading('activeCallsMiddleware', () => marking(options));
  return (_req, res, next) => {
    checkFunction('next', next);
    mark(res as ServerResponse);
    next();
  };
}

/**
 * `activeCallsMiddleware` for Fastify 5: `app.register(activeCallsPlugin, { registry })`, for the whole application. It acts
 * in the hook `onRequest`; register it before plugins that answer there.
 *
 * Registering fails with a TypeError as `activeCallsMiddleware` does.
 */
export const activeCallsPlugin: ActiveCallsPlugin = /*#__PURE__*/ forWholeApplication(register, 'rxjs-resilience-active-calls');

function register(app: FastifyLike, given: ActiveCallsOptions, done: (error?: Error) => void): void {
  let mark: ReturnType<typeof marking>;
  try {
    mark = reading('activeCallsPlugin', () => marking(pluginOptions(given, optionNames) as unknown as ActiveCallsOptions));
  } catch (error) {
    done(error as Error);
    return;
  }
  app.addHook('onRequest', (_request, reply, next) => {
    mark(reply.raw);
    next();
  });
  done();
}

/** Node calls `writeHead` however an answer begins. Headers that the response has by then are kept. */
function marking(options: ActiveCallsOptions): (res: ServerResponse) => void {
  const { registry, header = 'X-Bulkhead-Active' } = checkKeys('options', options, optionNames);
  const { policies$ } = checkRegistry(registry);
  checkHeader('header', header);
  return (res) => {
    const writeHead = res.writeHead as (...given: unknown[]) => ServerResponse;
    res.writeHead = (...given: unknown[]) => {
      if (!res.headersSent) res.setHeader(header, String(activeCalls(presentOf(policies$))));
      return writeHead.apply(res, given);
    };
  };
}
