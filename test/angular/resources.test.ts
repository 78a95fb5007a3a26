import '@angular/compiler';
import { HttpErrorResponse, httpResource, HttpResponse } from '@angular/common/http';
import { ApplicationRef, type Resource, signal } from '@angular/core';
import { rxResource } from '@angular/core/rxjs-interop';
import { EMPTY, NEVER, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { withResilience } from '../../src/angular/index.js';
import { constant, fallbackToValue, isCircuitOpenError, resiliencePipeline } from '../../src/index.js';
import { answers, application, type Application, Backend, failing, ok } from './application.js';
import { Page } from './page.js';

const page = Object.assign(new Page(), { getElementById: () => null });

/** Both kinds of resource, by what they need: an address. */
const kinds: readonly [string, (app: Application, url: () => string | undefined) => Resource<unknown>][] = [
  ['httpResource', (_app, url) => httpResource(() => url())],
  ['rxResource', ({ http }, url) => rxResource({ params: () => url(), stream: ({ params }) => http.get(params) })],
];

async function settled({ injector }: Application): Promise<void> {
  const ref = injector.get(ApplicationRef);
  ref.tick();
  await ref.whenStable();
}

describe.each(kinds)('%s', (_kind, make) => {
  const started = (backend: Backend, pipeline: (name: string) => ReturnType<typeof resiliencePipeline>) => {
    const app = application(backend, { resilience: { pipeline: pipeline as never }, page });
    const url = signal<string | undefined>('/a');
    return { app, url, resource: app.within(() => make(app, url)) };
  };

  it('has the answer of a later try', async () => {
    const { app, resource } = started(answers(failing(503, {}, 0), ok('late', 0)), (name) =>
      resiliencePipeline({ name, retry: { backoff: constant(0) } }),
    );
    await settled(app);
    expect([resource.status(), resource.value()]).toStrictEqual(['resolved', 'late']);
    app.destroy();
  });

  it('has an HttpErrorResponse as its error, without a fallback', async () => {
    const { app, resource } = started(answers(NEVER), (name) => resiliencePipeline({ name, breaker: { initialState: 'open' } }));
    await settled(app);
    const error: unknown = resource.error();
    expect(resource.status()).toBe('error');
    expect(error).toBeInstanceOf(HttpErrorResponse);
    expect((error as HttpErrorResponse).status).toBe(503);
    expect(isCircuitOpenError(error)).toBe(true);
    app.destroy();
  });

  it('has the body that a fallback gives', async () => {
    const { app, resource } = started(answers(failing(503, {}, 0)), (name) =>
      resiliencePipeline({ name, fallback: fallbackToValue({ items: [] }) }),
    );
    await settled(app);
    expect([resource.status(), resource.value()]).toStrictEqual(['resolved', { items: [] }]);
    app.destroy();
  });

  it('leaves a request that hangs when it wants another one, which is neither success nor failure', async () => {
    const kept = resiliencePipeline({ name: 'x', breaker: { failureThreshold: 1 }, bulkhead: 1 });
    const backend = new Backend(({ url }) => (url === '/a' ? NEVER : of(new HttpResponse({ body: url }))));
    const { app, resource, url } = started(backend, () => kept as never);
    app.injector.get(ApplicationRef).tick();
    expect([backend.active, kept.parts.bulkhead.active]).toStrictEqual([1, 1]);
    url.set('/b');
    await settled(app);
    expect(resource.value()).toBe('/b');
    expect([backend.active, backend.cancelled, kept.parts.bulkhead.active]).toStrictEqual([0, 1, 0]);
    expect(kept.metrics().breaker).toMatchObject({ abandoned: 1, successes: 1, failures: 0 });
    app.destroy();
  });

  it('ends with an error where a fallback has no value', async () => {
    const { app, resource } = started(answers(failing(503, {}, 0)), (name) => resiliencePipeline({ name, fallback: () => EMPTY }));
    await settled(app);
    expect(resource.status()).toBe('error');
    app.destroy();
  });
});

it('a request of httpResource has what withResilience says', async () => {
  const backend = answers(ok('body', 0));
  const made: string[] = [];
  const app = application(backend, { resilience: { pipeline: (name) => (made.push(name), resiliencePipeline({ name })) }, page });
  const resource = app.within(() => httpResource(() => ({ url: '/a', context: withResilience({ key: 'mine', priority: 'critical', deadline: 900 }) })));
  await settled(app);
  expect([resource.value(), made]).toStrictEqual(['body', ['mine']]);
  expect(backend.requests[0]!.headers.get('Priority')).toBe('u=3');
  app.destroy();
});
