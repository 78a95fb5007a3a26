import { EMPTY, type Observable, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bulkhead, circuitBreaker, fallbackToValue, type Policy, type PolicyEvent, policyRegistry, retryWithBackoff, withDeadline } from '../../src/index.js';

const breaker = (name: string, required = false) => circuitBreaker({ name, required, failureThreshold: 1 });
const fail = (policy: ReturnType<typeof breaker>): void =>
  void throwError(() => new Error('down')).pipe(policy).subscribe({ error: () => undefined });
const names = (policies: readonly Policy[]): string => policies.map(({ kind, name }) => `${kind}:${name}`).join(' ');

describe('a registry', () => {
  it('gives back what is registered, by name and kind', () => {
    const registry = policyRegistry();
    const a = registry.register(breaker('a'));
    const pool = registry.register(bulkhead(1, 0, { name: 'a' }));
    expect(registry.get('a', 'circuitBreaker')).toBe(a);
    expect(registry.get('a', 'bulkhead')).toBe(pool);
    expect(registry.get('a', 'retry')).toBeUndefined();
    expect(registry.get('b')).toBeUndefined();
  });

  it('gives the only one of a name where no kind is given, and refuses to choose', () => {
    const registry = policyRegistry();
    const a = registry.register(breaker('a'));
    expect(registry.get('a')).toBe(a);
    registry.register(bulkhead(1, 0, { name: 'a' }));
    expect(() => registry.get('a')).toThrow(
      new TypeError("kind must be given, for 'a' names several policies: circuitBreaker, bulkhead"),
    );
  });

  it('refuses a second policy of a name and kind, and stays as it was; the same one again changes nothing', () => {
    const registry = policyRegistry();
    const a = registry.register(breaker('a'));
    const told: string[] = [];
    registry.policies$.subscribe((policies) => told.push(names(policies)));
    expect(() => registry.register(breaker('a'))).toThrow(
      new TypeError("another circuitBreaker named 'a' is registered: give one of the two another name"),
    );
    expect(registry.register(a)).toBe(a);
    expect(told).toStrictEqual(['circuitBreaker:a']);
  });

  it('takes every part of a pipeline or none, and a shared part once', () => {
    const registry = policyRegistry();
    const pool = registry.register(bulkhead(1, 0, { name: 'pool' }));
    const pipeline = { parts: { pool, breaker: breaker('p'), retry: retryWithBackoff({ name: 'p' }), same: pool, none: undefined } };
    expect(registry.register(pipeline)).toBe(pipeline);
    expect(registry.metrics().map(({ kind, policy }) => `${kind}:${policy}`)).toStrictEqual(['bulkhead:pool', 'circuitBreaker:p', 'retry:p']);
    expect(() => registry.register({ parts: { other: breaker('q'), retry: retryWithBackoff({ name: 'p' }) } })).toThrow("another retry named 'p'");
    expect(() => registry.register({ parts: { one: breaker('r'), two: breaker('r') } })).toThrow("another circuitBreaker named 'r'");
    expect([registry.get('q'), registry.get('r')]).toStrictEqual([undefined, undefined]);
  });

  it.each([[undefined], [null], [1], [{}], [{ parts: {} }], [{ parts: null }], [{ parts: { a: 1 } }], [(x: unknown) => x]])(
    'refuses what is no policy: %o',
    (given) => {
      expect(() => policyRegistry().register(given as never)).toThrow(/^register takes a policy or a pipeline, got /);
    },
  );

  it('makes one where there is none', () => {
    const registry = policyRegistry();
    const made: string[] = [];
    const make = (name: string) => {
      made.push(name);
      return breaker(name);
    };
    const a = registry.getOrCreate('a', make);
    expect(registry.getOrCreate('a', make, 'circuitBreaker')).toBe(a);
    expect(registry.getOrCreate('a', (name) => bulkhead(1, 0, { name }), 'bulkhead').kind).toBe('bulkhead');
    expect(made).toStrictEqual(['a']);
  });

  it.each<[string, () => Policy, string]>([
    ['another name', () => breaker('b'), "make must give a bulkhead named 'a', got a circuitBreaker named 'b'"],
    ['another kind', () => breaker('a'), "make must give a bulkhead named 'a', got a circuitBreaker named 'a'"],
    ['nothing', () => undefined as never, "make must give a bulkhead named 'a', got undefined"],
    ['a function', () => (() => 1) as never, "make must give a bulkhead named 'a', got function (anonymous)"],
  ])('refuses what was made with %s', (_, make, message) => {
    const registry = policyRegistry();
    expect(() => registry.getOrCreate('a', make, 'bulkhead')).toThrow(new TypeError(message));
    expect(registry.metrics()).toStrictEqual([]);
  });

  it('lets go of one, or of all of a name, and the policies go on', () => {
    const registry = policyRegistry();
    const a = registry.register(breaker('a'));
    registry.register(bulkhead(1, 0, { name: 'a' }));
    registry.register(breaker('b'));
    const told: string[] = [];
    registry.policies$.subscribe((policies) => told.push(names(policies)));
    expect([registry.remove('a', 'bulkhead'), registry.remove('a'), registry.remove('a')]).toStrictEqual([true, true, false]);
    expect(told).toStrictEqual(['circuitBreaker:a bulkhead:a circuitBreaker:b', 'circuitBreaker:a circuitBreaker:b', 'circuitBreaker:b']);
    fail(a);
    expect(registry.history()).toStrictEqual([]);
    expect(a.state).toBe('open');
    expect(registry.register(breaker('a')).name).toBe('a');
  });

  it('lets go of what is disposed', () => {
    const registry = policyRegistry();
    const a = registry.register(breaker('a'));
    const told: string[] = [];
    registry.policies$.subscribe((policies) => told.push(names(policies)));
    a.dispose();
    expect(told).toStrictEqual(['circuitBreaker:a', '']);
    expect(registry.get('a')).toBeUndefined();
  });

  it('has the counters of each', () => {
    const registry = policyRegistry();
    const a = registry.register(breaker('a'));
    registry.register(withDeadline(5, { name: 'd', mode: 'shadow' }));
    EMPTY.pipe(a).subscribe();
    expect(registry.metrics()).toMatchObject([
      { policy: 'a', kind: 'circuitBreaker', mode: 'enforce', metrics: { calls: 1, successes: 1 } },
      { policy: 'd', kind: 'deadline', mode: 'shadow', metrics: { calls: 0, expired: 0 } },
    ]);
  });

  it.each([
    [{ history: -1 }, RangeError],
    [{ history: 1.5 }, RangeError],
    [{ history: 100_001 }, RangeError],
    [{ history: '1' }, TypeError],
    [{ name: '' }, TypeError],
    [{ hystory: 1 }, TypeError],
  ])('refuses %o', (options, kind) => {
    expect(() => policyRegistry(options as never)).toThrow(kind);
  });
});

