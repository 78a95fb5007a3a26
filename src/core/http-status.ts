/** A status as servers send it; 0 is a browser's "no answer". */
function isStatus(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && (value === 0 || (value >= 100 && value <= 599));
}

/**
 * The HTTP status that an error carries: at `status`, `statusCode` or `response.status`. Angular's `HttpErrorResponse`,
 * axios, undici, got and a `Response` itself are all told by this.
 */
export function httpStatusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  try {
    const { status, statusCode, response } = error as { status?: unknown; statusCode?: unknown; response?: unknown };
    if (isStatus(status)) return status;
    if (isStatus(statusCode)) return statusCode;
    const inner = typeof response === 'object' && response !== null ? (response as { status?: unknown }).status : undefined;
    return isStatus(inner) ? inner : undefined;
  } catch {
    // A foreign getter that throws says nothing.
    return undefined;
  }
}
