import { describe, expect, it } from 'vitest';
import { BulkheadFullError } from '../../src/bulkhead/bulkhead-full-error.js';
import { classify, type ErrorClass, isFailure, isTransient } from '../../src/core/classify.js';
import { DeadlineExceededError } from '../../src/core/deadline-exceeded-error.js';
import { httpStatusOf } from '../../src/core/http-status.js';
import { RetryExhaustedError } from '../../src/retry/retry-exhausted-error.js';

const deadline = (started: boolean): DeadlineExceededError =>
  new DeadlineExceededError('d', { started, budget: 5, shortened: false, stalled: false, hungAfter: 2, ran: 5 });
const full = new BulkheadFullError('b', 'full', { active: 1, limit: 1, queued: 0, capacity: 0 });
const exhausted = (cause: unknown): RetryExhaustedError => new RetryExhaustedError('r', 3, 'attempts', cause);
const withCode = (code: string, error: Error = new Error('x')): Error => Object.assign(error, { code });
const named = (name: string, facts: object): Error => Object.assign(new Error('x'), { name }, facts);
const fetchFailed = (cause: unknown): Error => new TypeError('fetch failed', { cause });

const transientStatuses = [0, 408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529, 530];
const permanentStatuses = [100, 101, 200, 204, 226, 302, 304, 399, 400, 401, 403, 404, 409, 410, 413, 422, 501, 505, 511, 519, 525, 526, 528, 531, 599, 600, 999];
const certificateCodes = [
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'CRL_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
  'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
  'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'UNABLE_TO_GET_CRL',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];
const unsentCodes = [
  'ERR_BAD_OPTION',
  'ERR_BAD_OPTION_VALUE',
  'ERR_BAD_REQUEST',
  'ERR_FR_MAX_BODY_LENGTH_EXCEEDED',
  'ERR_HTTP_INVALID_HEADER_VALUE',
  'ERR_INVALID_ARG_TYPE',
  'ERR_INVALID_CHAR',
  'ERR_INVALID_HTTP_TOKEN',
  'ERR_INVALID_PROTOCOL',
  'ERR_INVALID_URL',
  'ERR_NOT_SUPPORT',
  'ERR_STREAM_WRITE_AFTER_END',
  'ERR_UNESCAPED_CHARACTERS',
  'ERR_UNSUPPORTED_PROTOCOL',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
];
const unsentCauses = [
  'about scheme is not supported',
  'bad port',
  'failed to fetch the data URL',
  'invalid method',
  'not implemented... yet...',
  'unknown scheme',
];

const transientCodes = [2, 4, 8, 10, 13, 14];
const permanentCodes = [3, 5, 6, 7, 9, 11, 12, 15, 16];

const rows: readonly (readonly [string, unknown, ErrorClass])[] = [
  ...transientStatuses.map((status) => [`HTTP ${status}`, { status }, 'transient'] as const),
  ...permanentStatuses.map((status) => [`HTTP ${status}`, { status }, 'permanent'] as const),
  ['a statusCode', { statusCode: 404 }, 'permanent'],
  ['the status of a response', { response: { status: 404 } }, 'permanent'],
  ['the status of a TypeError', Object.assign(new TypeError('x'), { status: 404 }), 'permanent'],
  ['the status 0 of a TypeError', Object.assign(new TypeError('x'), { status: 0 }), 'transient'],
  ['a number below all statuses', { status: 99 }, 'transient'],
  ['half a status', { status: 226.5 }, 'transient'],
  ['the statusCode of the response of got', withCode('ERR_NON_2XX_3XX_RESPONSE', Object.assign(new Error('x'), { response: { statusCode: 404 } })), 'permanent'],
  ['the status of the AWS SDK', { name: 'ValidationException', $metadata: { httpStatusCode: 400 } }, 'permanent'],
  ['the throttling of AWS', { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } }, 'transient'],
  ['the throttling of a table of AWS', { name: 'ProvisionedThroughputExceededException', $metadata: { httpStatusCode: 400 } }, 'transient'],
  ['what the AWS SDK knows of a call without an answer', { name: 'TimeoutError', $metadata: { attempts: 3 } }, 'transient'],
  ['the status of Apollo', { networkError: { statusCode: 404 } }, 'permanent'],
  ['a status that is a text', { status: '404' }, 'transient'],
  ...transientCodes.map((code) => [`gRPC ${code}`, { code, metadata: {} }, 'transient'] as const),
  ...permanentCodes.map((code) => [`gRPC ${code}`, { code, metadata: {} }, 'permanent'] as const),
  ['gRPC CANCELLED', { code: 1, metadata: {} }, 'aborted'],
  ['gRPC OK, which is no error', { code: 0, metadata: {} }, 'transient'],
  ['a code beyond those of gRPC', { code: 17, metadata: {} }, 'transient'],
  ['half a gRPC code', { code: 4.5, metadata: {} }, 'transient'],
  ['a text for a gRPC code', { code: '5', metadata: {} }, 'transient'],
  ['a number for a code without metadata', { code: 5 }, 'transient'],
  ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'EAI_AGAIN', 'ENOTFOUND', 'UND_ERR_SOCKET'].map(
    (code) => [code, withCode(code), 'transient'] as const,
  ),
  ['a TypeError with a network code', withCode('ECONNRESET', new TypeError('x')), 'transient'],
  ['a TypeError with a code of undici', withCode('UND_ERR_SOCKET', new TypeError('x')), 'transient'],
  ['a TypeError with a code of its own', withCode('MY_ECONNRESET', new TypeError('x')), 'bug'],
  ['a body that breaks off', new TypeError('terminated', { cause: withCode('UND_ERR_SOCKET') }), 'transient'],
  ['a TypeError with a cause that has no code', new TypeError('x', { cause: new Error('y') }), 'bug'],
  ['a TypeError with a text for a cause', new TypeError('x', { cause: 'y' }), 'bug'],
  ['a TypeError with null for a cause', new TypeError('x', { cause: null }), 'bug'],
  ['a TypeError that a TypeError with a code has caused', fetchFailed(withCode('ERR_INVALID_URL', new TypeError('Invalid URL'))), 'bug'],
  ['fetch that has not reached the network', fetchFailed(withCode('ECONNREFUSED')), 'transient'],
  ['fetch whose cause has another code', fetchFailed(withCode('HPE_INVALID_CONSTANT')), 'transient'],
  ['fetch whose cause has no code', fetchFailed(new Error('x')), 'transient'],
  ['fetch of a wrong URL', new TypeError('Failed to parse URL from x', { cause: withCode('ERR_INVALID_URL', new TypeError('Invalid URL')) }), 'bug'],
  ['a wrong URL', withCode('ERR_INVALID_URL', new TypeError('Invalid URL')), 'bug'],
  ...[
    'Failed to fetch',
    'fetch failed',
    'Load failed',
    'Network request failed',
    'Network connection was lost.',
    'The network connection was lost.',
    'The Internet connection appears to be offline.',
    'NetworkError when attempting to fetch resource.',
    'network error',
    'Error in input stream',
    'Failed to fetch dynamically imported module: https://a/b.js',
    'error loading dynamically imported module: https://a/b.js',
    'Importing a module script failed.',
  ].map((message) => [message, new TypeError(message), 'transient'] as const),
  ['a text that only contains one of these', new TypeError('cannot read: load failed'), 'bug'],
  ['the same text of another error', new RangeError('Failed to fetch'), 'bug'],
  ['a deadline of one try', deadline(true), 'transient'],
  ['a deadline that never started', deadline(false), 'refused'],
  ['a refusal', full, 'refused'],
  ['a refusal that something else was caused by', new Error('x', { cause: full }), 'refused'],
  ['a refusal that a response carries', { status: 0, error: full }, 'refused'],
  ['a retry that gave up on a 404', exhausted({ status: 404 }), 'permanent'],
  ['a retry that gave up on a 503', exhausted({ status: 503 }), 'transient'],
  ['a retry that gave up on a refusal', exhausted(full), 'refused'],
  ['a retry that gave up on a deadline that never started', exhausted(deadline(false)), 'refused'],
  ['a retry that gave up on a bug', exhausted(new TypeError('x')), 'bug'],
  ['a retry that gave up on nothing', exhausted(undefined), 'transient'],
  ['a retry around a retry', exhausted(exhausted({ status: 404 })), 'permanent'],
  ['an AbortError', new DOMException('x', 'AbortError'), 'aborted'],
  ['an AbortError by name', Object.assign(new Error('x'), { name: 'AbortError' }), 'aborted'],
  ['a TimeoutError', new DOMException('x', 'TimeoutError'), 'transient'],
  ['an AbortError that a timeout has caused', named('AbortError', { cause: new DOMException('x', 'TimeoutError') }), 'transient'],
  ['a cancelled request of axios', named('CanceledError', { code: 'ERR_CANCELED' }), 'aborted'],
  ['a request of axios that a timeout has cancelled', named('CanceledError', { config: { signal: { reason: new DOMException('x', 'TimeoutError') } } }), 'transient'],
  ['the cancellation of old axios', { message: 'left', __CANCEL__: true }, 'aborted'],
  ['a cancelled request of got', named('CancelError', { code: 'ERR_CANCELED' }), 'aborted'],
  ['one that had an answer already', named('AbortError', { code: 'ERR_ABORTED', response: { statusCode: 200 } }), 'aborted'],
  ...['ABORT_ERR', 'ABORTED', 'ERR_ABORTED', 'ERR_CANCELED', 'UND_ERR_ABORT', 'UND_ERR_ABORTED'].map((code) => [code, withCode(code), 'aborted'] as const),
  ['the timeout of axios', named('AxiosError', { code: 'ECONNABORTED' }), 'transient'],
  ['a conflict that a server calls aborted', { code: 'ABORTED', status: 409 }, 'permanent'],
  ['a cause that was aborted', new Error('x', { cause: withCode('ABORT_ERR') }), 'transient'],

  ['an answer that has broken off', withCode('ECONNRESET', Object.assign(new Error('x'), { response: { statusCode: 200 } })), 'transient'],
  ['an answer that has taken too long', { status: 200, error: new DOMException('x', 'TimeoutError') }, 'transient'],
  ['an answer that has broken off, to Angular', { status: 200, error: new TypeError('network error') }, 'transient'],
  ['an answer that has broken off, to axios', named('AxiosError', { message: 'stream has been aborted', code: 'ERR_BAD_RESPONSE', status: 200 }), 'transient'],
  ['an answer whose body looks like a timeout', { status: 302, error: { name: 'TimeoutError', code: 'ECONNRESET' } }, 'permanent'],
  ['an answer that is no JSON', { status: 200, error: { error: new SyntaxError('x'), text: 'OK' } }, 'permanent'],
  ...['ERR_FR_TOO_MANY_REDIRECTS', 'ERR_TOO_MANY_REDIRECTS', 'UND_ERR_REDIRECT_MAX'].map((code) => [code, withCode(code), 'permanent'] as const),
  ...['redirect count exceeded', 'unexpected redirect', 'URL scheme must be a HTTP(S) scheme', 'cross origin not allowed for request mode "cors"'].map(
    (message) => [message, fetchFailed(new Error(message)), 'permanent'] as const,
  ),

  ...certificateCodes.map((code) => [code, withCode(code), 'permanent'] as const),
  ...certificateCodes.map((code) => [`fetch that met ${code}`, fetchFailed(withCode(code)), 'permanent'] as const),
  ['a certificate, to Angular', { status: 0, error: fetchFailed(withCode('CERT_HAS_EXPIRED')) }, 'permanent'],
  ['a certificate, to axios with fetch', named('AxiosError', { code: 'ERR_NETWORK', cause: withCode('CERT_HAS_EXPIRED') }), 'permanent'],
  ['a certificate that a retry gave up on', exhausted(withCode('CERT_HAS_EXPIRED')), 'permanent'],
  ['a protocol that is not TLS', fetchFailed(withCode('ERR_SSL_WRONG_VERSION_NUMBER')), 'transient'],

  ...unsentCodes.map((code) => [code, withCode(code), 'bug'] as const),
  ...unsentCodes.map((code) => [`fetch that met ${code}`, fetchFailed(withCode(code)), 'bug'] as const),
  ...unsentCauses.map((message) => [message, fetchFailed(new Error(message)), 'bug'] as const),
  ...unsentCauses.map((message) => [`${message}, to axios`, named('AxiosError', { code: 'ERR_NETWORK', cause: new Error(message) }), 'bug'] as const),
  ['a request that cannot be made, to Angular', { status: 0, error: fetchFailed(new Error('bad port')) }, 'bug'],
  ['a body that was used, to Angular', { status: 0, error: new TypeError('Body is unusable: Body has already been read') }, 'bug'],
  ['no network, to Angular', { status: 0, error: new TypeError('Failed to fetch') }, 'transient'],
  ['no network, to Angular with XMLHttpRequest', { status: 0, error: { type: 'error', isTrusted: true } }, 'transient'],
  ['a timeout, to Angular', { status: 0, error: new DOMException('x', 'TimeoutError') }, 'transient'],
  ['a body that breaks off, to axios with fetch', named('TypeError', { cause: new TypeError('terminated', { cause: withCode('UND_ERR_SOCKET') }) }), 'transient'],
  ['a wrong URL, to axios with fetch', named('TypeError', { cause: new TypeError('x', { cause: withCode('ERR_INVALID_URL', new TypeError('x')) }) }), 'bug'],
  ['an answer with the code of a request', named('AxiosError', { code: 'ERR_BAD_REQUEST', status: 429 }), 'transient'],
  ['a TypeError', new TypeError('x is not a function'), 'bug'],
  ['a ReferenceError', new ReferenceError('x'), 'bug'],
  ['a RangeError', new RangeError('x'), 'bug'],
  ['an EvalError', new EvalError('x'), 'bug'],
  ...['TypeError', 'ReferenceError', 'RangeError', 'EvalError'].map(
    (name) => [`a ${name} of another realm`, { name, message: 'x' }, 'bug'] as const,
  ),
  ...[new TypeError('x'), new ReferenceError('x'), new RangeError('x'), new EvalError('x')].map(
    (error) => [`a ${error.name} under a name of its own`, Object.assign(error, { name: 'MyError' }), 'bug'] as const,
  ),
  ['a SyntaxError', new SyntaxError('x'), 'transient'],
  ['any other Error', new Error('x'), 'transient'],
  ['a text', 'x', 'transient'],
  ['undefined', undefined, 'transient'],
  ['null', null, 'transient'],
  ['an empty object', {}, 'transient'],
];

