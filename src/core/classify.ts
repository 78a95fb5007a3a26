import { findResilienceError } from './find-error.js';
import { httpStatusOf } from './http-status.js';

/**
 * What kind of error it is. `transient`: another try may succeed. `permanent`: the dependency answered, and would answer
 * the same again. `refused`: the call was not made. `aborted`: somebody cancelled it. `bug`: the code is wrong.
 */
export type ErrorClass = 'transient' | 'permanent' | 'refused' | 'aborted' | 'bug';

export type Classify = (error: unknown) => ErrorClass;

const transientStatuses: readonly number[] = [0, 408, 425, 429, 500, 502, 503, 504];

/** UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE. */
const transientGrpc: readonly number[] = [2, 4, 8, 10, 13, 14];
const grpcCancelled = 1;
const lastGrpc = 16;

/** Of the system (`ECONNRESET`) or of undici, not Node's for what is wrong with an argument (`ERR_INVALID_URL`). */
const networkCode = /^(E(?!RR_)[A-Z]|UND_ERR_)/;

/** The texts by which engines report that `fetch` or a dynamic import has not reached the network. */
const networkMessages =
  /^(failed to fetch|fetch failed|networkerror when attempting to fetch resource|load failed|network request failed|network error$|error in input stream|(the )?network connection was lost|the internet connection appears to be offline|error loading dynamically imported module|importing a module script failed)/i;

/**
 * The default of breaker, retry and fallback alike. First of all errors of this library, then HTTP statuses, gRPC codes
 * (an integer `code` beside `metadata`), aborts, network errors, bugs by their built-in class; everything else is
 * `transient`. Never throws.
 */
export function classify(error: unknown): ErrorClass {
  try {
    return classOf(Object(error) as object);
  } catch {
    // A foreign getter that throws: nothing is known of it.
    return 'transient';
  }
}

/** Whether another try may succeed. */
export function isTransient(error: unknown): boolean {
  return classify(error) === 'transient';
}

interface Found {
  readonly code?: string;
  readonly started?: boolean;
  readonly cause?: unknown;
  readonly '~rejected'?: unknown;
}

function classOf(error: object): ErrorClass {
  const found = findResilienceError(error) as Found | undefined;
  if (found === undefined) return foreign(error);
  if (found.code === 'RETRY_EXHAUSTED') return classify(found.cause);
  // One that was not started is a deadline.
  return found['~rejected'] === true || found.started === false ? 'refused' : 'transient';
}

function foreign(error: object): ErrorClass {
  const status = httpStatusOf(error) ?? NaN;
  if (transientStatuses.includes(status)) return 'transient';
  if (status >= 400) return 'permanent';
  const { name, code, metadata } = error as { name?: unknown; code?: unknown; metadata?: unknown };
  if (metadata !== undefined && isGrpc(code)) {
    if (code === grpcCancelled) return 'aborted';
    return transientGrpc.includes(code) ? 'transient' : 'permanent';
  }
  if (name === 'AbortError') return 'aborted';
  return isBug(error, name) && !isNetworkError(error) ? 'bug' : 'transient';
}

function isGrpc(code: unknown): code is number {
  return Number.isInteger(code) && (code as number) > 0 && (code as number) <= lastGrpc;
}

/** By name: an error of another realm (a frame, a test's sandbox) has a class of its own. */
function isBug(error: object, name: unknown): boolean {
  if (error instanceof TypeError || error instanceof ReferenceError) return true;
  if (error instanceof RangeError || error instanceof EvalError) return true;
  return name === 'TypeError' || name === 'ReferenceError' || name === 'RangeError' || name === 'EvalError';
}

/** `fetch` rejects with a `TypeError` for the network and for a wrong URL alike; the cause or the text tells. */
function isNetworkError(error: object): boolean {
  const { name, message, cause, code } = error as { name?: unknown; message?: unknown; cause?: unknown; code?: unknown };
  if (name !== 'TypeError') return false;
  if (networkCode.test(String(code))) return true;
  const { code: inner, name: innerName } = Object(cause) as { code?: unknown; name?: unknown };
  if (innerName === 'TypeError') return false;
  return inner !== undefined || networkMessages.test(String(message));
}
