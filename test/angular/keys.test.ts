import '@angular/compiler';
import { readFileSync } from 'node:fs';
import { createEnvironmentInjector, runInInjectionContext } from '@angular/core';
import { HttpClient, type HttpRequest, provideHttpClient, withInterceptors, withRequestsMadeViaParent } from '@angular/common/http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { injectCircuit, injectHealth, provideResilience, resilienceInterceptor, withResilience } from '../../src/angular/index.js';
import { defaultKey } from '../../src/angular/addresses.js';
import { resiliencePipeline, type ResiliencePipeline } from '../../src/index.js';
import { answers, failing, ok } from './application.js';
import { inTime } from './in-time.js';

const base = 'https://app.example/shop/';

describe('the default key', () => {
  it.each([
    ['https://api.example/orders/items', 'https://api.example/orders/items'],
    ['https://api.example', 'https://api.example/'],
    ['https://api.example/', 'https://api.example/'],
    ['https://api.example//orders//items/', 'https://api.example/orders/items'],
    ['https://api.example:8443/orders', 'https://api.example:8443/orders'],
    ['https://API.example:443/orders', 'https://api.example/orders'],
    ['https://user:secret@api.example/orders', 'https://api.example/orders'],
    // Nothing of the query, nothing of the fragment.
    ['https://api.example/orders?user=7#x', 'https://api.example/orders'],
    ['https://api.example?orders', 'https://api.example/'],
    // Ids go first, wherever they stand.
    ['https://api.example/orders/42', 'https://api.example/orders'],
    ['https://api.example/42/orders/7/items/9/parts', 'https://api.example/orders/items'],
    ['https://api.example/123e4567-e89b-12d3-a456-426614174000/orders', 'https://api.example/orders'],
    ['https://api.example/123E4567-E89B-12D3-A456-426614174000', 'https://api.example/'],
    ['https://api.example/123e4567e89b12d3a456426614174000/orders', 'https://api.example/orders'],
    [`https://api.example/${'a'.repeat(33)}/orders`, 'https://api.example/orders'],
    [`https://api.example/${'g'.repeat(32)}/orders`, `https://api.example/${'g'.repeat(32)}/orders`],
    ['https://api.example/v1/orders/items', 'https://api.example/v1/orders'],
    // What leads to the resources is none.
    ['https://api.example/api/v1/orders/items', 'https://api.example/api/v1/orders'],
    ['https://api.example/api/v2.1/orders/7/items/9', 'https://api.example/api/v2.1/orders'],
    ['https://api.example/API/V1/orders', 'https://api.example/API/V1/orders'],
    ['https://api.example/rest/api/2/issue/7', 'https://api.example/rest/api/issue'],
    ['https://api.example/api/2.1/orders/items', 'https://api.example/api/2.1/orders'],
    ['https://api.example/api/v1beta1/orders/items', 'https://api.example/api/v1beta1/orders'],
    ['https://api.example/api/v2024-10-01/orders/items', 'https://api.example/api/v2024-10-01/orders'],
    ['https://api.example/shop/api/v1/orders/7', 'https://api.example/shop/api/v1/orders'],
    ['https://api.example/shop/en/orders/items', 'https://api.example/shop/en/orders'],
    ['https://api.example/en/orders/items', 'https://api.example/en/orders'],
    ['https://api.example/en/api/orders/items', 'https://api.example/en/api/orders'],
    ['https://api.example/de-CH/v1/orders/items', 'https://api.example/de-CH/v1/orders'],
    ['https://api.example/en_US/v1/orders/items', 'https://api.example/en_US/v1/orders'],
    ['https://api.example/es-419/v1/orders/items', 'https://api.example/es-419/v1/orders'],
    ['https://api.example/zh-Hans-CN/v1/orders/items', 'https://api.example/zh-Hans-CN/v1/orders'],
    ['https://api.example/api/v1/de-CH/orders/items', 'https://api.example/api/v1/de-CH/orders'],
    ['https://api.example/api/v1', 'https://api.example/api/v1'],
    ['https://api.example/api/users/settings', 'https://api.example/api/users'],
    ['https://api.example/api/v1-orders/a', 'https://api.example/api/v1-orders'],
    ['https://api.example/api/my-cart/a', 'https://api.example/api/my-cart'],
    ['https://api.example/4a/b', 'https://api.example/4a/b'],
    // Relative ones, by the base of the document.
    ['orders/7', 'https://app.example/shop/orders'],
    ['/orders/7', 'https://app.example/orders'],
    ['../orders', 'https://app.example/orders'],
    ['//evil.example/orders', 'https://evil.example/orders'],
    ['\\\\evil.example\\orders', 'https://evil.example/orders'],
    ['?page=2', 'https://app.example/shop'],
    ['', 'https://app.example/shop'],
    // What no browser can read has a key all the same.
    ['https://', '/https:'],
    ['http://[bad/orders?x=1', '/http:/[bad'],
    ['http://user:secret@[bad/orders', '/http:/[bad'],
  ])('of %s is %s', (url, key) => {
    expect(defaultKey(url, base)).toBe(key);
  });

  it('is what its page says', () => {
    const page = readFileSync(new URL('../../docs/angular.md', import.meta.url), 'utf8');
    const table = page.slice(page.indexOf('| Address | Key |')).split('\n\n')[0]!;
    const rows = [...table.matchAll(/^\| `(\S+)` \| `(\S+)` \|$/gm)];
    expect(rows.length).toBeGreaterThan(5);
    for (const [, address, key] of rows) expect(defaultKey(address!, 'https://shop.example/')).toBe(key);
  });

  it.each([
    ['/orders/7/items?x=1', '/orders/items'],
    ['orders#top', '/orders'],
    ['//user:secret@api.example/orders', '/api.example/orders'],
    ['/users/@me', '/users/@me'],
    ['https://api.example/orders', 'https://api.example/orders'],
  ])('of %s without a document is %s', (url, key) => {
    expect(defaultKey(url, undefined)).toBe(key);
  });
});

