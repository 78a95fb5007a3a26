import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPrefix, targetOf } from '../../src/node/http-request.js';
import { routeOf, type Switches } from '../../src/node/routes.js';
import { thrownBy } from '../thrown.js';

const on: Switches = { deep: true, policies: true, stream: true, dashboard: true, control: true };
const off: Switches = { deep: false, policies: false, stream: false, dashboard: false, control: false };

const route = (url: string, method = 'GET', switches = on): unknown => {
  const target = targetOf(url, '/health');
  return target === undefined ? 'not ours' : routeOf(method, target.segments, switches);
};
const missing = { kind: 'none', status: 404 };

describe('the path of a request', () => {
  it.each<[string, unknown]>([
    ['/health/live', { kind: 'probe', of: 'live' }],
    ['/health/ready?verbose=1#top', { kind: 'probe', of: 'ready' }],
    ['/health/startup', { kind: 'probe', of: 'startup' }],
    ['/health/deep', { kind: 'probe', of: 'deep' }],
    ['http://service.example/health/live', { kind: 'probe', of: 'live' }],
    ['/health/policies', { kind: 'policies', name: undefined }],
    ['/health/policies/https%3A%2F%2Fapi.example', { kind: 'policies', name: 'https://api.example' }],
    ['/health/policies/..%2f..%2fetc', { kind: 'policies', name: '../../etc' }],
    ['/health/policies/%zz', { kind: 'none', status: 400 }],
    ['/health/policies/%ff', { kind: 'none', status: 400 }],
    ['/health/stream', { kind: 'stream' }],
    ['/health/dashboard', { kind: 'dashboard' }],
    ['/health', missing],
    ['/health/', missing],
    ['/health/live/', missing],
    ['/health//live', missing],
    ['/health/../live', missing],
    ['/health/./live', missing],
    ['/health/live%2F', missing],
    ['/health/%6Cive', missing],
    ['/health/LIVE', missing],
    ['/health/live/ready', missing],
    ['/health/policies/', missing],
    ['/health/policies/a/b', missing],
    ['/health/policies/a/isolate/b', missing],
    ['/health/constructor', missing],
    ['/health/__proto__', missing],
    ['/healthy', 'not ours'],
    ['/health%2Flive', 'not ours'],
    ['//health/live', 'not ours'],
    ['/x/../health/live', 'not ours'],
    ['/', 'not ours'],
    ['', 'not ours'],
    ['*', 'not ours'],
    ['health/live', 'not ours'],
  ])('%s', (url, expected) => expect(route(url)).toStrictEqual(expected));

  it('is unknown where it is switched off', () => {
    for (const url of ['/health/deep', '/health/policies', '/health/policies/a', '/health/stream', '/health/dashboard']) {
      expect(route(url, 'GET', off)).toStrictEqual(missing);
    }
    expect(route('/health/policies/a/isolate', 'POST', { ...on, control: false })).toStrictEqual(missing);
    expect(route('/health/policies/a', 'GET', { ...on, policies: false })).toStrictEqual(missing);
  });

  it('says which methods there are', () => {
    const read = { kind: 'none', status: 405, allow: 'GET, HEAD' };
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'get']) expect(route('/health/live', method)).toStrictEqual(read);
    expect(route('/health/live', 'HEAD')).toStrictEqual({ kind: 'probe', of: 'live' });
    for (const action of ['isolate', 'release', 'reset']) {
      expect(route(`/health/policies/a/${action}`, 'POST')).toStrictEqual({ kind: 'action', name: 'a', action });
      expect(route(`/health/policies/a/${action}`, 'GET')).toStrictEqual({ kind: 'none', status: 405, allow: 'POST' });
    }
  });

  it('never throws, and never finds another prefix', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'/.%2fFehalt?#:\\c0é') }), (url) => {
        const target = targetOf(url, '/health');
        if (target === undefined) return;
        expect(url.replace(/^http:\/\/[^/]*/i, '').startsWith('/health')).toBe(true);
        expect(() => routeOf('GET', target.segments, on)).not.toThrow();
      }),
      { numRuns: 2_000 },
    );
  });

  it('lies below the whole prefix', () => {
    expect(targetOf('/live', '')?.segments).toStrictEqual(['live']);
    expect(targetOf('/a/b/live', '/a/b')?.segments).toStrictEqual(['live']);
    expect(targetOf('/a/live', '/a/b')).toBeUndefined();
  });
});

describe('prefix', () => {
  it.each(['/health', '/a/b', '/-/health', '/v1.0/health'])('may be %s', (prefix) => expect(checkPrefix(prefix)).toBe(prefix));
  it.each(['', '/'])("may be '%s' where the handler is mounted", (prefix) => expect(checkPrefix(prefix)).toBe(''));
  it.each(['health', '/health/', '//health', '/a//b', '/..', '/a/./b', '/a%2Fb', '/a?b', '/a b', 7, null])('may not be %s', (prefix) => {
    expect(thrownBy(() => checkPrefix(prefix))).toBeInstanceOf(TypeError);
  });
});
