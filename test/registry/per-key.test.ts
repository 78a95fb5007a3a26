import { concat, EMPTY, NEVER, type Observable, of, Subject, take, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bulkhead, circuitBreaker, currentContext, failureCount, fallbackToValue, type PolicyEvent, resiliencePipeline, retryWithBackoff, runInContext, withDeadline } from '../../src/index.js';
import { presentOf } from '../../src/operator/published.js';
import { type KeyedPolicy, overflowKey } from '../../src/registry/keyed-types.js';
import { perKey } from '../../src/registry/per-key.js';
import { outcome, virtual } from '../virtual.js';

const breaker = (name: string) => circuitBreaker({ name, failureThreshold: 1, breakDuration: 1_000 });
const failing = throwError(() => new Error('down'));
const run = (source: Observable<unknown>): readonly unknown[] => outcome(source).log;
type PerBreaker = ReturnType<typeof perKey<ReturnType<typeof breaker>>>;
const use = (perHost: PerBreaker, ...keys: readonly string[]): void => keys.forEach((key) => void run(EMPTY.pipe(perHost(key))));
const fail = (perHost: PerBreaker, ...keys: readonly string[]): void => keys.forEach((key) => void run(failing.pipe(perHost(key))));
const timeless = (event: object): object => Object.fromEntries(Object.entries(event).filter(([name]) => name !== 'at'));
const states = (perHost: PerBreaker): readonly unknown[] => perHost.keys().map((key) => `${key} ${perHost.get(key)!.state}`);

describe('a policy for each key', () => {
  it('is made when the result is subscribed, and never when the pipe is assembled', () => {
    const made: string[] = [];
    const perHost = perKey((key) => {
      made.push(key);
      return breaker(key);
    });
    const piped = of(1).pipe(perHost('a'));
    expect([perHost.size, perHost.keys(), perHost.get('a'), made]).toStrictEqual([0, [], undefined, []]);
    expect(run(piped)).toStrictEqual([1, '|']);
    run(piped);
    expect([perHost.size, perHost.keys(), perHost.get('a')?.metrics().calls, made]).toStrictEqual([1, ['a'], 2, ['a']]);
  });

  it('is told apart by its key, whatever the key is', () => {
    const perHost = perKey((key) => breaker(key === '' ? 'empty' : key));
    const keys = ['', '__proto__', 'constructor', 'toString', 'x'.repeat(100_000), '\0', 'ä'];
    fail(perHost, ...keys.slice(1));
    use(perHost, '');
    expect(states(perHost)).toStrictEqual(keys.slice(1).map((key) => `${key} open`).concat(' closed'));
    expect(perHost.get('hasOwnProperty')).toBeUndefined();
  });

  it('passes what the policy lets pass', () => {
    const perHost = perKey(() => fallbackToValue('instead'));
    expect(run(of(1, 2).pipe(perHost('a')))).toStrictEqual([1, 2, '|']);
    expect(run(failing.pipe(perHost('a')))).toStrictEqual(['instead', '|']);
    expect(run(concat(of(1), failing).pipe(perKey(breaker)('a')))).toStrictEqual([1, new Error('down')]);
  });

  it('survives in a kept pipe when its key has left', () => {
    const perHost = perKey(breaker, { maxKeys: 1 });
    const kept = failing.pipe(perHost('a'));
    use(perHost, 'a');
    const first = perHost.get('a');
    use(perHost, 'b');
    expect(perHost.get('a')).toBeUndefined();
    run(kept);
    expect(perHost.get('a')?.state).toBe('open');
    expect(perHost.get('a')).not.toBe(first);
  });

  it('takes part in the call as if it stood there itself: context, and the cause of an unsubscription', () => {
    const { advance, scheduler } = virtual();
    const perHost = perKey((name) => circuitBreaker({ name, scheduler, failureThreshold: 1 }), { scheduler });
    const seen: number[] = [];
    const { log } = outcome(NEVER.pipe(perHost('hangs'), withDeadline(500, { scheduler })));
    outcome(NEVER.pipe(perHost('left'))).leave();
    const tries = retryWithBackoff({ maxRetries: 2, backoff: () => 0, scheduler });
    const source = failing.pipe(perKey(() => fallbackToValue(0, { when: () => (seen.push(currentContext().attempt), false) }))('a'), tries);
    runInContext({ attempt: 1 }, () => run(source));
    advance(600);
    expect(log).toMatchObject([{ name: 'DeadlineExceededError' }]);
    expect([perHost.get('hangs')?.state, perHost.get('left')?.state]).toStrictEqual(['open', 'closed']);
    expect(perHost.get('left')?.metrics()).toMatchObject({ abandoned: 1, failures: 0 });
    expect(seen).toHaveLength(3);
  });

  it('may be called for another key, and for its own, inside of a call', () => {
    const perHost = perKey(breaker, { maxKeys: 1 });
    const inner: string[] = [];
    const subject = new Subject<number>();
    subject.pipe(perHost('a')).subscribe(() => {
      of(1).pipe(perHost('b')).subscribe(() => use(perHost, 'a'));
      inner.push(perHost.keys().join(' '));
    });
    subject.next(1);
    expect(inner).toStrictEqual(['a b']);
    subject.complete();
    use(perHost, 'c');
    expect(perHost.keys()).toStrictEqual(['c']);
  });
});

