import '@angular/compiler';
import { HttpHeaders, type HttpInterceptorFn, type HttpRequest, HttpResponse } from '@angular/common/http';
import { computed, inject, InjectionToken, signal } from '@angular/core';
import { EMPTY, NEVER, of, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { withResilience } from '../../src/angular/index.js';
import { constant, resiliencePipeline } from '../../src/index.js';
import { answers, Backend, failing, ok, withProgress } from './application.js';
import { inTime } from './in-time.js';

/** As the standard one, with delays that are known. */
const pipeline = (name: string) =>
  resiliencePipeline({ name, deadline: 1_000, retry: { backoff: constant(10), maxRetries: 2 }, breaker: { failureThreshold: 3 } });

describe('a request', () => {
  it('is answered through the standard pipeline where nothing was provided', inTime(({ app, flush, watch }) => {
    const backend = answers(ok({ id: 1 }));
    const seen = watch(app(backend).http.get('/api/x'));
    flush();
    expect(seen.log).toStrictEqual(['1 {"id":1}', '1 |']);
    expect([backend.count, backend.cancelled]).toStrictEqual([1, 0]);
  }));

  it('is not sent before somebody subscribes, and anew by each who does', inTime(({ app, flush, watch }) => {
    const backend = answers(ok());
    const get = app(backend).http.get('/api/x');
    expect(backend.count).toBe(0);
    watch(get);
    watch(get);
    flush();
    expect(backend.count).toBe(2);
  }));

  it('shows every event in order, those of a failed try too', inTime(({ app, flush, watch }) => {
    const backend = answers(failing(503), withProgress());
    const seen = watch(app(backend, { resilience: { pipeline } }).http.get('/api/x', { observe: 'events', reportProgress: true }));
    flush();
    expect(seen.log).toStrictEqual(['0 Sent', '11 Sent', '11 DownloadProgress', '12 response 200 body', '12 |']);
  }));

  it('passes a completion without a response', inTime(({ app, flush, watch }) => {
    const backend = answers(EMPTY);
    const seen = watch(app(backend, { resilience: { pipeline } }).http.get('/api/x', { observe: 'events' }));
    flush();
    expect(seen.log).toStrictEqual(['0 Sent', '0 |']);
  }));

  it('ends with what the next handler throws', inTime(({ app, flush, watch }) => {
    const thrown = new TypeError('in an interceptor');
    const interceptor: HttpInterceptorFn = () => {
      throw thrown;
    };
    const seen = watch(app(answers(ok()), { resilience: { pipeline }, interceptors: [interceptor] }).http.get('/api/x'));
    flush();
    expect(seen.error).toBe(thrown);
  }));

  it('is bypassed by withResilience(false)', inTime(({ app, flush, watch }) => {
    const made: string[] = [];
    const backend = answers(failing(503));
    const { http } = app(backend, { resilience: { pipeline: (key) => (made.push(key), pipeline(key)) } });
    const seen = watch(http.get('/api/x', { context: withResilience(false) }));
    flush();
    expect(seen.log).toStrictEqual(['1 !503']);
    expect([backend.count, made]).toStrictEqual([1, []]);
    expect(backend.requests[0]!.headers.keys()).toStrictEqual([]);
  }));
});

describe('each try', () => {
  it('goes anew, with a clone of its own, through the interceptors behind, which may inject', inTime(({ app, flush, watch }) => {
    const TOKEN = new InjectionToken<() => number>('token');
    const seen: HttpRequest<unknown>[] = [];
    let tokens = 0;
    const signed: HttpInterceptorFn = (request, next) => {
      seen.push(request);
      return next(request.clone({ setHeaders: { Authorization: `Bearer ${inject(TOKEN)()}` } }));
    };
    const backend = answers(failing(503), failing(503), ok());
    const { http } = app(backend, {
      resilience: { pipeline },
      interceptors: [signed],
      providers: [{ provide: TOKEN, useValue: () => ++tokens }],
    });
    const got = watch(http.get('/api/x'));
    flush();
    expect(got.log).toStrictEqual(['23 body', '23 |']);
    expect(backend.requests.map(({ headers }) => headers.get('Authorization'))).toStrictEqual(['Bearer 1', 'Bearer 2', 'Bearer 3']);
    expect(new Set(seen).size).toBe(3);
  }));

  it('is read by no computed value that subscribes the request', inTime(({ app, flush }) => {
    const token = signal('a');
    const signed: HttpInterceptorFn = (request, next) => next(request.clone({ setHeaders: { Token: token() } }));
    const backend = answers(ok('body', 0));
    const { http } = app(backend, {
      interceptors: [signed],
      resilience: { key: () => token(), pipeline: (key) => (token(), pipeline(key)), propagateTo: () => token() === '' },
    });
    const answered = computed(() => {
      let value: unknown;
      http.get('/api/x').subscribe((body) => (value = body));
      return value;
    });
    expect(answered()).toBe('body');
    token.set('b');
    expect(answered()).toBe('body');
    expect(backend.count).toBe(1);
    flush();
  }));

  it('repeats a body', inTime(({ app, flush, watch }) => {
    const backend = answers(failing(503), ok());
    watch(app(backend, { resilience: { pipeline } }).http.put('/api/x', { a: 1 }));
    flush();
    expect(backend.requests.map(({ body }) => body)).toStrictEqual([{ a: 1 }, { a: 1 }]);
  }));
});

describe('what is tried again', () => {
  const key = new HttpHeaders({ 'Idempotency-Key': 'k' });
  it.each([
    ['GET', {}, 3],
    ['get', {}, 3],
    ['HEAD', {}, 3],
    ['OPTIONS', {}, 3],
    ['PUT', {}, 3],
    ['DELETE', {}, 3],
    ['POST', {}, 1],
    ['PATCH', {}, 1],
    ['JSONP', {}, 1],
    ['QUERY', {}, 1],
    ['POST', { headers: key }, 3],
    ['POST', { headers: new HttpHeaders({ 'idempotency-key': 'k' }) }, 3],
    ['POST', { headers: new HttpHeaders({ 'Idempotency-Key': '' }) }, 1],
    ['POST', { context: withResilience({ idempotent: true }) }, 3],
    ['GET', { context: withResilience({ idempotent: false }) }, 1],
    ['POST', { headers: key, context: withResilience({ idempotent: false }) }, 1],
  ] as const)('%s %j: %i requests', (method, options, requests) => {
    inTime(({ app, flush, watch }) => {
      const backend = answers(failing(503));
      const seen = watch(app(backend, { resilience: { pipeline } }).http.request(method, '/api/x', options));
      flush();
      expect(backend.count).toBe(requests);
      expect(seen.log.at(-1)).toMatch(/ !503$/);
    })();
  });

  it.each([
    [0, 3], [408, 3], [425, 3], [429, 3], [500, 3], [502, 3], [503, 3], [504, 3],
    [400, 1], [401, 1], [403, 1], [404, 1], [409, 1], [422, 1], [501, 1],
  ])('a %i: %i requests, and the error is the object that came', (status, requests) => {
    inTime(({ app, flush, watch }) => {
      const backend = answers(failing(status));
      const seen = watch(app(backend, { resilience: { pipeline } }).http.get('/api/x'));
      flush();
      expect(backend.count).toBe(requests);
      expect(seen.log).toStrictEqual([`${1 + 11 * (requests - 1)} !${status}`]);
      expect(seen.error).toBe(backend.error);
    })();
  });

  it('waits for as long as Retry-After asks, and gives up at once where the deadline comes first', inTime(({ app, flush, watch }) => {
    const patient = (name: string) => resiliencePipeline({ name, deadline: 10_000, retry: { backoff: constant(0), random: () => 0 } });
    const get = (deadline?: number) =>
      watch(app(answers(failing(503, { 'Retry-After': '2' }), ok()), { resilience: { pipeline: patient } }).http.get('/api/x', {
        context: withResilience({ deadline }),
      }));
    const [whole, short] = [get(), get(1_500)];
    flush();
    expect(whole.log).toStrictEqual(['2002 body', '2002 |']);
    expect(short.log).toStrictEqual(['1 !503']);
  }));
});

describe('who leaves', () => {
  it('cancels the request, which is neither success nor failure, and gives the permit back', inTime(({ app, at, flush, watch }) => {
    const kept = resiliencePipeline({ name: 'x', breaker: { failureThreshold: 1 }, bulkhead: 1 });
    const backend = answers(NEVER);
    const { http } = app(backend, { resilience: { pipeline: () => kept } });
    const { subscription } = watch(http.get('/api/x', { observe: 'events' }));
    at(50, () => {
      expect(kept.parts.bulkhead.active).toBe(1);
      subscription.unsubscribe();
    });
    flush();
    expect([backend.active, backend.cancelled, kept.parts.bulkhead.active]).toStrictEqual([0, 1, 0]);
    const { abandoned, calls, failures, successes } = kept.metrics().breaker;
    expect({ abandoned, calls, failures, successes }).toStrictEqual({ abandoned: 1, calls: 1, failures: 0, successes: 0 });
  }));

  it('after the response is a success', inTime(({ app, flush, watch }) => {
    const kept = resiliencePipeline({ name: 'x', breaker: {} });
    const backend = new Backend(() => of(new HttpResponse({ body: 'a' })));
    watch(app(backend, { resilience: { pipeline: () => kept } }).http.get('/api/x').pipe(take(1)));
    flush();
    expect(kept.metrics().breaker.successes).toBe(1);
  }));

  it('at the first event, while the request is being sent, leaves nothing', inTime(({ app, flush, watch }) => {
    const kept = resiliencePipeline({ name: 'x', breaker: {}, bulkhead: 1 });
    const backend = answers(NEVER);
    const seen = watch(app(backend, { resilience: { pipeline: () => kept } }).http.get('/api/x', { observe: 'events' }).pipe(take(1)));
    flush();
    expect(seen.log).toStrictEqual(['0 Sent', '0 |']);
    expect([backend.active, backend.cancelled, kept.parts.bulkhead.active]).toStrictEqual([0, 1, 0]);
    expect(kept.metrics().breaker).toMatchObject({ abandoned: 1, successes: 0, failures: 0 });
  }));

  it('during the wait before a retry sends nothing more', inTime(({ app, at, flush, watch }) => {
    const backend = answers(failing(503), ok());
    const { subscription } = watch(app(backend, { resilience: { pipeline } }).http.get('/api/x'));
    at(5, () => subscription.unsubscribe());
    flush();
    expect(backend.count).toBe(1);
  }));
});

describe('only a response is a value', () => {
  it('a breaker that settles on the first value is not closed by progress', inTime(({ app, at, flush, watch }) => {
    const kept = resiliencePipeline({
      name: 'x',
      breaker: { failureThreshold: 1, breakDuration: 10, successThreshold: 1, settleOn: 'firstValue' },
    });
    const backend = answers(failing(503), NEVER, ok());
    const { http } = app(backend, { resilience: { pipeline: () => kept } });
    watch(http.get('/api/x'));
    let probe: ReturnType<typeof watch>;
    at(20, () => (probe = watch(http.get('/api/x', { observe: 'events' }))));
    at(30, () => {
      expect(probe.log).toStrictEqual(['20 Sent']);
      expect(kept.parts.breaker.state).toBe('half-open');
      probe.subscription.unsubscribe();
      expect(kept.parts.breaker.state).toBe('half-open');
    });
    at(40, () => watch(http.get('/api/x')));
    flush();
    expect(kept.parts.breaker.state).toBe('closed');
  }));

  it('no event counts the tries anew, repeats output or keeps a deadline to the first value', inTime(({ app, flush, watch }) => {
    const kept = resiliencePipeline({
      name: 'x',
      retry: { backoff: constant(1), maxRetries: 2, resetOnValue: true, afterValue: 'fail' },
      attemptDeadline: { within: 50, until: 'firstValue' },
    });
    const backend = answers(NEVER);
    const seen = watch(app(backend, { resilience: { pipeline: () => kept } }).http.get('/api/x'));
    flush();
    expect(backend.count).toBe(3);
    expect(seen.log).toStrictEqual(['152 !504 DeadlineExceededError']);
  }));
});
