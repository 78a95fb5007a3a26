import { httpStatusOf } from './http-status.js';

/** What a `Response` of the platform or of undici has. */
interface ResponseLike {
  readonly ok?: unknown;
  readonly bodyUsed?: unknown;
  readonly body?: { readonly locked?: unknown; readonly cancel?: unknown } | null;
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