describe('a factory', () => {
  it('ends the call with what it throws, and leaves nothing', () => {
    let fault: Error | undefined = new Error('no such host');
    const perHost = perKey((key) => {
      if (fault !== undefined) throw fault;
      return breaker(key);
    }, { maxKeys: 1 });
    expect(run(of(1).pipe(perHost('a')))).toStrictEqual([fault]);
    expect([perHost.size, perHost.get('a')]).toStrictEqual([0, undefined]);
    fault = undefined;
    use(perHost, 'b');
    fault = new Error('again');
    expect(run(of(1).pipe(perHost('a')))).toStrictEqual([fault]);
    expect(perHost.keys()).toStrictEqual(['b']);
  });

  it.each([[undefined], [1], [{}], [(x: unknown) => x], [Object.assign((x: unknown) => x, { parts: {} })]])('that gives no policy ends the call: %o', (made) => {
    const perHost = perKey(() => made as never);
    expect(run(of(1).pipe(perHost('a')))).toMatchObject([{ name: 'TypeError', message: expect.stringMatching(/^make must give a policy or a pipeline, got /) as string }]);
    expect(perHost.size).toBe(0);
  });

  it('may give a pipeline that has no parts, for a key that wants none', () => {
    const perHost = perKey((name) => resiliencePipeline({ name }), { maxKeys: 1 });
    const kept = [NEVER, NEVER, of(1)].map((source, i) => source.pipe(perHost(`${i}`)).subscribe());
    expect([perHost.size, perHost.get('0')?.name]).toStrictEqual([2, '0']);
    expect(run(perHost.health$.pipe(take(1)))).toMatchObject([{ status: 'up' }, '|']);
    for (const subscription of kept) subscription.unsubscribe();
  });

  it('may make calls of its own, for the same key and for others', () => {
    const made: string[] = [];
    const perHost: PerBreaker = perKey((key) => {
      made.push(key);
      if (made.length < 3) use(perHost, 'a', 'b');
      return breaker(key);
    }, { maxKeys: 4 });
    use(perHost, 'a');
    expect(perHost.size).toBe(2);
    const [a, b] = [perHost.get('a')!, perHost.get('b')!];
    expect(a.metrics().calls + b.metrics().calls).toBeGreaterThan(2);
    use(perHost, 'a');
    expect(perHost.get('a')).toBe(a);
  });

  it('may give the same policy to several keys: it is disposed with the last of them', () => {
    const same = breaker('same');
    let completed = false;
    same.events$.subscribe({ complete: () => (completed = true) });
    const perHost = perKey((key) => (key.startsWith('s') ? same : breaker(key)), { maxKeys: 2 });
    use(perHost, 's1', 's2', 'a');
    expect([perHost.keys(), completed]).toStrictEqual([['s2', 'a'], false]);
    use(perHost, 'b');
    expect([perHost.keys(), completed]).toStrictEqual([['a', 'b'], true]);
  });

  it('may give a pipeline: it is open where a part is, and is disposed as a whole', () => {
    const parts = { breaker: breaker('p'), pool: bulkhead(1, 0, { name: 'p' }), none: undefined };
    let disposed = 0;
    const make = (name: string) =>
      Object.assign(<T>(source: Observable<T>) => source.pipe(parts.pool, parts.breaker), {
        parts, health$: parts.breaker.health$, events$: parts.breaker.events$ as Observable<PolicyEvent>, dispose: () => void disposed++, key: name,
      });
    const perHost = perKey(make, { maxKeys: 1 });
    run(failing.pipe(perHost('a')));
    run(EMPTY.pipe(perHost('b')));
    expect([perHost.keys(), disposed]).toStrictEqual([['a', 'b'], 0]);
    parts.breaker.reset();
    run(EMPTY.pipe(perHost('c')));
    expect([perHost.keys(), disposed]).toStrictEqual([['c'], 2]);
  });
});

