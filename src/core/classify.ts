import { firstOfOurs } from './find-error.js';
import { statusOf } from './http-status.js';

/**
 * The kind of an error. `transient`: another try may succeed. `permanent`: the dependency answered and would answer the
 * same again, or its certificate is not valid. `refused`: the call was not made. `aborted`: it was cancelled. `bug`: the
 * code is wrong, or the request could not be made.
 */
export type ErrorClass = 'transient' | 'permanent' | 'refused' | 'aborted' | 'bug';

export type Classify = (error: unknown) => ErrorClass;

/** `untrusted`: no connection was made, because a certificate is not valid. To the outside this is `permanent`. */
type Kind = ErrorClass | 'untrusted';

/** From 520 on they come from a proxy that got no answer, or from a server that is overloaded (529). */
const transientStatuses: readonly number[] = [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529, 530];

/** UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE. */
const transientGrpc: readonly number[] = [2, 4, 8, 10, 13, 14];
const grpcCancelled = 1;
const lastGrpc = 16;

/** DOM and Node, axios, and got name the error of a cancelled call so. */
const cancelledName = /^(Abort|Cancel|Cancell?ed)Error$/;

/** The codes of Node, OpenSSL, undici and the clients on top of them. The first pattern that fits decides. */
const codes: readonly (readonly [RegExp, Kind])[] = [
  [/^(ABORT_ERR|ABORTED|ERR_ABORTED|ERR_CANCELED|UND_ERR_ABORT(ED)?)$/, 'aborted'],
  [
    /^((ERR_TLS_)?CERT_|(DEPTH_ZERO_)?SELF_SIGNED_CERT|UNABLE_TO_(GET_(ISSUER|CRL)|VERIFY_LEAF|DEC)|CRL_|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)$|ERR_SSL_\w*(CERTIFICATE|UNKNOWN_CA))/,
    'untrusted',
  ],
  // The request could not be made: an argument is refused, or its client is closed.
  [
    /^(UND_ERR_(INVALID_|NOT_SUPPORTED|REQ_CONTENT|CLOSED|DESTROYED)|ERR_(INVALID_(ARG|CHAR|HTTP_|PROTOCOL|URL)|HTTP2?_INVALID_|UNESCAPED_|UNSUPPORTED_PROTOCOL|BAD_(OPTION|REQUEST)|NOT_SUPPORT|STREAM_WRITE_AFTER|FR_MAX_BODY))/,
    'bug',
  ],
  [/_REDIRECT/, 'permanent'],
];

/** The cause by which `fetch` of Node says that it has made no request, or has not followed a redirect. It has no code. */
const causes: readonly (readonly [RegExp, Kind])[] = [
  [/^(bad port|unknown scheme|invalid method|about scheme|not implemented\.|failed to fetch the data)/, 'bug'],
  [/^(redirect count|unexpected redirect|URL scheme must|cross origin not)/, 'permanent'],
];

/** The system and undici say so that a connection was not made or has broken. */
const networkCode = /^(E(CONN|AI_|NOT|NET|HOST|PIPE|PROTO|ADDR|\w*TIMEDOUT)|UND_ERR_|ERR_STREAM_PREM|ERR_READING)/;

/** The texts by which engines report that `fetch` or a dynamic import has not reached the network. */
const networkMessages =
  /^(failed to fetch|fetch failed|networkerror when attempting to fetch resource|load failed|network request failed|network error$|error in input stream|(the )?network connection was lost|the internet connection appears to be offline|error loading dynamically imported module|importing a module script failed)/i;

/**
 * The default of breaker, retry and fallback alike. First of all errors of this library, then HTTP statuses, gRPC codes
 * (an integer `code` beside `metadata`), cancelled calls, requests that could not be made, network errors, bugs by their
 * built-in class; everything else is `transient`. Never throws: an error with an accessor that throws is `transient`.
 */
export function classify(error: unknown): ErrorClass {
  const kind = kindOf(error);
  return kind === 'untrusted' ? 'permanent' : kind;
}

/** Whether another try may succeed. */
export function isTransient(error: unknown): boolean {
  return classify(error) === 'transient';
}

/**
 * Whether an error of this class means that the dependency has failed. A dependency whose certificate is not valid has:
 * another try does not help, and it has not answered.
 */
export function isFailure(kind: ErrorClass, error: unknown): boolean {
  return kind === 'transient' || (kind === 'permanent' && kindOf(error) === 'untrusted');
}

interface Found {
  readonly code?: string;
  readonly started?: boolean;
  readonly cause?: unknown;
  readonly '~rejected'?: unknown;
}

