import { findResilienceError } from '../core/find-error.js';
import { checkKeys, checkNumber, reading } from '../core/options.js';

export interface HttpResponseOptions {
  /** Milliseconds, at least 0, after which a client may come back where a refusal does not say when. Default 1,000. */
  readonly retryAfter?: number | undefined;
}

export const httpResponseOptionNames: readonly string[] = ['retryAfter'];

/** What a server answers where a call ended with an error. */
export interface HttpErrorResponse {
  readonly status: 429 | 500 | 503 | 504;
  /** `Retry-After` in whole seconds, for 429 and 503. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: HttpErrorBody;
}

export interface HttpErrorBody {
  /** What the status means, and nothing of the error. */
  readonly error: string;
  /** Whole seconds after which another try can make sense, as in the header. */
  readonly retryAfter?: number;
}

/** The same facts for answers that do not go over HTTP. */
export interface ErrorAnswer {
  readonly status: HttpErrorResponse['status'];
  /** The meaning of the status in words. */
  readonly text: string;
  /** Milliseconds. */
  readonly retryAfter: number | undefined;
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
 * A refusal says when to come back, in `Retry-After` and in the body: in whole seconds, rounded up, and at least 1 where
 * there is something to wait for. Where the refusal does not know, it is `retryAfter` of the options.
 *
 * The answer contains nothing of the error's text, name or cause. No error makes this function throw. Errors are told by
 * their brand, not by `instanceof`.
 *
 * @throws TypeError, RangeError for an option that is unknown, of a wrong type or out of its range
 */
export function toHttpResponse(error: unknown, options: HttpResponseOptions = {}): HttpErrorResponse {
  return inHttp(answerTo(error, reading('toHttpResponse', () => readRetryAfter(options))));
}

/** Milliseconds for a refusal that does not know. */
export function readRetryAfter(options: HttpResponseOptions): number {
  const { retryAfter = 1_000 } = checkKeys('options', options, httpResponseOptionNames);
  return checkNumber('retryAfter', retryAfter, 0, Number.MAX_SAFE_INTEGER);
}

/** @param otherwise milliseconds for a refusal that does not know when to come back */
export function answerTo(error: unknown, otherwise?: number): ErrorAnswer {
  const { status, retryAfter } = factsOf(error);
  const isRefusal = status === 429 || status === 503;
  return { status, text: texts[status], retryAfter: isRefusal ? (retryAfter ?? otherwise) : retryAfter };
}

export function inHttp({ status, text, retryAfter }: ErrorAnswer): HttpErrorResponse {
  if (retryAfter === undefined) return { status, headers: {}, body: { error: text } };
  const seconds = retryAfterHeader(retryAfter);
  return { status, headers: { 'Retry-After': seconds }, body: { error: text, retryAfter: Number(seconds) } };
}

/** Whole seconds, rounded up: who comes back too early is refused again. */
export function retryAfterHeader(ms: number): string {
  return String(Math.ceil(ms / 1_000));
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