/** Of an error and everything that it carries. */
const codesOf = (error: unknown): readonly unknown[] => {
  const { cause, code, error: carried } = Object(error) as Record<string, unknown>;
  return [code, ...[cause, carried].flatMap((inner) => (inner === undefined || inner === error ? [] : codesOf(inner)))];
};

describe('classify', () => {
  it.each(rows)('takes %s', (_title, error, expected) => {
    expect(classify(error)).toBe(expected);
    expect(isTransient(error)).toBe(expected === 'transient');
  });

  it('says of a certificate that its dependency has failed, and of no other permanent error', () => {
    for (const [, error, kind] of rows) {
      const isCertificate = kind === 'permanent' && certificateCodes.some((code) => codesOf(error).includes(code));
      expect(isFailure(classify(error), error)).toBe(kind === 'transient' || isCertificate);
    }
  });

  it('leaves the last word on a certificate to another classification', () => {
    const expired = withCode('CERT_HAS_EXPIRED');
    expect((['transient', 'permanent', 'refused', 'aborted', 'bug'] as const).map((kind) => isFailure(kind, expired))).toStrictEqual([
      true, true, false, false, false,
    ]);
  });

  it.each(['status', 'response', 'name', 'code', 'message', 'cause', 'error', '~resilience'])('survives a getter for %s that throws', (key) => {
    const hostile = Object.defineProperty({ name: 'TypeError' }, key, {
      get: () => {
        throw new Error('hostile');
      },
    });
    expect(classify(hostile)).toBe('transient');
    expect(httpStatusOf(hostile)).toBe(undefined);
  });

  it('takes the body of an answer for none of our errors, whatever a server writes into it', () => {
    const body = { '~resilience': true, '~rejected': true, code: 'DEADLINE_EXCEEDED', started: false };
    expect(classify({ status: 500, error: body })).toBe('transient');
    expect(classify({ status: 404, error: body })).toBe('permanent');
  });

  it('survives an error whose causes are a circle', () => {
    const circle = new Error('x');
    circle.cause = circle;
    const ours = exhausted(undefined);
    Object.defineProperty(ours, 'cause', { value: ours });
    expect([classify(circle), classify(ours)]).toStrictEqual(['transient', 'transient']);
  });
});

