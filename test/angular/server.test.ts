import '@angular/compiler';
import { NEVER, of } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { withResilience } from '../../src/angular/index.js';
import { constant, resiliencePipeline } from '../../src/index.js';
import { answers, Backend, failing, later, ok } from './application.js';
import { inTime } from './in-time.js';

const platform = 'server';
const pipeline = (name: string) =>
  resiliencePipeline({ name, deadline: 30_000, attemptDeadline: 10_000, retry: { backoff: constant(10), maxRetries: 3 }, bulkhead: { maxConcurrent: 1, queue: 5 } });

describe('on a server', () => {
  it('a request that hangs has 2,000 ms', inTime(({ app, flush, watch }) => {
    const backend = answers(NEVER);
    const [usual, own] = [{}, { resilience: { pipeline } }].map((options) => watch(app(backend, { platform, ...options }).http.get('/x')));
    flush();
    expect([usual!.log, own!.log]).toStrictEqual([['2000 !504 DeadlineExceededError'], ['2000 !504 DeadlineExceededError']]);
    expect(backend.active).toBe(0);
  }));

  it.each([
    [500, '500 !504 DeadlineExceededError'],
    [5_000, '2000 !504 DeadlineExceededError'],
  ])('a deadline of %i ms only shortens that', (deadline, end) => {
    inTime(({ app, flush, watch }) => {
      const seen = watch(app(answers(NEVER), { platform }).http.get('/x', { context: withResilience({ deadline }) }));
      flush();
      expect(seen.log).toStrictEqual([end]);
    })();
  });

  it.each([
    ['GET', 2],
    ['POST', 1],
  ])('%s makes %i requests', (method, requests) => {
    inTime(({ app, flush, watch }) => {
      const backend = answers(failing(503));
      watch(app(backend, { platform, resilience: { pipeline } }).http.request(method, '/x'));
      flush();
      expect(backend.count).toBe(requests);
    })();
  });

  it('a retry that makes fewer makes fewer', inTime(({ app, flush, watch }) => {
    const backend = answers(failing(503));
    watch(app(backend, { platform, resilience: { pipeline: (name) => resiliencePipeline({ name, retry: { maxRetries: 0 } }) } }).http.get('/x'));
    flush();
    expect(backend.count).toBe(1);
  }));

  it('nobody waits in a queue for more than 500 ms', inTime(({ app, flush, watch }) => {
    const { http } = app(answers(NEVER), { platform, resilience: { pipeline } });
    const [first, second] = [watch(http.get('/x')), watch(http.get('/x'))];
    flush();
    expect(first.log).toStrictEqual(['2000 !504 DeadlineExceededError']);
    expect(second.log).toStrictEqual(['500 !503 BulkheadFullError']);
  }));

  it('a fallback answers when the time is over, and may take 250 ms', inTime(({ app, flush, watch }) => {
    const get = (ms: number) => {
      const quick = (name: string) => resiliencePipeline({ name, deadline: 30_000, fallback: () => later(ms, of('instead')) });
      return watch(app(answers(NEVER), { platform, resilience: { pipeline: quick } }).http.get('/x'));
    };
    const [at0, at249, at1000] = [get(0), get(249), get(1_000)];
    flush();
    expect([at0.log, at249.log, at1000.log]).toStrictEqual([
      ['2000 instead', '2000 |'],
      ['2249 instead', '2249 |'],
      ['2250 !504 DeadlineExceededError'],
    ]);
  }));

  it('a request that is bypassed has no limit', inTime(({ app, flush, watch }) => {
    const seen = watch(app(answers(ok('late', 60_000)), { platform }).http.get('/x', { context: withResilience(false) }));
    flush();
    expect(seen.log).toStrictEqual(['60000 late', '60000 |']);
  }));

  it('a breaker learns of what hangs', inTime(({ app, flush, watch }) => {
    const kept = resiliencePipeline({ name: 'x', deadline: 30_000, breaker: { failureThreshold: 1 } });
    watch(app(answers(NEVER), { platform, resilience: { pipeline: () => kept } }).http.get('/x'));
    flush();
    expect(kept.parts.breaker.metrics().failures).toBe(1);
  }));
});

describe('where Angular itself says that it renders on a server', () => {
  const realm = globalThis as { ngServerMode?: boolean | undefined };
  afterEach(() => {
    delete realm.ngServerMode;
  });

  it.each([
    [true, '2000 !504 DeadlineExceededError'],
    [false, '30000 !504 DeadlineExceededError'],
    [undefined, '30000 !504 DeadlineExceededError'],
  ])('ngServerMode %s', (mode, end) => {
    realm.ngServerMode = mode;
    inTime(({ app, flush, watch }) => {
      const seen = watch(app(new Backend(() => NEVER), { resilience: { pipeline: (name) => resiliencePipeline({ name, deadline: 30_000 }) } }).http.get('/x'));
      flush();
      expect(seen.log).toStrictEqual([end]);
    })();
  });
});