describe('eviction', () => {
  it('takes the one whose last call ended first, and completes its streams', () => {
    const perHost = perKey(breaker, { maxKeys: 3 });
    const completed: string[] = [];
    use(perHost, 'a', 'b', 'c');
    for (const key of perHost.keys()) perHost.get(key)!.health$.subscribe({ complete: () => completed.push(key) });
    use(perHost, 'a', 'd');
    expect([perHost.keys(), completed]).toStrictEqual([['a', 'c', 'd'], ['b']]);
    perHost.get('c');
    use(perHost, 'e');
    expect([perHost.keys(), completed]).toStrictEqual([['a', 'd', 'e'], ['b', 'c']]);
  });

  it('never takes one with calls in flight, be it the oldest', () => {
    const perHost = perKey(breaker, { maxKeys: 2 });
    const long = [outcome(NEVER.pipe(perHost('a'))), outcome(NEVER.pipe(perHost('a')))];
    use(perHost, 'b', 'c');
    expect(perHost.keys()).toStrictEqual(['a', 'c']);
    long[0]!.leave();
    use(perHost, 'd');
    expect(perHost.keys()).toStrictEqual(['a', 'd']);
    long[1]!.leave();
    use(perHost, 'e');
    expect(perHost.keys()).toStrictEqual(['a', 'e']);
    use(perHost, 'f');
    expect(perHost.keys()).toStrictEqual(['e', 'f']);
  });

  it('never takes one of which the breaker is not closed', () => {
    const { advance, scheduler } = virtual();
    const perHost = perKey((name) => circuitBreaker({ name, scheduler, failureThreshold: 1, breakDuration: 1_000, successThreshold: 1 }), { maxKeys: 2, scheduler });
    fail(perHost, 'open');
    use(perHost, 'by hand');
    const isolation = perHost.get('by hand')!.isolate();
    use(perHost, 'c', 'd');
    expect(states(perHost)).toStrictEqual(['open open', 'by hand isolated', 'd closed']);
    advance(1_000);
    use(perHost, 'e');
    expect(states(perHost)).toStrictEqual(['open half-open', 'by hand isolated', 'e closed']);
    use(perHost, 'open', 'f');
    expect(states(perHost)).toStrictEqual(['by hand isolated', 'f closed']);
    isolation.release();
    use(perHost, 'g');
    expect(perHost.keys()).toStrictEqual(['f', 'g']);
  });

  it('takes those that were closed by hand by their last calls, whichever was closed first', () => {
    const perHost = perKey(breaker, { maxKeys: 3 });
    fail(perHost, 'a', 'b');
    use(perHost, 'c', 'd');
    expect(perHost.keys()).toStrictEqual(['a', 'b', 'd']);
    perHost.get('a')!.reset();
    perHost.get('b')!.reset();
    use(perHost, 'e');
    expect(perHost.keys()).toStrictEqual(['b', 'd', 'e']);
    use(perHost, 'f');
    expect(perHost.keys()).toStrictEqual(['d', 'e', 'f']);
  });

  it('does not take one whose work runs on though its call has ended, until that has ended', () => {
    const { advance, scheduler } = virtual();
    const detaching = (name: string) => {
      const pool = bulkhead(1, 0, { name, scheduler });
      const deadline = withDeadline({ within: 5, onExpire: 'detach' }, { name, scheduler });
      const both = <T>(source: Observable<T>) => source.pipe(pool, deadline);
      return Object.assign(both, { parts: { pool, deadline }, health$: pool.health$, events$: pool.events$, dispose: () => undefined });
    };
    const writes = perKey(detaching, { maxKeys: 1, scheduler });
    const write = new Subject<never>();
    const { log } = outcome(write.pipe(writes('a')));
    advance(10);
    expect(log).toMatchObject([{ name: 'DeadlineExceededError' }]);
    run(EMPTY.pipe(writes('b')));
    expect(writes.keys()).toStrictEqual(['a', 'b']);
    write.complete();
    run(EMPTY.pipe(writes('c')));
    expect(writes.keys()).toStrictEqual(['c']);
  });

  it('lets go of a key with the next call after it was idle for long enough, of any key', () => {
    const { advance, scheduler } = virtual();
    const perHost = perKey(breaker, { idleAfter: 100, scheduler });
    use(perHost, 'a');
    advance(50);
    const { leave } = outcome(NEVER.pipe(perHost('b')));
    advance(49);
    use(perHost, 'c');
    expect(perHost.keys()).toStrictEqual(['a', 'b', 'c']);
    advance(1);
    expect(perHost.size).toBe(3);
    use(perHost, 'c');
    expect(perHost.keys()).toStrictEqual(['b', 'c']);
    advance(200);
    leave();
    use(perHost, 'd');
    expect(perHost.keys()).toStrictEqual(['b', 'd']);
    const d = perHost.get('d');
    advance(100);
    use(perHost, 'd');
    expect(perHost.keys()).toStrictEqual(['d']);
    expect(perHost.get('d')).not.toBe(d);
  });

  it.each([
    [0, []],
    [Infinity, ['a']],
  ])('knows idleAfter: %d', (idleAfter, kept) => {
    const { advance, scheduler } = virtual();
    const perHost = perKey(breaker, { idleAfter, scheduler });
    use(perHost, 'a');
    advance(1e9);
    use(perHost, 'b');
    expect(perHost.keys()).toStrictEqual([...kept, 'b']);
  });

  it('lets go of a policy that somebody disposes, and the next call makes another', () => {
    const perHost = perKey(breaker, { maxKeys: 1 });
    const { leave } = outcome(NEVER.pipe(perHost('a')));
    const first = perHost.get('a')!;
    first.dispose();
    expect(perHost.size).toBe(0);
    use(perHost, 'a');
    expect(perHost.get('a')).not.toBe(first);
    leave();
    use(perHost, 'b');
    expect(perHost.keys()).toStrictEqual(['b']);
  });
});

