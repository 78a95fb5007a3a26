import { httpStatusOf } from './http-status.js';

/** What a `Response` of the platform, of undici or of `node-fetch` has. */
interface ResponseLike {
  readonly ok?: unknown;
  readonly status?: unknown;
  readonly statusText?: unknown;
  readonly type?: unknown;
  readonly url?: unknown;
  readonly headers?: unknown;
  readonly bodyUsed?: unknown;
  readonly body?: { readonly locked?: unknown; readonly cancel?: unknown } | null;
}

/**
 * Whether a value is a `Response` (by its shape: `ok`, `status` and `headers`) that says that something went wrong: a
 * status from 400, or that of `Response.error()`. Redirects and opaque answers are not `ok` either, and are answers. Never
 * throws.
 */
export function isFailedResponse(value: unknown): value is object {
  try {
    return typeof value === 'object' && value !== null && (value as ResponseLike).ok === false && isFailure(value);
  } catch {
    // A foreign getter that throws: it is no response of ours.
    return false;
  }
}

function isFailure({ headers, status, type }: ResponseLike): boolean {
  if (typeof status !== 'number' || typeof headers !== 'object' || headers === null) return false;
  return status >= 400 || (status === 0 && type !== 'opaque' && type !== 'opaqueredirect');
}

/** Whether a value is a response with a body that can be read once. `HttpResponse` of Angular is none. Never throws. */
export function isReadOnce(value: unknown): value is object {
  try {
    const { bodyUsed, ok } = Object(value) as ResponseLike;
    return typeof bodyUsed === 'boolean' && typeof ok === 'boolean' && httpStatusOf(value) !== undefined;
  } catch {
    return false;
  }
}

/** What may be remembered of an error or value: of a response its status and headers, for its body keeps a connection. */
export function withoutBody(subject: unknown): unknown {
  if (!isReadOnce(subject)) return subject;
  const { headers, ok, status, statusText, url } = subject as ResponseLike;
  return { status, statusText, ok, url, headers };
}

/**
 * Cancels the body of a response that nobody will get, so that its connection is free. A body that is read already, and
 * every other value, is left alone. Never throws.
 */
export function discard(value: unknown): void {
  if (!isReadOnce(value)) return;
  try {
    const { body, bodyUsed } = value as ResponseLike;
    if (bodyUsed === true || body?.locked === true || typeof body?.cancel !== 'function') return;
    // It rejects where the body has failed already.
    (body as ReadableStream).cancel().then(undefined, () => undefined);
  } catch {
    // A foreign body that cannot be cancelled.
  }
}