describe('the health of all policies', () => {
  it('is the worst of the required ones; the others make it at most degraded', () => {
    const registry = policyRegistry({ name: 'shop' });
    const [a, b] = [registry.register(breaker('a')), registry.register(breaker('b', true))];
    const told: string[] = [];
    registry.health$.subscribe(({ status, name }) => told.push(`${name} ${status}`));
    fail(a);
    fail(b);
    a.dispose();
    b.reset();
    expect(told).toStrictEqual(['shop up', 'shop degraded', 'shop down', 'shop down', 'shop up']);
  });

  it('has each under its kind and name', () => {
    const registry = policyRegistry();
    fail(registry.register(breaker('a')));
    registry.register(fallbackToValue(1, { name: 'a' }));
    registry.health$.subscribe(({ components }) => {
      expect(Object.entries(components!).map(([key, { status }]) => [key, status])).toStrictEqual([
        ['circuitBreaker:a', 'down'],
        ['fallback:a', 'up'],
      ]);
    });
    expect.assertions(1);
  });
});

describe('what happens to the policies', () => {
  it('is heard of all of them, also of one that is made while somebody listens, and from its first call on', () => {
    const registry = policyRegistry();
    const a = registry.register(breaker('a'));
    const heard: string[] = [];
    const listening = registry.events$.subscribe(({ policy, type }) => heard.push(`${policy} ${type}`));
    registry.policies$.subscribe((policies) => {
      const made = policies.find(({ name }) => name === 'b') as typeof a | undefined;
      if (made?.metrics().calls === 0) EMPTY.pipe(made).subscribe();
    });
    registry.register(breaker('b'));
    EMPTY.pipe(a).subscribe();
    registry.remove('a');
    EMPTY.pipe(a).subscribe();
    listening.unsubscribe();
    expect(heard).toStrictEqual(['b succeeded', 'a succeeded']);
  });

  it('is not even made into events while nobody listens, and heard once by each who does', () => {
    const registry = policyRegistry();
    const a = registry.register(breaker('a'));
    const heard: PolicyEvent[] = [];
    const both = [0, 1].map(() => registry.events$.subscribe((event) => heard.push(event)));
    EMPTY.pipe(a).subscribe();
    expect(heard).toHaveLength(2);
    expect(heard[0]).toBe(heard[1]);
    for (const one of both) one.unsubscribe();
    EMPTY.pipe(a).subscribe();
    expect(heard).toHaveLength(2);
    registry.events$.subscribe((event) => heard.push(event)).unsubscribe();
  });

  it('is kept where it moves a policy itself: the latest, numbered, the oldest first', () => {
    const registry = policyRegistry({ history: 3 });
    const a = registry.register(breaker('a'));
    const live: number[] = [];
    registry.transitions$.subscribe(({ id }) => live.push(id));
    const kept = (): string => registry.history().map(({ id, event }) => `${id} ${event.type}`).join();
    expect(kept()).toBe('');
    fail(a);
    EMPTY.pipe(a).subscribe({ error: () => undefined });
    a.reset();
    expect(kept()).toBe('1 opened,2 reset,3 closed');
    a.isolate();
    a.reset();
    expect(kept()).toBe('3 closed,4 isolated,5 reset');
    expect(live).toStrictEqual([1, 2, 3, 4, 5]);
  });

  it('is not kept where no history is wanted', () => {
    const registry = policyRegistry({ history: 0 });
    const live: number[] = [];
    registry.transitions$.subscribe(({ id }) => live.push(id));
    fail(registry.register(breaker('a')));
    expect([registry.history(), live]).toStrictEqual([[], [1]]);
  });
});

describe('a registry that is disposed', () => {
  it('completes its streams, lets go of everything and takes nothing more; the policies go on', () => {
    const registry = policyRegistry();
    const a = registry.register(breaker('a', true));
    const ends: string[] = [];
    for (const stream of ['policies$', 'health$', 'events$', 'transitions$'] as const) {
      (registry[stream] as Observable<unknown>).subscribe({ complete: () => ends.push(stream) });
    }
    registry.dispose();
    registry.dispose();
    fail(a);
    expect(ends.sort()).toStrictEqual(['events$', 'health$', 'policies$', 'transitions$']);
    expect([registry.metrics(), registry.history()]).toStrictEqual([[], []]);
    expect(() => registry.register(a)).toThrow('the registry is disposed');
    let states = 0;
    a.state$.subscribe(() => states++);
    a.reset();
    expect(states).toBe(2);
  });
});
