import '@angular/compiler';
import { delayWhen, NEVER, of, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { withResilience } from '../../src/angular/index.js';
import { constant, loadShedder, resiliencePipeline, retryWithBackoff } from '../../src/index.js';
import { answers, Backend, failing, ok } from './application.js';
import { inTime } from './in-time.js';
import { Page } from './page.js';

const usual = () =>
  resiliencePipeline({
    name: 'x',
    deadline: 1_000,
    retry: { backoff: constant(10), maxRetries: 2 },
    breaker: { failureThreshold: 1, breakDuration: 50 },
    bulkhead: 1,
  });

/** A backend that cannot be reached while the page is offline. */
const reachable = (page: Page, status = 0) => new Backend(() => (page.defaultView.navigator.onLine ? ok() : failing(status)));

describe('while the device is offline', () => {
  it.each([0, 504])('a %i is ignored by breakers, and a read is made again once it is online', (status) => {
    inTime(({ app, at, flush, watch }) => {
      const page = new Page();
      const kept = usual();
      const backend = reachable(page, status);
      const { http } = app(backend, { page, resilience: { pipeline: () => kept } });
      page.goOffline();
      const seen = watch(http.get('/x'));
      at(100, () => {
        expect([backend.count, page.listeners]).toStrictEqual([1, 1]);
        // It holds nothing while it waits.
        expect(kept.parts.bulkhead.active).toBe(0);
      });
      at(300, () => page.goOnline());
      flush();
      expect(seen.log).toStrictEqual(['301 body', '301 |']);
      expect(backend.count).toBe(2);
      expect(page.listeners).toBe(0);
      const { breaker, retry } = kept.metrics();
      expect(breaker).toMatchObject({ calls: 2, ignored: 1, successes: 1, failures: 0, abandoned: 0 });
      expect(retry).toMatchObject({ retries: 0, recovered: 0 });
    })();
  });

  it('what waits ends with the application, whose window keeps nothing of it', inTime(({ app, at, flush, watch }) => {
    const page = new Page();
    const backend = reachable(page);
    const { http, destroy } = app(backend, { page, resilience: { pipeline: (name) => resiliencePipeline({ name, retry: {} }) } });
    page.goOffline();
    const [waiting, left] = [watch(http.get('/x')), watch(http.get('/x'))];
    const later = watch(http.get('/x').pipe(delayWhen(() => NEVER)));
    at(50, () => left.subscription.unsubscribe());
    at(100, () => {
      expect(page.listeners).toBe(2);
      destroy();
      expect(page.listeners).toBe(0);
      page.goOnline();
    });
    flush();
    expect([waiting.log, later.log, backend.count]).toStrictEqual([['100 !0'], ['100 !0'], 3]);
  }));

  it('what fails after the application has ended does not wait', inTime(({ app, at, flush, watch }) => {
    const page = new Page();
    const { http, destroy } = app(new Backend(() => failing(0, {}, 100)), { page, resilience: { pipeline: (name) => resiliencePipeline({ name, retry: {} }) } });
    page.goOffline();
    const seen = watch(http.get('/x'));
    at(50, destroy);
    flush();
    expect([seen.log, page.listeners]).toStrictEqual([['100 !0'], 0]);
  }));

  it('it waits again where the connection was not there for long', inTime(({ app, at, flush, watch }) => {
    const page = new Page();
    const backend = new Backend(() => failing(0, {}, 20));
    const seen = watch(app(backend, { page, resilience: { pipeline: usual } }).http.get('/x'));
    at(5, () => page.goOffline());
    for (const ms of [100, 200, 300]) {
      at(ms, () => page.goOnline());
      at(ms + 10, () => page.goOffline());
    }
    flush();
    expect(backend.count).toBe(4);
    expect(seen.log).toStrictEqual(['1000 !504 DeadlineExceededError']);
    expect(page.listeners).toBe(0);
  }));

  it('it waits for no longer than the deadline, and then the fallback answers', inTime(({ app, flush, watch }) => {
    const page = new Page();
    page.goOffline();
    const kept = resiliencePipeline({ name: 'x', deadline: 1_000, retry: {}, breaker: { failureThreshold: 1 }, fallback: () => of('kept') });
    const { http } = app(reachable(page), { page, resilience: { pipeline: () => kept } });
    const [whole, short] = [watch(http.get('/x')), watch(http.get('/x', { context: withResilience({ deadline: 400 }) }))];
    flush();
    expect(whole.log).toStrictEqual(['1000 kept', '1000 |']);
    expect(short.log).toStrictEqual(['400 kept', '400 |']);
    expect(kept.parts.breaker.state).toBe('closed');
    expect(page.listeners).toBe(0);
  }));

  it('who leaves while it waits leaves nothing', inTime(({ app, at, flush, watch }) => {
    const page = new Page();
    page.goOffline();
    const backend = reachable(page);
    const { subscription } = watch(app(backend, { page, resilience: { pipeline: usual } }).http.get('/x'));
    at(50, () => subscription.unsubscribe());
    at(60, () => {
      expect(page.listeners).toBe(0);
      page.goOnline();
    });
    flush();
    expect(backend.count).toBe(1);
  }));

  it.each([
    ['a write', 'POST', {}],
    ['a read that may not be repeated', 'GET', { context: withResilience({ idempotent: false }) }],
  ])('%s fails at once with what came, and the breaker ignores it', (_title, method, options) => {
    inTime(({ app, flush, watch }) => {
      const page = new Page();
      const kept = usual();
      page.goOffline();
      const backend = reachable(page);
      const seen = watch(app(backend, { page, resilience: { pipeline: () => kept } }).http.request(method, '/x', options));
      flush();
      expect(seen.log).toStrictEqual(['1 !0']);
      expect(seen.error).toBe(backend.error);
      expect(kept.metrics().breaker).toMatchObject({ ignored: 1, failures: 0, successes: 0 });
      expect([kept.parts.bulkhead.active, page.listeners]).toStrictEqual([0, 0]);
    })();
  });

  it('a write is answered by the fallback at once', inTime(({ app, flush, watch }) => {
    const page = new Page();
    page.goOffline();
    const pipeline = (name: string) => resiliencePipeline({ name, retry: {}, fallback: () => of('queued') });
    const seen = watch(app(reachable(page), { page, resilience: { pipeline } }).http.post('/x', {}));
    flush();
    expect(seen.log).toStrictEqual(['1 queued', '1 |']);
  }));

  it.each([
    ['no retry', () => resiliencePipeline({ name: 'x', breaker: { failureThreshold: 1 } })],
    ['a retry that does not work', () => resiliencePipeline({ name: 'x', retry: retryWithBackoff({ mode: 'disabled' }), breaker: { failureThreshold: 1 } })],
    ['a retry in the shadow', () => resiliencePipeline({ name: 'x', retry: { mode: 'shadow' }, breaker: { failureThreshold: 1 } })],
  ])('where the pipeline has %s a read fails at once, too', (_title, make) => {
    inTime(({ app, flush, watch }) => {
      const page = new Page();
      const kept = make();
      page.goOffline();
      const seen = watch(app(reachable(page), { page, resilience: { pipeline: () => kept } }).http.get('/x'));
      flush();
      expect(seen.log).toStrictEqual(['1 !0']);
      expect(kept.parts.breaker.metrics()).toMatchObject({ ignored: 1, failures: 0 });
    })();
  });

  it.each([500, 503, 404])('a %i is what the server said, and counts', (status) => {
    inTime(({ app, flush, watch }) => {
      const page = new Page();
      const kept = resiliencePipeline({ name: 'x', breaker: {} });
      page.goOffline();
      watch(app(reachable(page, status), { page, resilience: { pipeline: () => kept } }).http.get('/x'));
      flush();
      expect(kept.metrics().breaker).toMatchObject({ ignored: 0, [status === 404 ? 'successes' : 'failures']: 1 });
      expect(page.listeners).toBe(0);
    })();
  });

  it('an answer of a service worker is an answer', inTime(({ app, flush, watch }) => {
    const page = new Page();
    page.goOffline();
    const seen = watch(app(answers(ok('cached')), { page, resilience: { pipeline: usual } }).http.get('/x'));
    flush();
    expect(seen.log).toStrictEqual(['1 cached', '1 |']);
  }));

  it('what a classification makes of it does not matter to the breaker', inTime(({ app, flush, watch }) => {
    const page = new Page();
    page.goOffline();
    const kept = resiliencePipeline({ name: 'x', deadline: 100, retry: {}, breaker: { failureThreshold: 1 }, classify: () => 'permanent' });
    watch(app(reachable(page), { page, resilience: { pipeline: () => kept } }).http.get('/x'));
    flush();
    expect(kept.metrics().breaker).toMatchObject({ ignored: 1, successes: 0, failures: 0 });
  }));

  it('a probe gives its place back', inTime(({ app, at, flush, watch }) => {
    const page = new Page();
    const breaker = { initialState: 'open', breakDuration: 50, successThreshold: 1 } as const;
    const kept = resiliencePipeline({ name: 'x', deadline: 500, retry: {}, breaker });
    const { http } = app(reachable(page), { page, resilience: { pipeline: () => kept } });
    page.goOffline();
    at(60, () => watch(http.get('/x')));
    at(80, () => expect(kept.parts.breaker.state).toBe('half-open'));
    at(100, () => page.goOnline());
    flush();
    expect(kept.parts.breaker.state).toBe('closed');
  }));

  it('nothing is waited for on a server', inTime(({ app, flush, watch }) => {
    const page = new Page();
    page.goOffline();
    const backend = new Backend(() => failing(0));
    const pipeline = (name: string) => resiliencePipeline({ name, retry: { backoff: constant(10) } });
    const seen = watch(app(backend, { page, platform: 'server', resilience: { pipeline } }).http.get('/x'));
    flush();
    expect(seen.log).toStrictEqual(['12 !0']);
    expect([backend.count, page.listeners]).toStrictEqual([2, 0]);
  }));

  it('and after it, who leaves another request has left it', inTime(({ app, at, flush, watch }) => {
    const page = new Page();
    const kept = resiliencePipeline({ name: 'x', breaker: {} });
    const backend = new Backend(() => (page.defaultView.navigator.onLine ? NEVER : failing(0)));
    const { http } = app(backend, { page, resilience: { pipeline: () => kept } });
    page.goOffline();
    watch(http.post('/x', {}));
    at(10, () => {
      page.goOnline();
      watch(http.get('/x')).subscription.unsubscribe();
    });
    flush();
    expect(kept.metrics().breaker).toMatchObject({ ignored: 1, abandoned: 1 });
  }));

  it.each([
    ['no document', null],
    ['no window', {}],
    ['a window that does not say', { defaultView: { navigator: {} } }],
    ['a window without a navigator', { defaultView: {} }],
  ])('with %s it is as if it were online', (_title, page) => {
    inTime(({ app, flush, watch }) => {
      const kept = usual();
      const seen = watch(app(new Backend(() => failing(0)), { page, resilience: { pipeline: () => kept } }).http.get('https://a.example/x'));
      flush();
      expect(seen.log).toStrictEqual(['11 !503 CircuitOpenError']);
      expect(kept.metrics().breaker.failures).toBe(1);
    })();
  });
});

describe('a read that waited', () => {
  it('goes on under its own deadline and priority', inTime(({ app, at, flush, watch }) => {
    const page = new Page();
    const backend = reachable(page);
    page.goOffline();
    const { http } = app(backend, { page, resilience: { pipeline: usual } });
    watch(http.get('/x', { context: withResilience({ priority: 'critical' }) }));
    at(400, () => page.goOnline());
    flush();
    expect(backend.requests.map(({ headers }) => [headers.get('X-Request-Timeout-Ms'), headers.get('Priority')])).toStrictEqual([
      ['995', 'u=3'],
      ['595', 'u=3'],
    ]);
  }));

  it('takes its turn: places in queues and shedders are free meanwhile', inTime(({ app, at, flush, watch }) => {
    const page = new Page();
    const shedder = loadShedder();
    const kept = resiliencePipeline({ name: 'x', deadline: 1_000, retry: {}, bulkhead: 1, shed: { priority: 'critical', shedder } });
    const backend = reachable(page);
    page.goOffline();
    const { http } = app(backend, { page, resilience: { pipeline: () => kept } });
    watch(http.get('/x'));
    at(50, () => expect([kept.parts.bulkhead.active, kept.metrics().shed.inFlight]).toStrictEqual([0, 0]));
    at(100, () => page.goOnline());
    flush();
    expect(backend.count).toBe(2);
  }));

  it('that failed while it was being sent', inTime(({ app, at, flush, watch }) => {
    const page = new Page();
    const backend = new Backend(() => (page.defaultView.navigator.onLine ? ok('body', 0) : failing(0, {}, 0)));
    page.goOffline();
    const kept = usual();
    const { http } = app(backend, { page, resilience: { pipeline: () => kept } });
    const [read, write] = [watch(http.get('/x')), watch(http.post('/x', {}))];
    expect(write.log).toStrictEqual(['0 !0']);
    expect(kept.parts.bulkhead.active).toBe(0);
    at(100, () => page.goOnline());
    flush();
    expect(read.log).toStrictEqual(['100 body', '100 |']);
    expect(kept.metrics().breaker).toMatchObject({ ignored: 2, successes: 1, failures: 0 });
  }));

  it('that fails, again and again, while it is being sent', inTime(({ app, at, flush, watch }) => {
    const page = new Page();
    const kept = usual();
    const backend = new Backend((_request, count) => {
      page.goOffline();
      return count < 4 ? failing(0, {}, 0) : ok('body', 0);
    });
    const seen = watch(app(backend, { page, resilience: { pipeline: () => kept } }).http.get('/x'));
    for (const ms of [10, 20, 30]) at(ms, () => page.goOnline());
    flush();
    expect(seen.log).toStrictEqual(['30 body', '30 |']);
    expect(kept.metrics().breaker).toMatchObject({ calls: 4, ignored: 3, successes: 1 });
    expect([backend.active, page.listeners, kept.parts.bulkhead.active]).toStrictEqual([0, 0, 0]);
  }));

  it('that is left as it is sent again, and fails at once, does not wait', inTime(({ app, at, flush, watch }) => {
    const page = new Page();
    const backend = new Backend(() => {
      page.goOffline();
      return failing(0, {}, 0);
    });
    watch(app(backend, { page, resilience: { pipeline: usual } }).http.get('/x', { observe: 'events' }).pipe(take(2)));
    at(100, () => page.goOnline());
    at(101, () => expect([backend.count, backend.active, page.listeners]).toStrictEqual([2, 0, 0]));
    flush();
  }));

  it('that is left as soon as it is sent again leaves nothing', inTime(({ app, at, flush, watch }) => {
    const page = new Page();
    const kept = usual();
    const backend = new Backend((_request, count) => (count === 1 ? failing(0) : NEVER));
    page.goOffline();
    const events = app(backend, { page, resilience: { pipeline: () => kept } }).http.get('/x', { observe: 'events' });
    const seen = watch(events.pipe(take(2)));
    at(100, () => page.goOnline());
    at(101, () => expect([backend.count, backend.active, backend.cancelled, kept.parts.bulkhead.active]).toStrictEqual([2, 0, 1, 0]));
    flush();
    expect(seen.log).toStrictEqual(['0 Sent', '100 Sent', '100 |']);
  }));

  it('in the midst of its retries', inTime(({ app, at, flush, watch }) => {
    const page = new Page();
    const kept = resiliencePipeline({ name: 'x', deadline: 1_000, retry: { backoff: constant(10), maxRetries: 1 } });
    const backend = new Backend((_request, count) => (count === 1 ? failing(503) : page.defaultView.navigator.onLine ? ok() : failing(0)));
    const seen = watch(app(backend, { page, resilience: { pipeline: () => kept } }).http.get('/x'));
    at(5, () => page.goOffline());
    at(100, () => page.goOnline());
    flush();
    expect(seen.log).toStrictEqual(['101 body', '101 |']);
    expect(backend.count).toBe(3);
  }));

  it('without a deadline waits for as long as it takes', inTime(({ app, at, flush, watch }) => {
    const page = new Page();
    const backend = reachable(page);
    page.goOffline();
    const seen = watch(app(backend, { page, resilience: { pipeline: (name) => resiliencePipeline({ name, retry: {} }) } }).http.get('/x'));
    at(3_600_000, () => page.goOnline());
    flush();
    expect(seen.log).toStrictEqual(['3600001 body', '3600001 |']);
  }));

  it.each([
    ['online', { failures: 1, ignored: 0 }],
    ['offline', { failures: 0, ignored: 1 }],
  ])('and hangs until its deadline, %s', (how, counted) => {
    inTime(({ app, flush, watch }) => {
      const page = new Page();
      const kept = usual();
      if (how === 'offline') page.goOffline();
      const seen = watch(app(answers(NEVER), { page, resilience: { pipeline: () => kept } }).http.get('/x', { context: withResilience({ deadline: 800 }) }));
      flush();
      expect(seen.log).toStrictEqual(['800 !504 DeadlineExceededError']);
      expect(kept.metrics().breaker).toMatchObject(counted);
      expect(kept.parts.bulkhead.active).toBe(0);
    })();
  });

  it.each(['online', 'offline'])('and hangs until somebody leaves, %s', (how) => {
    inTime(({ app, at, flush, watch }) => {
      const page = new Page();
      const kept = usual();
      if (how === 'offline') page.goOffline();
      const { subscription } = watch(app(answers(NEVER), { page, resilience: { pipeline: () => kept } }).http.get('/x'));
      at(500, () => subscription.unsubscribe());
      flush();
      expect(kept.metrics().breaker).toMatchObject({ abandoned: 1, failures: 0, ignored: 0 });
    })();
  });

  it('is cut by the deadline of its try where it hangs', inTime(({ app, flush, watch }) => {
    const page = new Page();
    page.goOffline();
    const kept = resiliencePipeline({ name: 'x', deadline: 1_000, attemptDeadline: 100, retry: { backoff: constant(10), maxRetries: 1 } });
    const seen = watch(app(answers(NEVER), { page, resilience: { pipeline: () => kept } }).http.get('/x'));
    flush();
    expect(seen.log).toStrictEqual(['210 !504 DeadlineExceededError']);
  }));
});
