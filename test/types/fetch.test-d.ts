import type { Observable } from 'rxjs';
import { fetch as undiciFetch } from 'undici';
import { describe, expectTypeOf, it } from 'vitest';
import { fetch$, HttpStatusError, isHttpStatusError, resilientFetch } from '../../src/fetch/index.js';
import { circuitBreaker, fallbackToValue, perKey, resiliencePipeline, standardPipeline } from '../../src/index.js';

describe('the types of fetch', () => {
  it('are those of fetch', () => {
    const fetch = resilientFetch();
    expectTypeOf(fetch).toExtend<typeof globalThis.fetch>();
    expectTypeOf(fetch('/a', { method: 'POST' })).toEqualTypeOf<Promise<Response>>();
    globalThis.fetch = fetch;
    // @ts-expect-error it needs an address
    void fetch();
  });

  it('take the fetch of the platform, of undici, and one of a test', () => {
    resilientFetch({ fetch: globalThis.fetch });
    resilientFetch({ fetch: undiciFetch });
    resilientFetch({ fetch: async () => new Response() });
    resilientFetch({ fetch: resilientFetch() });
    // @ts-expect-error that is no function
    resilientFetch({ fetch: 'fetch' });
  });

  it('take pipelines of every kind, and fallbacks that answer with a Response', () => {
    resilientFetch({ pipeline: (name) => standardPipeline({ name }) });
    resilientFetch({ pipeline: (name) => resiliencePipeline({ name, fallback: () => [new Response()] }) });
    resilientFetch({ pipeline: (name) => resiliencePipeline({ name, fallback: fallbackToValue(new Response()) }) });
    // @ts-expect-error a breaker is no pipeline
    resilientFetch({ pipeline: (name) => circuitBreaker({ name }) });
    // @ts-expect-error nor are several
    resilientFetch({ pipeline: () => perKey((name) => circuitBreaker({ name })) });
  });

  it('tell an error of a status', () => {
    const error: unknown = undefined;
    if (isHttpStatusError(error)) {
      expectTypeOf(error).toEqualTypeOf<HttpStatusError>();
      expectTypeOf(error.response).toEqualTypeOf<Response>();
      expectTypeOf(error.status).toEqualTypeOf<number>();
    }
  });

  it('of fetch$ are those of an observable', () => {
    expectTypeOf(fetch$('/a', { method: 'PUT', resilience: standardPipeline() })).toEqualTypeOf<Observable<Response>>();
    // @ts-expect-error that is no pipeline
    fetch$('/a', { resilience: circuitBreaker() });
  });
});
