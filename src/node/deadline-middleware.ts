import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { checkFunction, reading } from '../core/options.js';
import { type HttpErrorResponse, toHttpResponse } from '../http/to-http-response.js';
import { neverStarted } from '../operator/waiting.js';
import { json, send } from './answer.js';
import { type DeadlineMiddlewareOptions, type DeadlineSetup, readDeadlineOptions } from './deadline-options.js';
import { enterRequest } from './incoming-request.js';

/** For `node:http`, `node:http2`, Express 5, Connect and Nest. */
export type DeadlineMiddleware = (
  req: IncomingMessage | Http2ServerRequest,
  res: ServerResponse | Http2ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Runs what follows in the context of the request: the deadline that a header asks for, an abort signal for the client
 * that leaves, and a priority. Policies see it across `await`, timers and slow bodies; `withDeadline()` enforces it, and
 * `outgoingHeaders` hands on what is left.
 *
 * A request whose time is over when it arrives is answered with 504 at once, and `next` is not called. The 504 has the
 * headers that the response has by then: what adds those for other origins (CORS) stands in front. A header that is
 * malformed, negative, sent twice or longer than any request waits is as good as none. What a header asks for is cut to
 * `maximum`; it cannot prolong a deadline that holds already. It is a stranger's wish: its expiry opens no breaker unless
 * `trustDeadline` says so of the request, or the breaker's own `hungAfter` does.
 *
 * The signal aborts with an `AbortError` when the connection closes before the response has ended, for requests of
 * `cancelOnDisconnect`. The work of others runs on.
 *
 * @throws TypeError, RangeError for an option that is unknown, of a wrong type or out of its range
 *
 * ```ts
 * const deadline = deadlineMiddleware({ maximum: 10_000 });
 * createServer((req, res) => deadline(req, res, () => serve(req, res))).listen(8080);
 * ```
 */
export function deadlineMiddleware(options: DeadlineMiddlewareOptions = {}): DeadlineMiddleware {
  const setup = reading('deadlineMiddleware', () => readDeadlineOptions(options));
  return (anyReq, anyRes, next) => {
    // HTTP/2 has classes of its own that behave alike.
    const req = anyReq as IncomingMessage;
    const res = anyRes as ServerResponse;
    checkFunction('next', next);
    if (!enters(setup, req, res, next)) refuse(req, res);
  };
}

/**
 * The same in two parts, for an application that adds its headers in between. What comes too late goes through `enter`
 * without a context, and `refuse` answers it.
 */
export function deadlineStages(options: DeadlineMiddlewareOptions): Readonly<Record<'enter' | 'refuse', DeadlineMiddleware>> {
  const setup = readDeadlineOptions(options);
  const late = new WeakSet<object>();
  return {
    enter: (req, res, next) => {
      if (enters(setup, req, res, next)) return;
      late.add(req);
      next();
    },
    refuse: (req, res, next) => {
      if (late.has(req)) refuse(req, res);
      else next();
    },
  };
}

type Request = Parameters<DeadlineMiddleware>[0];
type Response = Parameters<DeadlineMiddleware>[1];

/** HTTP/2 has classes of its own that behave alike. */
function enters(setup: DeadlineSetup, req: Request, res: Response, next: () => void): boolean {
  return enterRequest(setup, req as IncomingMessage, res as ServerResponse, next);
}

function refuse(req: Request, res: Response): void {
  const { status, headers, body } = tooLate();
  send(req as IncomingMessage, res as ServerResponse, json(status, body, headers));
}

/** The answer to a request that arrives after its time. */
export function tooLate(): HttpErrorResponse {
  return toHttpResponse(neverStarted('request', false));
}