describe('where no key can go', () => {
  it('there are twice as many, and the others share one policy, until there is a place', () => {
    const perHost = perKey(breaker, { maxKeys: 1 });
    const events: object[] = [];
    perHost.events$.subscribe((event) => events.push(timeless(event)));
    const [a, , c] = ['a', 'b', 'c', 'd'].map((key) => outcome(NEVER.pipe(perHost(key))));
    expect([perHost.keys(), perHost.get('c'), perHost.get(overflowKey)?.name]).toStrictEqual([['a', 'b'], undefined, '(others)']);
    expect(events).toStrictEqual(['c', 'd'].map((key) => ({ type: 'overflow', policy: '(others)', kind: 'circuitBreaker', key })));
    a!.leave();
    c!.leave();
    use(perHost, 'c');
    expect(perHost.keys()).toStrictEqual(['b', 'c']);
  });

  it('the shared policy leaves when it has been idle, closed and without calls', () => {
    const { advance, scheduler } = virtual();
    const make = (name: string) => circuitBreaker({ name, scheduler, failureThreshold: 1, breakDuration: 1_000, successThreshold: 1 });
    const perHost = perKey(make, { maxKeys: 1, idleAfter: 5_000, scheduler });
    const held = ['a', 'b', 'c'].map((key) => outcome(NEVER.pipe(perHost(key))));
    const shared = perHost.get(overflowKey)!;
    advance(6_000);
    use(perHost, 'a');
    expect(perHost.get(overflowKey)).toBe(shared);
    held[2]!.leave();
    const isolation = shared.isolate();
    advance(6_000);
    use(perHost, 'a');
    expect(perHost.get(overflowKey)?.state).toBe('isolated');
    use(perHost, 'e');
    isolation.release();
    advance(4_999);
    use(perHost, 'a');
    expect(perHost.get(overflowKey)).toBe(shared);
    advance(1);
    let completed = false;
    shared.events$.subscribe({ complete: () => (completed = true) });
    use(perHost, 'a');
    expect([perHost.get(overflowKey), completed]).toStrictEqual([undefined, true]);
  });

  it.each<[string, (name: string) => KeyedPolicy]>([
    ['a breaker', breaker],
    ['the breaker of a pipeline', (name) => resiliencePipeline({ name, attemptDeadline: 100, breaker: { failureThreshold: 1 }, bulkhead: 9 })],
    ['a breaker of its own options', (name) => circuitBreaker({ name, trip: failureCount({ failures: 1, window: { calls: 1 } }) })],
  ])('%s that is shared refuses nobody, whatever the keys of others do', (_, make) => {
    const perHost = perKey(make, { maxKeys: 1 });
    const events: PolicyEvent[] = [];
    perHost.events$.subscribe((event) => events.push(event));
    for (const key of ['a', 'b']) outcome(NEVER.pipe(perHost(key)));
    for (let n = 0; n < 50; n++) run(failing.pipe(perHost(`made up ${n}`)));
    expect(run(of(1).pipe(perHost('innocent')))).toStrictEqual([1, '|']);
    const held = events.filter(({ type }) => type === 'heldClosed');
    expect(held).toHaveLength(50);
    expect(held[0]).toMatchObject({ type: 'heldClosed', policy: '(others)', key: overflowKey, open: 0, keys: 3 });
    expect(presentOf(perHost.health$)).toMatchObject({ status: 'up', details: { overflow: true } });
    // Those that have a place of their own open as always.
    run(failing.pipe(perHost('a')));
    expect(events.filter(({ type }) => type === 'opened')).toHaveLength(1);
  });

  it('a breaker that the factory gives to other keys as well opens as it would: no made-up key turns it off', () => {
    const common = breaker('common');
    const perHost = perKey((name) => resiliencePipeline({ name, breaker: common }), { maxKeys: 1 });
    for (const key of ['a', 'b', 'c']) outcome(NEVER.pipe(perHost(key)));
    expect(perHost.get(overflowKey)?.parts.breaker).toBe(common);
    run(failing.pipe(perHost('a')));
    expect(common.state).toBe('open');
  });

  it('a key named as the shared policy is served by it', () => {
    const perHost = perKey(breaker);
    use(perHost, overflowKey);
    expect([perHost.size, perHost.get(overflowKey)?.metrics().calls]).toStrictEqual([0, 1]);
  });

  it('one that is half-open, and was not called for idleAfter, gives its place: else dead hosts keep out the others for ever', () => {
    const { advance, scheduler } = virtual();
    const make = (name: string) => circuitBreaker({ name, scheduler, failureThreshold: 1, breakDuration: 1_000 });
    const perHost = perKey(make, { maxKeys: 1, idleAfter: 5_000, scheduler });
    fail(perHost, 'a', 'b');
    const isolation = perHost.get('a')!.isolate();
    advance(4_999);
    use(perHost, 'c');
    expect(perHost.keys()).toStrictEqual(['a', 'b']);
    advance(1);
    use(perHost, 'c');
    expect(perHost.keys()).toStrictEqual(['a', 'c']);
    isolation.release();
  });
});

