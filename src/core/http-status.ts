/** A status as servers send it; 0 is a browser's "no answer". */
function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && (value === 0 || ((value as number) >= 100 && (value as number) <= 999));
}

/**
 * The HTTP status that an error carries: at `status`, `statusCode` or `response.status`. Angular's `HttpErrorResponse`,
 * axios, undici, got and a `Response` itself are all told by this.
 */
export function httpStatusOf(error: unknown): number | undefined {
  try {
    const { status, statusCode, response } = Object(error) as { status?: unknown; statusCode?: unknown; response?: unknown };
    if (isStatus(status)) return status;
    if (isStatus(statusCode)) return statusCode;
    const inner = (response as { status?: unknown } | null | undefined)?.status;
    if (isStatus(inner)) return inner;
  } catch {
    // A foreign getter that throws says nothing.
  }
  return undefined;
}

const gatewayTimeout = 504;
/** DEADLINE_EXCEEDED. */
const grpcTooLate = 4;

/** Whether whoever answered says that its own time was over: HTTP 504, or gRPC's code beside `metadata`. Never throws. */
export function saysTooLate(error: unknown): boolean {
  try {
    const { code, metadata } = Object(error) as { code?: unknown; metadata?: unknown };
    return httpStatusOf(error) === gatewayTimeout || (metadata !== undefined && code === grpcTooLate);
  } catch {
    return false;
  }
}
