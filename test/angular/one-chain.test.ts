import '@angular/compiler';
import { HttpClient, HttpContext, HttpContextToken, type HttpInterceptorFn, provideHttpClient, withInterceptors, withRequestsMadeViaParent } from '@angular/common/http';
import { createEnvironmentInjector, type EnvironmentInjector, inject, InjectionToken } from '@angular/core';
import { mergeMap, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { provideResilience, resilienceInterceptor, withResilience } from '../../src/angular/index.js';
import { constant, resiliencePipeline, type ResiliencePipeline } from '../../src/index.js';
import { answers, type Application, failing, ok } from './application.js';
import { inTime } from './in-time.js';

type Pipelines = Map<string, ResiliencePipeline<unknown>>;

/** Makes pipelines that count, and tries twice again. */
const counting = (made: Pipelines) => (name: string) => {
  const pipeline = resiliencePipeline({ name, breaker: { failureThreshold: 10 }, retry: { backoff: constant(0), maxRetries: 2, budget: false } });
  made.set(name, pipeline as never);
  return pipeline as ResiliencePipeline<unknown>;
};
const counted = (made: Pipelines) => [...made].map(([name, pipeline]) => [name, (pipeline.metrics() as unknown as { breaker: { failures: number } }).breaker.failures]);

const place = new InjectionToken<string>('place');

interface Child {
  readonly own?: Pipelines;
  readonly interceptors?: readonly HttpInterceptorFn[];
}

function childOf({ injector }: { injector: EnvironmentInjector }, { own, interceptors = [resilienceInterceptor] }: Child): Application['http'] {
  const child = createEnvironmentInjector(
    [
      provideHttpClient(withRequestsMadeViaParent(), withInterceptors([...interceptors])),
      { provide: place, useValue: 'child' },
      own === undefined ? [] : provideResilience({ pipeline: counting(own), key: () => 'child' }),
    ],
    injector,
  );
  return child.get(HttpClient);
}

describe('a request of a child injector that is made via its parent', () => {
  it.each([false, true])('passes one chain of policies, its own policies in the child: %s', (hasOwn) => {
    inTime(({ app, flush, watch }) => {
      const [outer, own]: [Pipelines, Pipelines] = [new Map(), new Map()];
      const backend = answers(failing(503));
      const parent = app(backend, { resilience: { pipeline: counting(outer), key: () => 'parent' } });
      const seen = watch(childOf(parent, hasOwn ? { own } : {}).get('/x'));
      flush();
      expect(seen.log).toStrictEqual(['3 !503']);
      expect(backend.count).toBe(3);
      expect([counted(outer), counted(own)]).toStrictEqual(hasOwn ? [[], [['child', 3]]] : [[['parent', 3]], []]);
    })();
  });

  it('passes the chain of its parent where it has no interceptor of its own', inTime(({ app, flush, watch }) => {
    const [outer, own]: [Pipelines, Pipelines] = [new Map(), new Map()];
    const parent = app(answers(failing(503)), { resilience: { pipeline: counting(outer), key: () => 'parent' } });
    watch(childOf(parent, { own, interceptors: [] }).get('/x'));
    flush();
    expect([counted(outer), counted(own)]).toStrictEqual([[['parent', 3]], []]);
  }));

  it('has what it wants otherwise from the chain that it passes', inTime(({ app, at, flush, watch }) => {
    const [outer, own]: [Pipelines, Pipelines] = [new Map(), new Map()];
    const backend = answers(ok('body', 100));
    const child = childOf(app(backend, { resilience: { pipeline: counting(outer) } }), { own });
    const slow = watch(child.get('/x', { context: withResilience({ deadline: 10, key: 'slow' }) }));
    at(200, () => watch(child.get('/x', { context: withResilience(false) })));
    flush();
    expect(slow.log).toStrictEqual(['10 !504 DeadlineExceededError']);
    expect([[...own.keys()], [...outer.keys()], backend.count]).toStrictEqual([['slow'], [], 2]);
  }));

  it('runs the interceptors of its parent for each try, and those that wait or clone change nothing', inTime(({ app, flush, watch }) => {
    const ran: string[] = [];
    const noting = (name: string): HttpInterceptorFn => (request, next) => {
      ran.push(`${name} in ${inject(place, { optional: true }) ?? 'parent'}`);
      return timer(5).pipe(mergeMap(() => next(request.clone({ setHeaders: { [name]: '1' } }))));
    };
    const [outer, own]: [Pipelines, Pipelines] = [new Map(), new Map()];
    const backend = answers(failing(503), ok());
    const parent = app(backend, { resilience: { pipeline: counting(outer) }, interceptors: [noting('behind')] });
    const seen = watch(childOf(parent, { own, interceptors: [resilienceInterceptor, noting('own')] }).get('/x'));
    flush();
    expect(seen.log).toStrictEqual(['22 body', '22 |']);
    expect(ran).toStrictEqual(['own in child', 'behind in parent', 'own in child', 'behind in parent']);
    expect([[...outer], counted(own)]).toStrictEqual([[], [['child', 1]]]);
  }));

  it('passes one chain too where the interceptor is listed twice', inTime(({ app, flush, watch }) => {
    const outer: Pipelines = new Map();
    const backend = answers(failing(503));
    const noop: HttpInterceptorFn = (request, next) => next(request);
    const twice: HttpInterceptorFn = (request, next) => resilienceInterceptor(request, next);
    watch(app(backend, { resilience: { pipeline: counting(outer), key: () => 'all' }, interceptors: [noop, twice] }).http.get('/x'));
    flush();
    expect([backend.count, counted(outer)]).toStrictEqual([3, [['all', 3]]]);
  }));
});

describe('a context that belongs to several requests', () => {
  const token = new HttpContextToken(() => 'nothing');

  it('is the one that interceptors further on read and write, and each request passes the policies', inTime(({ app, flush, watch }) => {
    const made: Pipelines = new Map();
    const writing: HttpInterceptorFn = (request, next) => {
      expect(request.context).toBeInstanceOf(HttpContext);
      expect([request.context.get(token), request.context.has(token), [...request.context.keys()].includes(token)]).toStrictEqual(['given', true, true]);
      request.context.delete(token).set(token, 'written');
      return next(request);
    };
    const context = new HttpContext().set(token, 'given');
    const { http } = app(answers(ok()), { resilience: { pipeline: counting(made), key: () => 'all' }, interceptors: [writing] });
    for (let i = 0; i < 2; i++) {
      watch(http.get('/x', { context }));
      expect(context.get(token)).toBe('written');
      context.set(token, 'given');
    }
    flush();
    expect(made.get('all')!.metrics()).toMatchObject({ breaker: { successes: 2 } });
  }));
});
