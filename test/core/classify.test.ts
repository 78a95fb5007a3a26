import { describe, expect, it } from 'vitest';
import { BulkheadFullError } from '../../src/bulkhead/bulkhead-full-error.js';
import { classify, type ErrorClass, isTransient } from '../../src/core/classify.js';
import { DeadlineExceededError } from '../../src/core/deadline-exceeded-error.js';
import { httpStatusOf } from '../../src/core/http-status.js';
import { RetryExhaustedError } from '../../src/retry/retry-exhausted-error.js';

const deadline = (started: boolean): DeadlineExceededError =>
  new DeadlineExceededError('d', { started, budget: 5, shortened: false, stalled: false, hungAfter: 2, ran: 5 });
const full = new BulkheadFullError('b', 'full', { active: 1, limit: 1, queued: 0, capacity: 0 });
const exhausted = (cause: unknown): RetryExhaustedError => new RetryExhaustedError('r', 3, 'attempts', cause);
const withCode = (code: string, error: Error = new Error('x')): Error => Object.assign(error, { code });
const fetchFailed = (cause: unknown): Error => new TypeError('fetch failed', { cause });

const transientStatuses = [0, 408, 425, 429, 500, 502, 503, 504];
const permanentStatuses = [400, 401, 403, 404, 409, 410, 413, 422, 501, 505, 511, 599, 600, 999];
const transientCodes = [2, 4, 8, 10, 13, 14];
const permanentCodes = [3, 5, 6, 7, 9, 11, 12, 15, 16];

const rows: readonly (readonly [string, unknown, ErrorClass])[] = [
  ...transientStatuses.map((status) => [`HTTP ${status}`, { status }, 'transient'] as const),
  ...permanentStatuses.map((status) => [`HTTP ${status}`, { status }, 'permanent'] as const),
  ['a statusCode', { statusCode: 404 }, 'permanent'],
  ['the status of a response', { response: { status: 404 } }, 'permanent'],
  ['the status of a TypeError', Object.assign(new TypeError('x'), { status: 404 }), 'permanent'],
  ['the status 0 of a TypeError', Object.assign(new TypeError('x'), { status: 0 }), 'transient'],
  ['a status of 200', { status: 200 }, 'transient'],
  ['a status of 399', { status: 399 }, 'transient'],
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
  ['fetch whose cause has another code', fetchFailed(withCode('CERT_HAS_EXPIRED')), 'transient'],
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

describe('classify', () => {
  it.each(rows)('takes %s', (_title, error, expected) => {
    expect(classify(error)).toBe(expected);
    expect(isTransient(error)).toBe(expected === 'transient');
  });

  it.each(['status', 'response', 'name', 'code', 'message', 'cause', 'error', '~resilience'])('survives a getter for %s that throws', (key) => {
    const hostile = Object.defineProperty({ name: 'TypeError' }, key, {
      get: () => {
        throw new Error('hostile');
      },
    });
    expect(['transient', 'bug']).toContain(classify(hostile));
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
