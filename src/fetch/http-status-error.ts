import { read } from '../core/read.js';
import { stackless } from '../core/stackless.js';
import { isResponse, withBody } from './like-response.js';

/**
 * A server answered with a status from 400. Inside of the policies it is what a call fails with, so that breaker, retry
 * and fallback see the status and `Retry-After`; with `throwOnStatus` it is what the promise rejects with.
 */
export class HttpStatusError extends Error {
  override readonly name = 'HttpStatusError';
  readonly code = 'HTTP_STATUS';
  readonly status: number;
  readonly statusText: string;
  /** Not enumerable, as the response: they are for code, and no log asks for them. */
  declare readonly headers: Headers;
  /**
   * The answer itself. Its body can be read while a fallback runs, and where the call has ended with this error. What a
   * policy remembers has an answer without one: an unread body would keep its connection.
   */
  declare readonly response: Response;

  constructor(response: Response, origin: string) {
    super(`${origin} answered ${response.status}`);
    this.status = response.status;
    this.statusText = response.statusText;
    Object.defineProperty(this, 'headers', { value: response.headers });
    Object.defineProperty(this, 'response', { value: response, configurable: true });
  }

  /** The brand: another copy of the library has a class of its own. */
  get '~httpStatus'(): true {
    return true;
  }
}

/** Whether it says that a server answered with a status from 400. */
export function isHttpStatusError(error: unknown): error is HttpStatusError {
  return read(error, '~httpStatus') === true;
}

/** Lets go of the body: policies remember the error for as long as they like. */
export function emptied(error: HttpStatusError): void {
  const { response } = error;
  if (isResponse(response)) Object.defineProperty(error, 'response', { value: withBody(response, null) });
}

export function statusError(response: Response, origin: string): HttpStatusError {
  return stackless(false, () => new HttpStatusError(response, origin));
}