describe('maxOpenShare', () => {
  it('keeps closed what would open beyond it, and says so', () => {
    const perHost = perKey(breaker, { maxOpenShare: 0.5 });
    const events: object[] = [];
    perHost.events$.subscribe((event) => events.push(timeless(event)));
    use(perHost, 'a', 'b', 'c', 'd');
    fail(perHost, 'a', 'b');
    events.length = 0;
    fail(perHost, 'c');
    expect(states(perHost)).toStrictEqual(['a open', 'b open', 'c closed', 'd closed']);
    expect(events.filter((event) => 'open' in event)).toStrictEqual([
      { type: 'heldClosed', policy: 'c', kind: 'circuitBreaker', key: 'c', open: 2, keys: 4 },
    ]);
    perHost.get('a')!.reset();
    fail(perHost, 'c', 'd');
    expect(states(perHost)).toStrictEqual(['a closed', 'b open', 'c open', 'd closed']);
  });

  it('lets a single key open, however small it is, and every one by default', () => {
    const one = perKey(breaker, { maxOpenShare: 0.001 });
    fail(one, 'a');
    const all = perKey(breaker);
    fail(all, 'a', 'b', 'c');
    expect([...states(one), ...states(all)]).toStrictEqual(['a open', 'a open', 'b open', 'c open']);
  });

  it('counts isolated and half-open ones, those made open, and none that has left', () => {
    const make = (name: string) => circuitBreaker({ name, failureThreshold: 1, ...(name === 'warm' && { initialState: 'open' as const }) });
    const perHost = perKey(make, { maxOpenShare: 0.5 });
    use(perHost, 'a', 'warm', 'c');
    const isolation = perHost.get('a')!.isolate();
    fail(perHost, 'c');
    expect(states(perHost)).toStrictEqual(['a isolated', 'warm open', 'c closed']);
    isolation.release();
    fail(perHost, 'c');
    expect(states(perHost)).toStrictEqual(['a closed', 'warm open', 'c open']);
    perHost.get('warm')!.dispose();
    perHost.get('c')!.dispose();
    fail(perHost, 'a');
    expect(states(perHost)).toStrictEqual(['a open']);
  });
});