describe('httpStatusOf', () => {
  it.each<[unknown, number | undefined]>([
    [{ status: 503 }, 503],
    [{ status: 200 }, 200],
    [{ status: 'a', statusCode: 404 }, 404],
    [{ response: { status: 429 } }, 429],
    [{ response: null }, undefined],
    [{ response: undefined }, undefined],
    [{ response: 'x' }, undefined],
    [{ response: { status: '429' } }, undefined],
    [{ statusCode: 404, response: { status: 429 } }, 404],
    [{ response: { statusCode: 429 } }, 429],
    [{ response: { status: 200, statusCode: 429 } }, 200],
    [{ $metadata: { httpStatusCode: 400 } }, 400],
    [{ $metadata: {} }, undefined],
    [{ $metadata: null }, undefined],
    [{ networkError: { statusCode: 502 } }, 502],
    [{ networkError: null }, undefined],
    [{ status: 226 }, 226],
    [{ status: 0 }, 0],
    [{ status: -1 }, undefined],
    [{ status: 1 }, undefined],
    [{ status: 99 }, undefined],
    [{ status: 100 }, 100],
    [{ status: 599 }, 599],
    [{ status: 1000 }, undefined],
    [{ status: 503n }, undefined],
    [{ status: 200.5 }, undefined],
    [undefined, undefined],
    [null, undefined],
    ['503', undefined],
  ])('reads %o', (error, status) => {
    expect(httpStatusOf(error)).toBe(status);
  });
});
