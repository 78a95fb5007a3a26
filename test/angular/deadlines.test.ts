import '@angular/compiler';
import { HttpClient, HttpResponse } from '@angular/common/http';
import { concat, concatMap, defer, EMPTY, NEVER, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { withResilience } from '../../src/angular/index.js';
import { constant, currentContext, runInContext, resiliencePipeline, withDeadline } from '../../src/index.js';
import { answers, Backend, failing, later, ok, progress } from './application.js';
import { inTime } from './in-time.js';

const get = (http: HttpClient, deadline?: number) => http.get('/x', { context: withResilience({ deadline }) });

describe('the deadline of a request', () => {
  it.each([
    ['shortens that of its pipeline', 100, '100 !504 DeadlineExceededError'],
    ['never prolongs it', 5_000, '1000 !504 DeadlineExceededError'],
    ['may be the same', 1_000, '1000 !504 DeadlineExceededError'],
    ['may be left out', undefined, '1000 !504 DeadlineExceededError'],
  ])('%s', (_title, deadline, end) => {
    inTime(({ app, flush, watch }) => {
      const { http } = app(answers(NEVER), { resilience: { pipeline: (name) => resiliencePipeline({ name, deadline: 1_000 }) } });
      const seen = watch(get(http, deadline));
      flush();
      expect(seen.log).toStrictEqual([end]);
    })();
  });

  it('holds where its pipeline has none', inTime(({ app, flush, watch }) => {
    const { http } = app(answers(NEVER), { resilience: { pipeline: (name) => resiliencePipeline({ name, breaker: {} }) } });
    const seen = watch(get(http, 100));
    flush();
    expect(seen.log).toStrictEqual(['100 !504 DeadlineExceededError']);
  }));

  it('covers every try and wait, and ends a wait that would be too long at once', inTime(({ app, flush, watch }) => {
    const backend = answers(failing(503, {}, 30));
    const pipeline = (name: string) => resiliencePipeline({ name, retry: { backoff: constant(30), maxRetries: 9 } });
    const seen = watch(get(app(backend, { resilience: { pipeline } }).http, 100));
    flush();
    expect(seen.log).toStrictEqual(['90 !503']);
    expect(backend.count).toBe(2);
  }));

  it('is answered by the fallback of the pipeline, as the pipeline\'s own is', inTime(({ app, flush, watch }) => {
    const pipeline = (name: string) => resiliencePipeline({ name, deadline: 1_000, fallback: () => of('instead') });
    const { http } = app(answers(NEVER), { resilience: { pipeline } });
    const [short, usual] = [watch(get(http, 100)), watch(get(http))];
    flush();
    expect(short.log).toStrictEqual(['100 instead', '100 |']);
    expect(usual.log).toStrictEqual(['1000 instead', '1000 |']);
  }));

  it('leaves the fallback its own time, and asks it once', inTime(({ app, flush, watch }) => {
    let asked = 0;
    const pipeline = (name: string) =>
      resiliencePipeline({ name, deadline: 1_000, fallback: () => (asked++, defer(() => later(50, of(currentContext().deadline)))) });
    const { http } = app(answers(failing(503, {}, 80)), { resilience: { pipeline } });
    const seen = watch(get(http, 100));
    flush();
    expect(seen.log).toStrictEqual(['130 null', '130 |']);
    expect(asked).toBe(1);
  }));

  it('opens a breaker where a dependency hangs, though it is much shorter than that of the pipeline', inTime(({ app, at, flush, watch }) => {
    const pipeline = (name: string) => resiliencePipeline({ name, deadline: 30_000, breaker: { failureThreshold: 2 } });
    const { http } = app(answers(NEVER), { resilience: { pipeline } });
    watch(get(http, 800));
    watch(get(http, 800));
    at(900, () => (seen = watch(get(http, 800))));
    let seen: ReturnType<typeof watch>;
    flush();
    expect(seen!.log).toStrictEqual(['900 !503 CircuitOpenError']);
  }));

  it('is no longer than one that the context brings along, which opens no breaker by being short', inTime(({ app, flush, watch }) => {
    const kept = resiliencePipeline({ name: 'x', deadline: 1_000, breaker: { failureThreshold: 1 } });
    const { http } = app(answers(NEVER), { resilience: { pipeline: () => kept } });
    const seen = watch(get(http, 500).pipe(withDeadline({ within: 1_000 }), (source) => source.pipe(withDeadline(50))));
    flush();
    expect(seen.log).toStrictEqual(['50 !DeadlineExceededError']);
    expect(kept.metrics().deadline.expired).toBe(0);
  }));
});

describe('a deadline that lets a write finish', () => {
  it('ends the request for the application only, which hears nothing more of it', inTime(({ app, at, flush, watch }) => {
    const kept = resiliencePipeline({ name: 'x', bulkhead: 1, deadline: { within: 50, onExpire: 'detach' } });
    const backend = new Backend(() => concat(later(80, of(progress(1))), ok('done', 20)));
    const seen = watch(app(backend, { resilience: { pipeline: () => kept } }).http.post('/x', {}, { observe: 'events', reportProgress: true }));
    at(70, () => expect([backend.active, kept.parts.bulkhead.active]).toStrictEqual([1, 1]));
    flush();
    expect(seen.log).toStrictEqual(['0 Sent', '50 !504 DeadlineExceededError']);
    expect([backend.active, backend.cancelled, kept.parts.bulkhead.active]).toStrictEqual([0, 0, 0]);
  }));
});

describe('a fallback in the pipeline of a key', () => {
  const request = (fallback: unknown) =>
    (body: (seen: { readonly values: readonly unknown[]; readonly log: readonly string[]; readonly error: unknown }) => void) =>
      inTime(({ app, flush, watch }) => {
        const pipeline = (name: string) => resiliencePipeline({ name, fallback: fallback as () => typeof EMPTY });
        const seen = watch(app(answers(failing(503)), { resilience: { pipeline } }).http.get('/api/x?a=1', { observe: 'response' }));
        flush();
        body(seen);
      });

  it('gives the body of a response', request(() => of({ items: [] }))(({ values: [response] }) => {
    expect(response).toBeInstanceOf(HttpResponse);
    const { body, ok, status, url } = response as HttpResponse<unknown>;
    expect({ body, ok, status, url }).toStrictEqual({ body: { items: [] }, ok: true, status: 200, url: '/api/x?a=1' });
  }));

  it.each([null, 0, '', false, undefined])('gives %j as a body, too', (value) => {
    request(() => of(value))(({ values: [response] }) => {
      expect((response as HttpResponse<unknown>).body).toBe(value ?? null);
    })();
  });

  const kept = new HttpResponse({ body: 'kept', status: 203 });
  it('gives a response itself', request(() => of(kept))(({ values }) => {
    expect(values).toStrictEqual([kept]);
    expect(values[0]).toBe(kept);
  }));

  it('fails as it fails', request(() => throwError(() => new RangeError('no')))(({ error }) => {
    expect(error).toStrictEqual(new RangeError('no'));
  }));

  it('may have nothing to say', request(() => EMPTY)(({ log }) => {
    expect(log).toStrictEqual(['1 |']);
  }));

  it('may be another request, which has policies of its own', inTime(({ app, flush, watch }) => {
    const backend = new Backend(({ url }) => (url === '/main' ? failing(503) : ok(`from ${url}`)));
    const { http } = app(backend, {
      resilience: { key: ({ url }) => url, pipeline: (name) => resiliencePipeline({ name, retry: { backoff: constant(1) }, fallback: () => http.get('/other') }) },
    });
    const seen = watch(http.post('/main', {}));
    flush();
    expect(seen.log).toStrictEqual(['2 from /other', '2 |']);
  }));

  it('answers for a refusal, and for no 401', inTime(({ app, at, flush, watch }) => {
    const pipeline = (name: string) => resiliencePipeline({ name, breaker: { failureThreshold: 1 }, fallback: () => of('instead') });
    const { http } = app(answers(failing(401), failing(503)), { resilience: { pipeline } });
    const seen: ReturnType<typeof watch>[] = [];
    for (const ms of [0, 10, 20]) at(ms, () => seen.push(watch(http.get('/x'))));
    flush();
    expect(seen.map(({ log }) => log[0])).toStrictEqual(['1 !401', '11 instead', '20 instead']);
  }));
});

describe('the context', () => {
  it('of a request has its priority, for queues and shedders, and the number of the try', inTime(({ app, flush, watch }) => {
    const seen: unknown[] = [];
    const pipeline = (name: string) => resiliencePipeline({ name, retry: { backoff: constant(0), maxRetries: 1 } });
    const backend = new Backend(() => {
      const { attempt, priority } = currentContext();
      seen.push({ attempt, priority });
      return failing(503);
    });
    watch(app(backend, { resilience: { pipeline } }).http.get('/x', { context: withResilience({ priority: 'sheddable' }) }));
    flush();
    expect(seen).toStrictEqual([{ attempt: 1, priority: 'sheddable' }, { attempt: 2, priority: 'sheddable' }]);
  }));

  it('of a fallback has the priority of its request, and not its deadline', inTime(({ app, flush, watch }) => {
    const fallback = () => defer(() => of(currentContext()));
    const { http } = app(answers(failing(503)), { resilience: { pipeline: (name) => resiliencePipeline({ name, deadline: 100, fallback }) } });
    const seen = watch(http.get('/x', { context: withResilience({ priority: 'sheddable' }) }));
    flush();
    expect(seen.values).toStrictEqual([{ attempt: 1, priority: 'sheddable' }]);
  }));

  it.each([0, 1])('of the consumer is its own again, for every event (%i ms)', (ms) => {
    inTime(({ app, flush }) => {
      const tags = { mine: true };
      const { http } = app(answers(ok('a', ms), failing(404, {}, ms)));
      const request = () => http.get('/x', { observe: 'events', context: withResilience({ priority: 'sheddable', deadline: 500 }) });
      const seen: unknown[] = [];
      const note = () => seen.push(currentContext());
      for (let i = 0; i < 2; i++) runInContext({ tags }, () => request().subscribe({ next: note, error: note, complete: note }));
      flush();
      expect(seen).toHaveLength(5);
      expect(new Set(seen.map((context) => JSON.stringify(context)))).toStrictEqual(new Set([JSON.stringify({ attempt: 1, tags })]));
    })();
  });

  it('of a write leaves the retries of what comes after it', inTime(({ app, flush, watch }) => {
    const backend = answers(ok(), failing(503), ok('read'));
    const pipeline = (name: string) => resiliencePipeline({ name, retry: { backoff: constant(1) } });
    const { http } = app(backend, { resilience: { pipeline } });
    const seen = watch(http.post('/x', {}).pipe(concatMap(() => http.get('/x'))));
    flush();
    expect(seen.log).toStrictEqual(['4 read', '4 |']);
  }));

  it('with a signal that aborts ends the request', inTime(({ app, at, flush, watch }) => {
    const controller = new AbortController();
    const backend = answers(NEVER);
    const { http } = app(backend, { resilience: { pipeline: (name) => resiliencePipeline({ name, breaker: {}, fallback: () => of('never') }) } });
    const seen = runInContext({ signal: controller.signal }, () => watch(get(http, 100)));
    at(20, () => controller.abort());
    flush();
    expect(seen.log).toStrictEqual(['20 !AbortError']);
    expect(backend.cancelled).toBe(1);
  }));
});
