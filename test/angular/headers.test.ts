import '@angular/compiler';
import { HttpHeaders, type HttpInterceptorFn } from '@angular/common/http';
import { NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { withResilience } from '../../src/angular/index.js';
import { constant, resiliencePipeline } from '../../src/index.js';
import { answers, failing, ok } from './application.js';
import { inTime } from './in-time.js';
import { Page } from './page.js';

const pipeline = (name: string) =>
  resiliencePipeline({ name, deadline: 1_000, attemptDeadline: 400, retry: { backoff: constant(100), maxRetries: 2 } });
const [left, priority] = ['X-Request-Timeout-Ms', 'Priority'];

describe('what goes along to the own origin', () => {
  it('is what is left at each try, less a reserve, and the priority', inTime(({ app, flush, watch }) => {
    const backend = answers(failing(503, {}, 100), NEVER, ok());
    watch(app(backend, { resilience: { pipeline } }).http.get('/x', { context: withResilience({ priority: 'critical' }) }));
    flush();
    expect(backend.requests.map(({ headers }) => headers.get(left))).toStrictEqual(['395', '395', '295']);
    expect(backend.requests.map(({ headers }) => headers.get(priority))).toStrictEqual(['u=3', 'u=3', 'u=3']);
  }));

  it('is heard by the interceptors behind', inTime(({ app, flush, watch }) => {
    const seen: unknown[] = [];
    const interceptor: HttpInterceptorFn = (request, next) => (seen.push(request.headers.get(left)), next(request));
    watch(app(answers(ok()), { resilience: { pipeline }, interceptors: [interceptor] }).http.get('/x'));
    flush();
    expect(seen).toStrictEqual(['395']);
  }));

  it('is no deadline and no priority where there is none', inTime(({ app, flush, watch }) => {
    const backend = answers(ok());
    watch(app(backend, { resilience: { pipeline: (name) => resiliencePipeline({ name, breaker: {} }) } }).http.get('/x'));
    flush();
    expect(backend.requests[0]!.headers.keys()).toStrictEqual([]);
  }));

  it('leaves what the request says itself', inTime(({ app, flush, watch }) => {
    const backend = answers(ok());
    const headers = new HttpHeaders({ 'priority': 'u=1, i', 'x-mine': '1' });
    watch(app(backend, { resilience: { pipeline } }).http.get('/x', { headers, context: withResilience({ priority: 'sheddable' }) }));
    flush();
    const { headers: sent } = backend.requests[0]!;
    expect([sent.getAll('Priority'), sent.get('X-Mine'), sent.get(left)]).toStrictEqual([['u=1, i'], '1', '395']);
  }));
});

describe('nothing goes along elsewhere, and what is own the platform says', () => {
  const page = new Page('https://app.example/shop/start');
  const listed = ['https://api.example', 'https://app.example:8443'];
  it.each([
    // The own origin, by default.
    ['/x', undefined, true],
    ['x', undefined, true],
    ['https://app.example/x', undefined, true],
    ['https://app.example:443/x', undefined, true],
    ['HTTPS://APP.EXAMPLE/x', undefined, true],
    ['//app.example/x', undefined, true],
    ['https://api.example/x', undefined, false],
    ['http://app.example/x', undefined, false],
    ['https://app.example:8443/x', undefined, false],
    ['//evil.example/x', undefined, false],
    ['/\\evil.example/x', undefined, false],
    ['\\\\evil.example/x', undefined, false],
    ['\t//evil.example/x', undefined, false],
    ['https://app.example@evil.example/x', undefined, false],
    ['https://app.example.evil.example/x', undefined, false],
    ['https:evil.example', undefined, true],
    ['blob:https://app.example/1', undefined, true],
    ['data:text/plain,x', undefined, false],
    ['https://', undefined, false],
    // Origins.
    ['https://api.example/x', listed, true],
    ['https://app.example:8443/x', listed, true],
    ['/x', listed, false],
    ['https://api.example@evil.example/x', listed, false],
    ['https://api.example.evil.example', listed, false],
    ['/x', [], false],
    // A predicate.
    ['https://api.example/x', ({ hostname }: URL) => hostname.endsWith('.example'), true],
    ['https://api.other/x', ({ hostname }: URL) => hostname.endsWith('.example'), false],
    ['/x', ({ href }: URL) => href === 'https://app.example/x', true],
  ] as const)('%j with %o: %j', (url, propagateTo, goes) => {
    inTime(({ app, flush, watch }) => {
      const backend = answers(ok());
      const { http } = app(backend, { resilience: { pipeline, propagateTo }, page });
      watch(http.get(url, { context: withResilience({ priority: 'critical' }) }));
      flush();
      const { headers } = backend.requests[0]!;
      expect([headers.has(left), headers.has(priority)]).toStrictEqual([goes, goes]);
    })();
  });

  it.each([
    ['the base of its links is elsewhere', new Page('https://app.example/', 'https://cdn.example/'), 'x'],
    ['its origin is opaque', new Page('file:///home/index.html', 'file:///home/'), 'x'],
    ['its origin is opaque, as is that of the request', new Page('data:text/html,x', 'data:text/html,x'), 'data:text/plain,x'],
    ['it has no address', {}, 'https://app.example/x'],
    ['there is none', null, 'https://app.example/x'],
  ])('not to a page of which %s', (_title, page, url) => {
    inTime(({ app, flush, watch }) => {
      const backend = answers(ok());
      watch(app(backend, { resilience: { pipeline }, page }).http.get(url));
      flush();
      expect(backend.requests[0]!.headers.keys()).toStrictEqual([]);
    })();
  });

  it('but to the page itself, where the base of its links is elsewhere', inTime(({ app, flush, watch }) => {
    const backend = answers(ok());
    const page = new Page('https://app.example/', 'https://cdn.example/');
    watch(app(backend, { resilience: { pipeline }, page }).http.get('https://app.example/x'));
    flush();
    expect(backend.requests[0]!.headers.has(left)).toBe(true);
  }));
});