const named = (made: string[]) => (name: string) => (made.push(name), resiliencePipeline({ name, breaker: { failureThreshold: 1 } }));

describe('whatever stands in front', () => {
  const runs = Number(process.env['RESILIENCE_RUNS'] ?? 1_000);
  const ids = fc.oneof(fc.nat().map(String), fc.uuid(), fc.uuid().map((id) => id.replaceAll('-', '')), fc.string({ unit: fc.constantFrom('a', 'b', '-'), minLength: 33 }));
  const leading = fc.array(fc.constantFrom('api', 'v1', 'v2.1', 'v3alpha', 'en', 'de-CH', 'en_US'), { maxLength: 4 });
  const resources = fc.constantFrom('orders', 'items', 'users', 'payments', 'search');
  const keyOf = (segments: readonly string[]): string => defaultKey(`https://api.example/${segments.join('/')}`, base);

  it('ids make no key of their own, wherever they stand', () => {
    const path = fc.tuple(leading, fc.array(resources, { maxLength: 4 })).map(([first, rest]) => [...first, ...rest]);
    fc.assert(
      fc.property(path, fc.array(fc.tuple(fc.nat({ max: 8 }), ids), { maxLength: 5 }), (segments, inserted) => {
        const withIds: string[] = [...segments];
        for (const [at, id] of inserted) withIds.splice(at, 0, id);
        expect(keyOf(withIds)).toBe(keyOf(segments));
      }),
      { numRuns: runs },
    );
  });

  it('two resources have two keys', () => {
    fc.assert(
      fc.property(leading, fc.uniqueArray(resources, { minLength: 2, maxLength: 2 }), fc.array(resources), (first, two, rest) => {
        const [one, other] = two.map((resource) => keyOf([...first, resource, ...rest]));
        expect(one).not.toBe(other);
      }),
      { numRuns: runs },
    );
  });

  it('what stands behind two resources makes no key of its own', () => {
    fc.assert(
      fc.property(leading, fc.tuple(resources, resources), fc.array(fc.string()), (first, two, rest) => {
        const tail = rest.map((segment) => encodeURIComponent(`x${segment}`).slice(0, 32));
        expect(keyOf([...first, ...two, ...tail])).toBe(keyOf([...first, ...two]));
      }),
      { numRuns: runs },
    );
  });
});

