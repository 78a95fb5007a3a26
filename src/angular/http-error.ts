import { HttpErrorResponse, HttpHeaders } from '@angular/common/http';
import { toHttpResponse } from '../http/to-http-response.js';

/**
 * A refusal or an expired deadline as the error that those who use `HttpClient` expect, with ours as its `error`. Anything
 * else is the same object. Only an error that is itself one of ours is told by its brand: what an `HttpErrorResponse`
 * carries came from a server, which may say what it likes.
 */
export function asHttpError(error: unknown, url: string): unknown {
  const { name, '~resilience': ours } = Object(error) as { readonly name: string; readonly '~resilience'?: unknown };
  if (ours !== true) return error;
  const { headers, status } = toHttpResponse(error);
  // Caused by something else: a retry that wraps the last error.
  if (status === 500) return error;
  return new HttpErrorResponse({ error, headers: new HttpHeaders(headers), status, statusText: name, url });
}
