import '@angular/compiler';
import { computed, createEnvironmentInjector, runInInjectionContext, type Signal } from '@angular/core';
import { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { injectCircuit, injectHealth } from '../../src/angular/index.js';
import { circuitBreaker, type CircuitState, type Health, resiliencePipeline, type ResiliencePipeline } from '../../src/index.js';
import { type Application, answers, failing, ok } from './application.js';
import { inTime } from './in-time.js';

const breaking = (name: string) => resiliencePipeline({ name, breaker: { failureThreshold: 1, breakDuration: 100, successThreshold: 1 } });
const key = ({ url }: { readonly url: string }) => url;

function signals(app: Application, name: string): { readonly health: Signal<Health>; readonly circuit: Signal<CircuitState | undefined> } {
  return app.within(() => ({ health: injectHealth(name), circuit: injectCircuit(name) }));
}

describe('injectHealth and injectCircuit', () => {
  it('know nothing of a key before its first request', inTime(({ app, flush, watch }) => {
    const application = app(answers(ok()), { resilience: { pipeline: breaking, key } });
    const { circuit, health } = signals(application, 'a');
    expect(health()).toStrictEqual({ name: 'a', status: 'unknown', required: false, since: 0, details: {} });
    expect(circuit()).toBeUndefined();
    watch(application.http.get('b'));
    expect([health().status, circuit()]).toStrictEqual(['unknown', undefined]);
    watch(application.http.get('a'));
    expect([health().status, circuit()]).toStrictEqual(['up', 'closed']);
    flush();
  }));

  it('follow what opens, and what time moves on, without another request', inTime(({ app, at, flush, watch }) => {
    const application = app(answers(failing(503), ok()), { resilience: { pipeline: breaking, key } });
    const { circuit, health } = signals(application, 'a');
    const seen: unknown[] = [];
    watch(application.http.get('a'));
    for (const ms of [0, 2, 100, 102]) at(ms, () => seen.push([health().status, circuit()]));
    at(110, () => watch(application.http.get('a')));
    at(120, () => seen.push([health().status, circuit()]));
    flush();
    expect(seen).toStrictEqual([['up', 'closed'], ['down', 'open'], ['down', 'open'], ['degraded', 'half-open'], ['up', 'closed']]);
    expect(health().name).toBe('a');
  }));

  it('begin with what is there', inTime(({ app, flush, watch }) => {
    const application = app(answers(failing(503)), { resilience: { pipeline: breaking, key } });
    watch(application.http.get('a'));
    const early = signals(application, 'a');
    expect([early.health().status, early.circuit()]).toStrictEqual(['up', 'closed']);
    flush();
  }));

  it('know nothing once a key has left, and follow it when it comes back', inTime(({ app, at, flush, watch }) => {
    const application = app(answers(ok(), ok(), ok(), failing(503)), { resilience: { pipeline: breaking, key, maxKeys: 1 } });
    const { circuit, health } = signals(application, 'a');
    const seen: unknown[] = [];
    const get = (url: string) => () => {
      watch(application.http.get(url));
      seen.push([health().status, circuit()]);
    };
    at(0, get('a'));
    at(10, get('b'));
    at(20, get('a'));
    at(30, get('a'));
    at(40, () => seen.push([health().status, circuit()]));
    at(135, () => seen.push([health().status, circuit()]));
    flush();
    expect(seen).toStrictEqual([['up', 'closed'], ['unknown', undefined], ['up', 'closed'], ['up', 'closed'], ['down', 'open'], ['degraded', 'half-open']]);
  }));

  it('of a pipeline without a breaker have its health, and no circuit', inTime(({ app, flush, watch }) => {
    const application = app(answers(ok()), { resilience: { pipeline: (name) => resiliencePipeline({ name, bulkhead: 1 }), key } });
    const { circuit, health } = signals(application, 'a');
    watch(application.http.get('a'));
    expect([health().status, circuit()]).toStrictEqual(['degraded', undefined]);
    flush();
    expect(health().status).toBe('up');
  }));

  it('of keys that share a pipeline go together', inTime(({ app, flush, watch }) => {
    const shared = breaking('shared');
    const application = app(answers(failing(503)), { resilience: { pipeline: () => shared, key } });
    const [a, b] = [signals(application, 'a'), signals(application, 'b')];
    watch(application.http.get('a'));
    expect([a.circuit(), b.circuit()]).toStrictEqual(['closed', undefined]);
    watch(application.http.get('b'));
    flush();
    expect([a.circuit(), b.circuit(), a.health().name]).toStrictEqual(['half-open', 'half-open', 'shared']);
  }));

  it('see a breaker that is isolated by hand', inTime(({ app, flush, watch }) => {
    const breaker = circuitBreaker({ name: 'mine' });
    const application = app(answers(ok()), { resilience: { pipeline: (name) => resiliencePipeline({ name, breaker }), key } });
    const { circuit, health } = signals(application, 'a');
    watch(application.http.get('a'));
    const isolation = breaker.isolate();
    expect([health().status, circuit()]).toStrictEqual(['down', 'isolated']);
    isolation.release();
    expect([health().status, circuit()]).toStrictEqual(['up', 'closed']);
    flush();
  }));

  it('follow the pipeline that is kept, where another one of the key was made meanwhile', inTime(({ app, flush, watch }) => {
    const made: ReturnType<typeof breaking>[] = [];
    let depth = 0;
    const pipeline = (name: string): ReturnType<typeof breaking> => {
      // It asks for something of the same key itself.
      if (depth++ === 0) watch(application.http.get('a'));
      const one = breaking(`${name}${made.length}`);
      made.push(one);
      return one;
    };
    const application = app(answers(ok('body', 0)), { resilience: { pipeline, key } });
    const { circuit, health } = signals(application, 'a');
    watch(application.http.get('a'));
    flush();
    expect([made.length, made[0]!.metrics().breaker.calls, made[1]!.metrics().breaker.calls]).toStrictEqual([2, 2, 0]);
    expect([health().name, health().status, circuit()]).toStrictEqual(['a0', 'up', 'closed']);
  }));

  it('may change while a value is computed', inTime(({ app, flush }) => {
    const application = app(answers(ok('body', 0)), { resilience: { pipeline: breaking, key } });
    const { health } = signals(application, 'a');
    const asked = computed(() => {
      let body: unknown;
      application.http.get('a').subscribe((value) => (body = value));
      return body;
    });
    expect(asked()).toBe('body');
    expect(health().status).toBe('up');
    flush();
  }));

  it('end with the injector in which they were made, and not before', inTime(({ app, flush, watch }) => {
    let [listening, made] = [0, 0];
    const pipeline = (name: string): ResiliencePipeline => {
      const whole = breaking(name);
      const { health$ } = whole;
      made++;
      const counted$ = new Observable<Health>((subscriber) => {
        listening++;
        subscriber.add(() => listening--);
        return health$.subscribe(subscriber);
      });
      return Object.assign(whole, { health$: counted$ });
    };
    const application = app(answers(ok()), { resilience: { pipeline, key } });
    const component = createEnvironmentInjector([], application.injector);
    const early = runInInjectionContext(component, () => injectHealth('a'));
    watch(application.http.get('a'));
    const late = runInInjectionContext(component, () => injectHealth('a'));
    expect([early().status, late().status, listening, made]).toStrictEqual(['up', 'up', 2, 1]);
    component.destroy();
    expect(listening).toBe(0);
    flush();
  }));

  it('know nothing any more when the application has ended', () => {
    let circuit: Signal<CircuitState | undefined> | undefined;
    inTime(({ app, flush, watch }) => {
      const application = app(answers(ok()), { resilience: { pipeline: breaking, key } });
      circuit = application.within(() => injectCircuit('a'));
      watch(application.http.get('a'));
      flush();
      expect(circuit()).toBe('closed');
    })();
    expect(circuit!()).toBeUndefined();
  });

  it('are read only', inTime(({ app }) => {
    const { circuit, health } = signals(app(answers(ok())), 'a');
    expect([Object.keys(circuit), 'set' in health, 'set' in circuit]).toStrictEqual([Object.keys(health), false, false]);
  }));

  it.each([undefined, null, 7, '', {}])('refuse %j as a key', (name) => {
    inTime(({ app }) => {
      const { within } = app(answers(ok()));
      for (const make of [injectHealth, injectCircuit]) {
        expect(() => within(() => make(name as string))).toThrow(/^key must be a string that is not empty, got /);
      }
    })();
  });

  it('need an injection context', () => {
    expect(() => injectHealth('a')).toThrow(/NG0203/);
    expect(() => injectCircuit('a')).toThrow(/NG0203/);
  });

  it('see the keys of the nearest injector that has its own', inTime(({ app, flush, watch }) => {
    const application = app(answers(ok()), { resilience: { pipeline: breaking, key } });
    const child = createEnvironmentInjector([], application.injector);
    watch(application.http.get('a'));
    expect(runInInjectionContext(child, () => injectCircuit('a'))()).toBe('closed');
    flush();
    child.destroy();
  }));
});
