import { read } from './read.js';

/** A status as servers send it; 0 is a browser's "no answer". */
function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && (value === 0 || ((value as number) >= 100 && (value as number) <= 999));
}

/** Where clients put the status. */
interface Carrier {
  readonly status?: unknown;
  readonly statusCode?: unknown;
  readonly httpStatusCode?: unknown;
}

interface Failed extends Carrier {
  readonly response?: Carrier | null;
  readonly $metadata?: Carrier | null;
  readonly networkError?: Carrier | null;
}

/** As `httpStatusOf`, and throws what an accessor of the error throws. */
export function statusOf(error: object): number | undefined {
  const { status, statusCode, response, $metadata, networkError } = error as Failed;
  if (isStatus(status)) return status;
  // Most errors have none of them.
  if ((statusCode ?? response ?? $metadata ?? networkError) == null) return undefined;
  const others = [statusCode, response?.status, response?.statusCode, $metadata?.httpStatusCode, networkError?.statusCode];
  return others.find(isStatus);
}

/**
 * The HTTP status that an error carries: at `status`, `statusCode`, `response.status`, `response.statusCode`,
 * `$metadata.httpStatusCode` or `networkError.statusCode`. These are the places of Angular's `HttpErrorResponse`, axios,
 * undici, ky, ofetch, superagent, Octokit and a `Response` itself, of got, of the AWS SDK and of Apollo. Never throws.
 */
export function httpStatusOf(error: unknown): number | undefined {
  try {
    return statusOf(Object(error) as object);
  } catch {
    // A foreign getter that throws says nothing.
    return undefined;
  }
}

const gatewayTimeout = 504;
/** DEADLINE_EXCEEDED. */
const grpcTooLate = 4;

/** Whether the answer says that the time of its server was over: HTTP 504, or gRPC's code beside `metadata`. Never throws. */
export function saysTooLate(error: unknown): boolean {
  if (httpStatusOf(error) === gatewayTimeout) return true;
  return read(error, 'code') === grpcTooLate && read(error, 'metadata') !== undefined;
}