interface Foreign {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly metadata?: unknown;
  readonly cause?: unknown;
  /** That of Angular's `HttpErrorResponse`: what has gone wrong, or the body of the answer. */
  readonly error?: unknown;
  readonly config?: { readonly signal?: { readonly reason?: unknown } | null } | null;
  readonly __CANCEL__?: unknown;
}

function kindOf(error: unknown): Kind {
  try {
    const found = firstOfOurs(error, true) as Found | undefined;
    if (found === undefined) return foreign(Object(error) as Foreign);
    if (found.code === 'RETRY_EXHAUSTED') return kindOf(found.cause);
    // One that was not started is a deadline.
    return found['~rejected'] === true || found.started === false ? 'refused' : 'transient';
  } catch {
    // A foreign getter that throws: nothing is known of the error.
    return 'transient';
  }
}

function foreign(error: Foreign): Kind {
  const status = statusOf(error);
  if (status !== undefined && status >= 400) return ofStatus(status, error);
  const { code, metadata } = error;
  if (metadata !== undefined && isGrpc(code)) {
    if (code === grpcCancelled) return 'aborted';
    return transientGrpc.includes(code) ? 'transient' : 'permanent';
  }
  const said = ofCode(error);
  // What was answered could be made.
  if (said !== undefined && !(said === 'bug' && status !== undefined && status > 0)) return said;
  // No answer, which a browser says by 0, or one that could not be used.
  if (status !== undefined) return ofUnused(status, error);
  return isBug(error) && !isNetworkError(error) ? 'bug' : 'transient';
}

function ofStatus(status: number, { name }: Foreign): Kind {
  // The services of AWS say so with a 400.
  const isThrottled = status === 400 && /throttl|throughputexceeded/i.test(String(name));
  return isThrottled || transientStatuses.includes(status) ? 'transient' : 'permanent';
}

/** A server has answered, unless the status is 0 or the answer has broken off. */
function ofUnused(status: number, error: Foreign): Kind {
  const { error: carried } = error;
  // A body that the server has sent is a plain object.
  const isError = Object.prototype.toString.call(carried) !== '[object Object]';
  if (status > 0) return isBroken(error) || (isError && isBroken(Object(carried) as Foreign)) ? 'transient' : 'permanent';
  // Angular carries the error of `fetch`.
  return typeof carried === 'object' && carried !== null && statusOf(carried) === undefined ? foreign(carried) : 'transient';
}

/** axios says by its text alone that a body has broken off. */
function isBroken(error: Foreign): boolean {
  return networkCode.test(String(error.code)) || isTimeout(error) || error.message === 'stream has been aborted' || isNetworkError(error);
}

/** By the error itself, else by its cause. */
function ofCode(error: Foreign): Kind | undefined {
  const { cause, code, name } = error;
  const isCancelled = error.__CANCEL__ === true || (name !== 'Error' && cancelledName.test(String(name)));
  const own = isCancelled ? 'aborted' : lookUp(codes, code);
  // The signal of a timeout has aborted it: the dependency was too slow.
  if (own === 'aborted') return isTimeout(cause) || isTimeout(error.config?.signal?.reason) ? 'transient' : own;
  if (own !== undefined || cause === undefined) return own;
  const inner = Object(cause) as Foreign;
  const caused = inner.code === undefined ? lookUp(causes, inner.message) : lookUp(codes, inner.code);
  return caused === 'aborted' ? undefined : caused;
}

function lookUp(table: readonly (readonly [RegExp, Kind])[], text: unknown): Kind | undefined {
  return typeof text === 'string' ? table.find(([pattern]) => pattern.test(text))?.[1] : undefined;
}

function isTimeout(error: unknown): boolean {
  return (Object(error) as Foreign).name === 'TimeoutError';
}

function isGrpc(code: unknown): code is number {
  return Number.isInteger(code) && (code as number) > 0 && (code as number) <= lastGrpc;
}

/** By name: an error of another realm (a frame, a test's sandbox) has a class of its own. */
function isBug(error: Foreign): boolean {
  if (error instanceof TypeError || error instanceof ReferenceError) return true;
  if (error instanceof RangeError || error instanceof EvalError) return true;
  const { name } = error;
  return name === 'TypeError' || name === 'ReferenceError' || name === 'RangeError' || name === 'EvalError';
}

/** `fetch` rejects with a `TypeError` for the network and for a wrong URL alike; the cause or the text tells. */
function isNetworkError(error: Foreign): boolean {
  const { name, message, cause, code } = error;
  if (name !== 'TypeError') return false;
  if (networkCode.test(String(code))) return true;
  const inner = Object(cause) as Foreign;
  // A client has wrapped the error of `fetch`, or the URL is wrong.
  if (inner.name === 'TypeError') return isNetworkError(inner);
  return inner.code !== undefined || networkMessages.test(String(message));
}
