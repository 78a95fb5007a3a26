import type { IncomingMessage, ServerResponse } from 'node:http';
import { reading } from '../core/options.js';
import { refusal, send } from './answer.js';
import { checkBoard, type HealthHandlerOptions, readHandler, type ServedBoard } from './handler-options.js';
import { HealthService } from './health-service.js';

/** For `node:http`, Express 5 and Connect. */
export interface HealthHandler {
  (req: IncomingMessage, res: ServerResponse, next?: (error?: unknown) => void): void;
  /**
   * Lets go of the board and ends the streams. What is asked afterwards is answered with 503. A policy that was isolated
   * stays so.
   */
  dispose(): void;
}

/**
 * Serves a health board: `prefix/live`, `prefix/startup` and `prefix/ready`, and what is switched on besides.
 *
 * It reads `req.url`, so it can be mounted; what lies outside of `prefix` goes to `next`, and without `next` it is a 404.
 * `live$`, `startup$` and `ready$` of the board are subscribed until `dispose`: checks run in the background, and a
 * probe is answered at once.
 *
 * @throws TypeError, RangeError for an option that is unknown, of a wrong type or out of its range, and for what would
 * be shown without `authorize`
 *
 * ```ts
 * const health = healthHandler(board);
 * createServer((req, res) => health(req, res, () => serve(req, res))).listen(8080);
 * ```
 */
export function healthHandler(board: ServedBoard, options: HealthHandlerOptions = {}): HealthHandler {
  const service = reading('healthHandler', () => {
    const setup = readHandler(options);
    return new HealthService(checkBoard(board, setup.on), setup);
  });
  const handler = (req: IncomingMessage, res: ServerResponse, next?: (error?: unknown) => void): void => {
    if (service.handle(req, res)) return;
    if (next !== undefined) next();
    else send(req, res, refusal(404, 'Not Found'));
  };
  return Object.assign(handler, { dispose: () => service.dispose() });
}
