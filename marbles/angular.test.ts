import '@angular/compiler';
import { HttpResponse } from '@angular/common/http';
import { map, type Observable } from 'rxjs';
import { constant, resiliencePipeline } from 'rxjs-resilience';
import { marbles } from 'rxjs-resilience/testing';
import { describe, expect, it } from 'vitest';
import { withResilience } from '../src/angular/index.js';
import { application, Backend, failing } from '../test/angular/application.js';
import { Page } from '../test/angular/page.js';

const refused = expect.objectContaining({ status: 503, statusText: 'CircuitOpenError' });
const late = expect.objectContaining({ status: 504, statusText: 'DeadlineExceededError' });
const down = expect.objectContaining({ status: 503, error: 'text' });
const response = (source: Observable<string>) => source.pipe(map((body) => new HttpResponse({ body })));

describe('requests of an application', () => {
  it('one resource is refused while it is down, another of the same origin is served, and the first comes back', marbles(
    ({ calls, cold, expectObservable, expectState, outage }) => {
      const payments = resiliencePipeline({ name: 'payments', breaker: { failureThreshold: 2, breakDuration: 6, successThreshold: 1 } });
      const catalog = resiliencePipeline({ name: 'catalog', breaker: { failureThreshold: 2 } });
      const api = outage({ from: 2, to: 7 }, response(cold('(a|)')), failing(503, {}, 0));
      const backend = new Backend(({ url }) => (url.startsWith('/api/payments') ? api : response(cold('(c|)'))));
      const pipeline = (key: string) => (key.endsWith('/payments') ? payments : catalog);
      const { http } = application(backend, { resilience: { pipeline } });
      const values = { a: 'a', c: 'c', E: down, R: refused };
      expectObservable(calls('x-x-x-x-x-x|', () => http.get('/api/payments/7'))).toBe('a-E-E-R-R-a|', values);
      expectObservable(calls('x-x-x-x-x-x|', () => http.get('/api/catalog'))).toBe('   c-c-c-c-c-c|', values);
      expectState(payments.parts.breaker).toBe('c---o-----(hc)');
    },
  ));

  it('tries again what may be repeated, and nothing else', marbles(({ calls, cold, expectObservable, flaky }) => {
    const pipeline = (name: string) => resiliencePipeline({ name, retry: { backoff: constant(3), maxRetries: 2 } });
    const api = (times: number) => flaky(times, failing(503, {}, 1), response(cold('-(a|)')));
    const [reads, writes] = [api(2), api(2)];
    const { http } = application(new Backend(({ method }) => (method === 'GET' ? reads : writes)), { resilience: { pipeline } });
    expectObservable(calls('x----------|', () => http.get('/x'))).toBe('     ---------a-|', { a: 'a' });
    expectObservable(calls('x-x-x------|', () => http.post('/x', {}))).toBe('-E-E-a-----|', { a: 'a', E: down });
  }));

  it('ends a request that takes too long, on the network too', marbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
    const hangs = cold('---------------a');
    const pipeline = (name: string) => resiliencePipeline({ name, deadline: 10 });
    const { http } = application(new Backend(() => response(hangs)), { resilience: { pipeline } });
    expectObservable(http.get('/x', { context: withResilience({ deadline: 6 }) })).toBe('------#', undefined, late);
    flush();
    expectSubscriptions(hangs.subscriptions).toBe('^-----!');
  }));

  it('waits while the device is offline, and the circuit stays closed', marbles(({ calls, cold, expectObservable, expectState, hot }) => {
    const page = new Page();
    const kept = resiliencePipeline({ name: 'x', deadline: 100, retry: {}, breaker: { failureThreshold: 1 } });
    const backend = new Backend(() => (page.defaultView.navigator.onLine ? response(cold('-(a|)')) : failing(0, {}, 1)));
    const { http } = application(backend, { page, resilience: { pipeline: () => kept } });
    page.goOffline();
    hot('                                  --------n').subscribe(() => page.goOnline());
    expectObservable(calls('x--x----------x|', () => http.get('/x'))).toBe('---------(aa)--(a|)', { a: 'a' });
    expectState(kept.parts.breaker).toBe('            c');
  }));
});
