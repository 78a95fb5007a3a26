import { type ArgumentsHost, Catch, HttpException, type HttpServer } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { throwError } from 'rxjs';
import { findResilienceError } from '../core/find-error.js';
import { isResilienceError } from '../core/guards.js';
import { answerTo, type HttpErrorResponse, type HttpResponseOptions, inHttp, readRetryAfter } from '../http/to-http-response.js';
import { always } from '../node/answer.js';
import { isHttpException } from './handler-errors.js';
import { messageError, messageOf, tellSocket } from './message-error.js';
import { type Replier, rawReplier } from './raw-replier.js';

/** What Nest asks with `instanceof` whether a filter is for an error: ours are told by their brand, wherever they come from. */
const ofResilience = {
  // Who has put one of ours into an exception of Nest has said how to answer.
  [Symbol.hasInstance]: (error: unknown): boolean => isResilienceError(error) && !isHttpException(error),
};

/**
 * Answers the errors of policies: a refusal with 503, a limit of requests with 429, both with `Retry-After` (where it is
 * not known, `retryAfter` of the options, 1,000 ms by default); a deadline with 504; a retry that gave up as its cause would be answered. Nothing of the error's text, name or
 * cause is said. In a message handler the caller gets `{ status: 'error', message, statusCode, retryAfter }`, over gRPC
 * with the `code` that this means; in a GraphQL operation the error is a `HttpException` of that status; the client of a
 * gateway gets the event `exception`.
 *
 * Every other error, and a `HttpException` that was caused by one of ours, goes to whatever would have it without this
 * filter. On Express and Fastify. Where the head of a response is out the connection is cut, so that nobody takes half an
 * answer for a whole one.
 *
 * ```ts
 * providers: [{ provide: APP_FILTER, useClass: ResilienceFilter }] // or app.useGlobalFilters(new ResilienceFilter())
 * ```
 */
export class ResilienceFilter extends BaseExceptionFilter {
  private readonly retryAfter: number;

  /**
   * @param adapter the HTTP adapter of the application, where it is known
   * @throws TypeError, RangeError for an option that is unknown, of a wrong type or out of its range
   */
  constructor(adapter?: HttpServer, options: HttpResponseOptions = {}) {
    super(adapter);
    this.retryAfter = readRetryAfter(options);
  }

  /** For Nest. */
  override catch(error: unknown, host: ArgumentsHost): unknown {
    const found = findResilienceError(error);
    const type = host.getType<string>();
    if (found?.code === 'RETRY_EXHAUSTED') return this.foreign(found.cause, type, host);
    const answer = answerTo(error, this.retryAfter);
    if (type === 'rpc') return throwError(() => messageError(answer, host));
    if (type === 'ws') return tellSocket(messageError(answer, host), host);
    const response = inHttp(answer);
    if (type === 'http') return this.reply(response, host);
    return new HttpException(response.body, response.status);
  }

  /** As Nest would without this filter. */
  private foreign(cause: unknown, type: string, host: ArgumentsHost): unknown {
    if (type === 'rpc') return throwError(() => messageOf(cause));
    if (type === 'ws') return tellSocket(messageOf(cause), host);
    if (type !== 'http') throw cause;
    new BaseExceptionFilter(this.replier(host) as never).catch(cause, host);
    return undefined;
  }

  private reply({ status, headers, body }: HttpErrorResponse, host: ArgumentsHost): void {
    const response = host.getArgByIndex<{ readonly raw?: { destroy(): void }; destroy(): void }>(1);
    const replier = this.replier(host);
    if (replier.isHeadersSent(response)) {
      (response.raw ?? response).destroy();
      return;
    }
    for (const [name, value] of Object.entries({ ...always, ...headers })) replier.setHeader(response, name, value);
    replier.reply(response, body, status);
  }

  /** The server of the application, where Nest has made this filter or was told. */
  private replier(host: ArgumentsHost): Replier {
    const known = this.applicationRef ?? this.httpAdapterHost?.httpAdapter;
    return (known as unknown as Replier | undefined) ?? rawReplier(host.getArgByIndex(1));
  }
}

Catch(ofResilience as never)(ResilienceFilter);
