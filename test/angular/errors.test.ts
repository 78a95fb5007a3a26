import '@angular/compiler';
import { HttpErrorResponse, HttpHeaders } from '@angular/common/http';
import { NEVER, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { asHttpError } from '../../src/angular/http-error.js';
import { withResilience } from '../../src/angular/index.js';
import { CircuitOpenError, constant, isCircuitOpenError, resiliencePipeline, RetryExhaustedError } from '../../src/index.js';
import { answers, Backend, failing } from './application.js';
import { inTime } from './in-time.js';
import { Page } from './page.js';

const open = (retryAfter?: number) => new CircuitOpenError('x', { reason: 'open', retryAfter } as never, undefined, undefined);
const gaveUp = (cause: unknown) => new RetryExhaustedError('x', 3, 'attempts', cause);

describe('a refusal', () => {
  it('is an HttpErrorResponse with our error, the address and a Retry-After that is rounded up', inTime(({ app, at, flush, watch }) => {
    const pipeline = (name: string) => resiliencePipeline({ name, breaker: { failureThreshold: 1, breakDuration: 1_500 } });
    const { http } = app(answers(failing(503)), { resilience: { pipeline } });
    const seen: { error: unknown }[] = [];
    const get = () => seen.push(watch(http.get('/api/x', { params: { a: 'b' } })));
    get();
    at(2, get);
    flush();
    const error = seen[1]!.error as HttpErrorResponse;
    expect(error).toBeInstanceOf(HttpErrorResponse);
    const { headers, status, statusText, url } = error;
    expect({ status, statusText, url }).toStrictEqual({ status: 503, statusText: 'CircuitOpenError', url: '/api/x?a=b' });
    expect(headers.get('Retry-After')).toBe('2');
    expect(isCircuitOpenError(error)).toBe(true);
    expect(error.error).toBeInstanceOf(CircuitOpenError);
  }));

  it('is our own error where errors are raw', inTime(({ app, at, flush, watch }) => {
    const pipeline = (name: string) => resiliencePipeline({ name, breaker: { failureThreshold: 1 } });
    const { http } = app(answers(failing(503)), { resilience: { pipeline, errors: 'raw' } });
    watch(http.get('/x'));
    let seen: ReturnType<typeof watch>;
    at(2, () => (seen = watch(http.get('/x'))));
    flush();
    expect(seen!.error).toBeInstanceOf(CircuitOpenError);
  }));

  it('of a full bulkhead has no Retry-After', inTime(({ app, flush, watch }) => {
    const { http } = app(answers(NEVER), { resilience: { pipeline: (name) => resiliencePipeline({ name, bulkhead: 1, attemptDeadline: 10 }) } });
    watch(http.get('/x'));
    const seen = watch(http.get('/x'));
    expect(seen.log).toStrictEqual(['0 !503 BulkheadFullError']);
    expect((seen.error as HttpErrorResponse).headers.keys()).toStrictEqual([]);
    flush();
  }));

  it('is not tried again, by the pipeline or around it', inTime(({ app, flush, watch }) => {
    const backend = answers(failing(500));
    const pipeline = (name: string) =>
      resiliencePipeline({ name, retry: { backoff: constant(1), maxRetries: 5 }, breaker: { failureThreshold: 1 } });
    const outer = resiliencePipeline({ name: 'outer', retry: { backoff: constant(1), maxRetries: 5 } });
    const seen = watch(app(backend, { resilience: { pipeline } }).http.get('/x').pipe(outer));
    flush();
    expect(backend.count).toBe(1);
    expect(seen.log).toStrictEqual(['2 !503 CircuitOpenError']);
  }));
});

describe('an expired deadline', () => {
  it('is a 504 that has ended the request on the network', inTime(({ app, flush, watch }) => {
    const backend = answers(NEVER);
    const seen = watch(app(backend, { resilience: { pipeline: (name) => resiliencePipeline({ name, deadline: 100 }) } }).http.get('/x'));
    flush();
    expect(seen.log).toStrictEqual(['100 !504 DeadlineExceededError']);
    expect([backend.active, backend.cancelled]).toStrictEqual([0, 1]);
  }));

  it('is one of the policies even where nothing was sent', inTime(({ app, flush, watch }) => {
    const backend = answers(NEVER);
    const seen = watch(app(backend).http.get('/x', { context: withResilience({ deadline: 0 }) }));
    flush();
    expect(seen.log).toStrictEqual(['0 !504 DeadlineExceededError']);
    expect(backend.count).toBe(0);
  }));
});

describe('any other error is the same object', () => {
  const body = { '~resilience': true, '~rejected': true, code: 'CIRCUIT_OPEN', name: 'CircuitOpenError', retryAfter: 1e9 };
  it.each([
    ['of a server', new HttpErrorResponse({ status: 500 })],
    ['of a server that says it were one of ours', new HttpErrorResponse({ status: 500, error: body })],
    ['one of ours that another interceptor has put into one', new HttpErrorResponse({ status: 503, error: open(5) })],
    ['a 401', new HttpErrorResponse({ status: 401 })],
    ['one that was caused by one of ours', new Error('mine', { cause: open() })],
    ['a retry that gave up on an answer', gaveUp(new HttpErrorResponse({ status: 503 }))],
    ['nothing', undefined],
    ['null', null],
    ['a text', 'text'],
  ])('%s', (_title, error) => {
    expect(asHttpError(error, '/x')).toBe(error);
  });

  it('through a pipeline as well', inTime(({ app, flush, watch }) => {
    const error = new HttpErrorResponse({ status: 401, headers: new HttpHeaders({ 'WWW-Authenticate': 'Bearer' }) });
    const seen = watch(app(new Backend(() => throwError(() => error))).http.get('/x'));
    flush();
    expect(seen.error).toBe(error);
  }));
});

describe('what an error says of its dependency', () => {
  const notJson = { error: new SyntaxError('no JSON'), text: 'OK' };
  const code = (name: string) => Object.assign(new Error('x'), { code: name });
  const fetchFailed = (cause: unknown) => new TypeError('fetch failed', { cause });

  it.each<[string, object, number, string]>([
    ['an answer with a text that is no JSON', { status: 200, error: notJson }, 1, 'successes'],
    ['an answer that has not changed', { status: 304 }, 1, 'successes'],
    ['a redirect', { status: 302, error: { code: 'ECONNRESET', name: 'TimeoutError' } }, 1, 'successes'],
    ['a proxy without an answer', { status: 522 }, 3, 'failures'],
    ['an answer that has taken too long', { status: 200, error: new DOMException('x', 'TimeoutError') }, 3, 'failures'],
    ['no network', { status: 0, error: new TypeError('Failed to fetch') }, 3, 'failures'],
    ['a certificate that is not valid', { status: 0, error: fetchFailed(code('CERT_HAS_EXPIRED')) }, 1, 'failures'],
    ['a blocked port', { status: 0, error: fetchFailed(new Error('bad port')) }, 1, 'ignored'],
    ['a header that is refused', { status: 0, error: fetchFailed(code('UND_ERR_INVALID_ARG')) }, 1, 'ignored'],
  ])('%s', (_title, facts, tries, counted) => {
    inTime(({ app, flush, watch }) => {
      const error = new HttpErrorResponse({ url: '/x', ...facts });
      const backend = new Backend(() => throwError(() => error));
      const pipeline = resiliencePipeline({ name: 'x', retry: { backoff: constant(1), maxRetries: 2 }, breaker: { failureThreshold: 9 } });
      const seen = watch(app(backend, { resilience: { pipeline: () => pipeline as never } }).http.put('/x', {}));
      flush();
      expect(seen.error).toBe(error);
      expect(backend.count).toBe(tries);
      expect(pipeline.parts.breaker.metrics()).toMatchObject({ successes: 0, failures: 0, ignored: 0, [counted]: tries });
    })();
  });

  it('nothing where it throws, also while the device is offline', inTime(({ app, flush }) => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const page = new Page();
    page.goOffline();
    const { http } = app(new Backend(() => throwError(() => proxy)), { page });
    const seen: boolean[] = [];
    http.post('/x', {}).subscribe({ error: (error: unknown) => seen.push(error === proxy) });
    flush();
    expect(seen).toStrictEqual([true]);
  }));
});

describe('asHttpError', () => {
  it('shows no credentials of the URL', () => {
    const { message, url } = asHttpError(open(1), 'https://user:hunter2@a.example/x?y=@') as HttpErrorResponse;
    expect(url).toBe('https://a.example/x?y=@');
    expect(message).not.toContain('hunter2');
  });

  it('knows a retry that gave up on one of ours', () => {
    const error = asHttpError(gaveUp(open(1)), '/x') as HttpErrorResponse;
    expect([error.status, error.statusText]).toStrictEqual([503, 'RetryExhaustedError']);
  });

  it.each([[0, '0'], [1, '1'], [1_000, '1'], [1_001, '2']])('rounds %i ms up', (ms, header) => {
    const error = asHttpError(open(ms), '/x') as HttpErrorResponse;
    expect(error.headers.get('retry-after')).toBe(header);
  });

  it('knows one of another copy of the library by its brand', () => {
    class Theirs extends Error {
      override readonly name = 'RateLimitedError';
      readonly code = 'RATE_LIMITED';
      get '~resilience'(): true {
        return true;
      }
      get '~rejected'(): true {
        return true;
      }
    }
    expect((asHttpError(new Theirs(), '/x') as HttpErrorResponse).status).toBe(429);
  });
});
