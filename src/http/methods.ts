/** The header by which a server knows that it has seen a request before. */
export const idempotencyHeader = 'Idempotency-Key';

const safe: readonly string[] = ['GET', 'HEAD', 'OPTIONS', 'TRACE'];
const idempotent: readonly string[] = [...safe, 'PUT', 'DELETE'];

/** Whether a request of this method changes nothing (RFC 9110, 9.2.1). */
export function isSafe(method: string): boolean {
  return safe.includes(method.toUpperCase());
}

/** Whether a request may be made twice: its method is idempotent (RFC 9110, 9.2.2), or it carries a key. */
export function isRepeatable(method: string, hasIdempotencyKey: boolean): boolean {
  return hasIdempotencyKey || idempotent.includes(method.toUpperCase());
}
