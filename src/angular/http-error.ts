import { HttpErrorResponse, HttpHeaders } from '@angular/common/http';
import { withoutCredentials } from '../core/credentials.js';
import { read } from '../core/read.js';
import { answerTo, inHttp } from '../http/to-http-response.js';

/**
 * A refusal or an expired deadline as the error that those who use `HttpClient` expect, with ours as its `error`. Anything
 * else is the same object. Only an error that is itself one of ours is told by its brand: what an `HttpErrorResponse`
 * carries came from a server, which may say what it likes. Angular writes the URL into the message.
 */
export function asHttpError(error: unknown, url: string): unknown {
  if (read(error, '~resilience') !== true) return error;
  const { headers, status } = inHttp(answerTo(error));
  // Caused by something else: a retry that wraps the last error.
  if (status === 500) return error;
  return new HttpErrorResponse({ error, headers: new HttpHeaders(headers), status, statusText: String(read(error, 'name')), url: withoutCredentials(url) });
}