describe('pipelines by key', () => {
  it('are made with the first request of a key, once', inTime(({ app, flush, watch }) => {
    const made: string[] = [];
    const { http } = app(answers(ok()), { resilience: { pipeline: named(made) } });
    for (const url of ['orders/1', 'orders/2?x=1', '/api/users', 'https://other.example/orders', 'orders']) watch(http.get(url));
    flush();
    expect(made).toStrictEqual(['https://app.example/shop/orders', 'https://app.example/api/users', 'https://other.example/orders']);
  }));

  it('share what they know: one of an origin refuses, another goes on', inTime(({ app, at, flush, watch }) => {
    const { http } = app(answers(failing(503), ok()), { resilience: { pipeline: named([]) } });
    watch(http.get('/orders/1'));
    at(10, () => {
      refused = watch(http.get('/orders/2'));
      served = watch(http.get('/users/1'));
    });
    let [refused, served]: ReturnType<typeof watch>[] = [];
    flush();
    expect(refused!.log).toStrictEqual(['10 !503 CircuitOpenError']);
    expect(served!.log).toStrictEqual(['11 body', '11 |']);
  }));

  it('follow the base of the document, or else its address', inTime(({ app, flush, watch }) => {
    const made: string[] = [];
    const resilience = { pipeline: named(made) };
    watch(app(answers(ok()), { resilience, page: { location: { href: 'https://app.example/a/b' } } }).http.get('orders'));
    watch(app(answers(ok()), { resilience, page: null }).http.get('orders'));
    watch(app(answers(ok()), { resilience, page: {} }).http.get('orders'));
    flush();
    expect(made).toStrictEqual(['https://app.example/a/orders', '/orders', '/orders']);
  }));

  it('follow the base also in the document of a server, which knows no `baseURI` and says so by an error', inTime(({ app, flush, watch }) => {
    const made: string[] = [];
    const rendered = (base: string | null): object => ({
      location: { href: 'https://app.example/a/b' },
      querySelector: () => (base === null ? null : { getAttribute: () => base }),
      get baseURI(): string {
        throw new Error('NotYetImplemented');
      },
    });
    for (const base of ['/shop/', null]) {
      const { http } = app(answers(ok()), { resilience: { pipeline: named(made) }, platform: 'server', page: rendered(base) });
      watch(http.get('orders'));
    }
    flush();
    expect(made).toStrictEqual(['https://app.example/shop/orders', 'https://app.example/a/orders']);
  }));

  it('have the key that the application says, or the request', inTime(({ app, flush, watch }) => {
    const made: string[] = [];
    const asked: string[] = [];
    const key = ({ urlWithParams }: HttpRequest<unknown>) => (asked.push(urlWithParams), 'mine');
    const { http } = app(answers(ok()), { resilience: { pipeline: named(made), key } });
    watch(http.get('/orders', { params: { a: 1 } }));
    watch(http.get('/orders', { context: withResilience({ key: 'payments' }) }));
    flush();
    expect(made).toStrictEqual(['mine', 'payments']);
    expect(asked).toStrictEqual(['/orders?a=1']);
  }));

  it('are never more than twice maxKeys and one, and leave in the order of their use', inTime(({ app, at, flush, watch }) => {
    const made: string[] = [];
    const { http } = app(answers(ok()), { resilience: { pipeline: named(made), maxKeys: 2, key: ({ url }) => url } });
    ['a', 'b', 'c', 'a'].forEach((url, i) => at(10 * i, () => watch(http.get(url))));
    at(100, () => ['d', 'e', 'f', 'g', 'h', 'i'].forEach((url) => watch(http.get(url))));
    flush();
    expect(made).toStrictEqual(['a', 'b', 'c', 'a', 'd', 'e', 'f', 'g', '(others)']);
  }));

  it('stay few where users make up addresses', inTime(({ app, flush, watch }) => {
    const disposed: string[] = [];
    const pipeline = (name: string): ResiliencePipeline => {
      const made = resiliencePipeline({ name, breaker: {} });
      return Object.assign(made, { dispose: () => disposed.push(name) });
    };
    const { http } = app(answers(ok('body', 0)), { resilience: { pipeline, maxKeys: 10 } });
    for (let i = 0; i < 1_000; i++) watch(http.get(`https://h${i}.example/x`));
    flush();
    expect(disposed).toHaveLength(990);
  }));

  it('may be one and the same for several keys, which is disposed with the last', inTime(({ app, flush, watch }) => {
    let disposals = 0;
    const made = resiliencePipeline({ name: 'all', breaker: { failureThreshold: 1 } });
    const shared = Object.assign(made, { dispose: () => disposals++ }) as unknown as ResiliencePipeline;
    const { http } = app(answers(ok('body', 0)), { resilience: { pipeline: () => shared, maxKeys: 2, key: ({ url }) => url } });
    for (const url of ['a', 'b', 'c', 'd']) watch(http.get(url));
    flush();
    expect([disposals, made.metrics().breaker.calls]).toStrictEqual([0, 4]);
  }));

  it('may consist of nothing', inTime(({ app, flush, watch }) => {
    const backend = answers(failing(503));
    const { http, within } = app(backend, { resilience: { pipeline: (name) => resiliencePipeline({ name }), key: () => 'a' } });
    const [circuit, health] = within(() => [injectCircuit('a'), injectHealth('a')] as const);
    const seen = watch(http.get('/x'));
    expect([circuit(), health().status]).toStrictEqual([undefined, 'up']);
    flush();
    expect(seen.log).toStrictEqual(['1 !503']);
  }));

  it('end with the application, once', () => {
    let disposals = 0;
    inTime(({ app, flush, watch }) => {
      const pipeline = (name: string) => Object.assign(resiliencePipeline({ name, breaker: {} }), { dispose: () => disposals++ }) as unknown as ResiliencePipeline;
      watch(app(answers(ok()), { resilience: { pipeline } }).http.get('/x'));
      flush();
      expect(disposals).toBe(0);
    })();
    expect(disposals).toBe(1);
  });

  it('a route with an injector of its own has its own', inTime(({ app, flush, watch }) => {
    const [outer, inner]: [string[], string[]] = [[], []];
    const { http, injector } = app(answers(ok()), { resilience: { pipeline: named(outer) } });
    const route = createEnvironmentInjector(
      [
        provideHttpClient(withInterceptors([resilienceInterceptor]), withRequestsMadeViaParent()),
        provideResilience({ pipeline: named(inner), key: () => 'route' }),
      ],
      injector,
    );
    watch(runInInjectionContext(route, () => route.get(HttpClient)).get('/x'));
    watch(http.get('/x'));
    flush();
    expect([outer, inner]).toStrictEqual([['https://app.example/x'], ['route']]);
    route.destroy();
  }));
});

