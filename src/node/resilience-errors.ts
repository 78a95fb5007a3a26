import type { IncomingMessage, ServerResponse } from 'node:http';
import { isResilienceError } from '../core/guards.js';
import { reading } from '../core/options.js';
import { answerTo, type HttpResponseOptions, inHttp, readRetryAfter } from '../http/to-http-response.js';
import { json, refusal, send } from './answer.js';

/** A middleware for errors, as Express 5 takes it. With `node:http`, call it where a request has failed. */
export type ErrorMiddleware = (error: unknown, req: IncomingMessage, res: ServerResponse, next?: (error?: unknown) => void) => void;

/**
 * Answers errors of this library as `toHttpResponse` says, and hands every other one on.
 *
 * An error that is not ours, and any error after the head of the response is out, goes to `next`. Without `next` it is a
 * 500 that says nothing of it; after the head is out the connection is cut, so that nobody takes half an answer for a
 * whole one.
 *
 * @throws TypeError, RangeError for an option that is unknown, of a wrong type or out of its range
 *
 * ```ts
 * app.get('/items/:id', (req, res) => firstValueFrom(find(req.params.id)).then((item) => res.json(item)));
 * app.use(resilienceErrors());
 * ```
 */
export function resilienceErrors(options: HttpResponseOptions = {}): ErrorMiddleware {
  const retryAfter = reading('resilienceErrors', () => readRetryAfter(options));
  // Express knows a middleware for errors by its four parameters.
  return (error, req, res, next) => {
    if (res.headersSent || !isResilienceError(error)) {
      if (next !== undefined) next(error);
      else if (res.headersSent) res.destroy();
      else send(req, res, refusal(500, 'Internal Server Error'));
      return;
    }
    const { status, headers, body } = inHttp(answerTo(error, retryAfter));
    send(req, res, json(status, body, headers));
  };
}
