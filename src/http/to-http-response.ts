import { findResilienceError } from '../core/find-error.js';

/** What a server answers where a call ended with an error. */
export interface HttpErrorResponse {
  readonly status: 429 | 500 | 503 | 504;
  /** `Retry-After` in whole seconds, where it is known. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: HttpErrorBody;
}

export interface HttpErrorBody {
  /** What the status means, and nothing of the error. */
  readonly error: string;
  /** Milliseconds after which another try can make sense, where that is known. */
  readonly retryAfter?: number;
}

const texts: Readonly<Record<HttpErrorResponse['status'], string>> = {
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/**
 * The answer to a request whose work ended with `error`: 429 where a limit of requests refused it (`RATE_LIMITED`,
 * `THROTTLED`), 503 for every other refusal (an open circuit, a full bulkhead, shed load), 504 where a deadline has
 * passed, 500 for all else. An error that was caused by one of ours is told by that; a retry that gave up, by its cause.
 *
 * Nothing of the error's text, name or cause is in it. `Retry-After` is rounded up, and at least 1 where there is
 * something to wait for. Never throws; errors are told by their brand, not by `instanceof`.
 */
export function toHttpResponse(error: unknown): HttpErrorResponse {
  const { status, retryAfter } = factsOf(error);
  const body = { error: texts[status], ...(retryAfter !== undefined && { retryAfter: Math.ceil(retryAfter) }) };
  return { status, headers: retryAfter === undefined ? {} : { 'Retry-After': retryAfterHeader(retryAfter) }, body };
}

/** Whole seconds, rounded up: who comes back too early is refused again. */
export function retryAfterHeader(ms: number): string {
  return String(Math.ceil(ms / 1_000));
}

/** Whether this library has something to say about it. A foreign getter that throws says that it has not. */
export function isOurs(error: unknown): boolean {
  try {
    return findResilienceError(error) !== undefined;
  } catch {
    return false;
  }
}

interface Facts {
  readonly status: HttpErrorResponse['status'];
  readonly retryAfter?: number | undefined;
}

function factsOf(error: unknown): Facts {
  try {
    const found = findResilienceError(error) as { code?: unknown; retryAfter?: unknown; '~rejected'?: unknown } | undefined;
    const status = statusOf(found?.code, found?.['~rejected'] === true);
    return { status, retryAfter: status === 500 ? undefined : known(found?.retryAfter) };
  } catch {
    return { status: 500 };
  }
}

function statusOf(code: unknown, rejected: boolean): HttpErrorResponse['status'] {
  if (code === 'RATE_LIMITED' || code === 'THROTTLED') return 429;
  if (code === 'DEADLINE_EXCEEDED') return 504;
  return rejected ? 503 : 500;
}

/** A wait that nobody can put into digits is unknown. */
function known(retryAfter: unknown): number | undefined {
  const readable = typeof retryAfter === 'number' && retryAfter >= 0 && retryAfter <= Number.MAX_SAFE_INTEGER;
  return readable ? retryAfter : undefined;
}