describe('what a callback does wrong ends that request, and nothing else', () => {
  const thrown = new Error('no');
  const throwing = (): never => {
    throw thrown;
  };
  it.each([
    ['a key that throws', { key: throwing }, thrown],
    ['a pipeline that throws', { pipeline: throwing }, thrown],
    ['a destination that throws', { propagateTo: throwing }, thrown],
    ['a key that is none', { key: () => undefined as unknown as string }, new TypeError('key must be a string, got undefined')],
    ['a pipeline that is none', { pipeline: () => 7 as never }, new TypeError('pipeline must give a resiliencePipeline, got 7')],
    ['no pipeline', { pipeline: () => undefined as never }, new TypeError('pipeline must give a resiliencePipeline, got undefined')],
  ])('%s', (_title, resilience, error) => {
    inTime(({ app, at, flush, watch }) => {
      const backend = answers(ok());
      const { http } = app(backend, { resilience });
      const seen = watch(http.get('/x'));
      expect(backend.count).toBe(0);
      const free = http.get('/x', { context: withResilience(false) });
      let later: typeof seen;
      at(10, () => (later = watch(free)));
      flush();
      expect(seen.error).toStrictEqual(error);
      expect(later!.log).toStrictEqual(['11 body', '11 |']);
    })();
  });
});