describe('dispose', () => {
  it('completes every stream once, and calls and decisions go on, of further keys too', () => {
    const perHost = perKey(breaker, { maxKeys: 1 });
    const completed: string[] = [];
    use(perHost, 'a');
    perHost.events$.subscribe({ complete: () => completed.push('events') });
    perHost.health$.subscribe({ complete: () => completed.push('health') });
    perHost.get('a')!.state$.subscribe({ complete: () => completed.push('a') });
    perHost.dispose();
    perHost.dispose();
    expect(completed).toStrictEqual(['health', 'events', 'a']);
    fail(perHost, 'a', 'b');
    expect(states(perHost)).toStrictEqual(['a open', 'b open']);
    perHost.get('b')!.state$.subscribe({ complete: () => completed.push('b') });
    perHost.health$.subscribe({ complete: () => completed.push('late') });
    expect(completed.slice(3)).toStrictEqual(['b', 'late']);
  });
});

describe('perKey refuses', () => {
  it.each<[object, string]>([
    [{ maxKeys: 0 }, 'RangeError: perKey: maxKeys must be from 1 to 1000000, got 0'],
    [{ maxKeys: 1.5 }, 'RangeError: perKey: maxKeys must be a whole number from 1 to 1000000, got 1.5'],
    [{ maxKeys: '1' }, "TypeError: perKey: maxKeys must be a number from 1 to 1000000, got '1'; write 1"],
    [{ idleAfter: -1 }, 'RangeError: perKey: idleAfter must be of at least 0, got -1'],
    [{ idleAfter: NaN }, 'RangeError: perKey: idleAfter must be of at least 0, got NaN'],
    [{ maxOpenShare: 0 }, 'RangeError: perKey: maxOpenShare must be above 0 and at most 1, got 0'],
    [{ maxOpenShare: 1.1 }, 'RangeError: perKey: maxOpenShare must be above 0 and at most 1, got 1.1'],
    [{ name: '' }, "TypeError: perKey: name must be a string that is not empty, got ''"],
    [{ required: 1 }, 'TypeError: perKey: required must be true or false, got 1'],
    [{ scheduler: {} }, 'TypeError: perKey: scheduler must be an RxJS scheduler, got an object'],
    [{ max: 1 }, "TypeError: perKey has no option 'max'; known are name, maxKeys, idleAfter, maxOpenShare, required, scheduler"],
  ])('%o', (options, message) => {
    let thrown: unknown;
    try {
      perKey(breaker, options);
    } catch (error) {
      thrown = error;
    }
    expect(String(thrown)).toBe(message);
  });

  it('a factory that is none, and a key that is no string', () => {
    expect(() => perKey(1 as never)).toThrow(new TypeError('perKey: make must be a function, got 1'));
    expect(() => perKey(breaker)(undefined as never)).toThrow(new TypeError('key must be a string, got undefined'));
    expect(perKey(breaker).name).toBe('perKey');
    expect(perKey(breaker, { name: 'hosts' }).name).toBe('hosts');
  });
});
