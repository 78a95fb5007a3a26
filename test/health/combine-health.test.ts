import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import { BehaviorSubject, defer, delay, filter, map, NEVER, Observable, of, ReplaySubject, share, Subject, type Subscription, takeUntil, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { circuitBreaker } from '../../src/circuit-breaker/circuit-breaker.js';
import type { Health, HealthStatus } from '../../src/core/health.js';
import { combineHealth } from '../../src/health/combine-health.js';
import type { HealthSource } from '../../src/health/health-source.js';
import { healthCheck } from '../../src/health/health-check.js';
import { heartbeat } from '../../src/health/heartbeat.js';
import { virtual } from '../virtual.js';
import { health } from './part.js';

const numRuns = Number(process.env['RESILIENCE_RUNS'] ?? 300);
const { scheduler } = virtual();

/** One entry for each emission: the whole, then its parts. */
function emissions(parts: Readonly<Record<string, HealthSource>>): readonly string[] {
  const seen: string[] = [];
  combineHealth(parts, { name: 'whole', scheduler }).subscribe(({ status, components }) =>
    seen.push([status, ...Object.values(components!).map((part) => part.status)].join(' ')),
  );
  return seen;
}

describe('combined health', () => {
  it('has its name, what it means to a greater whole, and its parts by name', () => {
    const seen: Health[] = [];
    const [db, cache] = [health('up', { name: 'postgres', since: 3 }), health('down', { required: false, since: 7 })];
    combineHealth({ db: of(db), cache: of(cache) }, { name: 'stores', required: true, scheduler }).subscribe((whole) => seen.push(whole));
    expect(seen).toStrictEqual([
      { name: 'stores', status: 'degraded', required: true, since: 7, details: {}, components: { db, cache } },
    ]);
  });

  it('is not required unless it is said', () => {
    combineHealth({}, { name: 'none' }).subscribe(({ required }) => expect(required).toBe(false));
  });

  it('takes streams, policies, heartbeats and other wholes', () => {
    const breaker = circuitBreaker({ name: 'payments' });
    const parts = {
      stream: of(health('up')),
      policy: breaker,
      loop: heartbeat('loop', { within: 10, scheduler }),
      check: healthCheck('check', () => true, { scheduler }),
      whole: combineHealth({ a: of(health('up')) }, { name: 'inner' }),
    };
    expect(emissions(parts)).toStrictEqual(['up up up up up up']);
  });

  it.each([
    ['nothing', undefined],
    ['a health, which is no stream of it', health('up')],
    ['a function', () => of(health('up'))],
    ['a promise', Promise.resolve(health('up'))],
    ['what has a health$ that is none', { health$: 'up' }],
  ])('refuses %s, naming the part', (_title, part) => {
    expect(() => combineHealth({ db: part as never }, { name: 'whole' })).toThrow(/^combineHealth: parts\.db must be a stream of health or have a health\$, got/);
  });

  it.each([
    ['a name that is empty', {}, { name: '' }, /^combineHealth: name must be/],
    ['no name', {}, {}, /^combineHealth: name must be/],
    ['an unknown option', {}, { name: 'a', require: true }, /^combineHealth has no option 'require'/],
    ['required that is no boolean', {}, { name: 'a', required: 1 }, /^combineHealth: required must be/],
    ['a scheduler that is none', {}, { name: 'a', scheduler: {} }, /^combineHealth: scheduler must be/],
    ['parts that are no record', [of(health('up'))], { name: 'a' }, /^combineHealth: parts must be an object/],
    ['no parts', undefined, { name: 'a' }, /^combineHealth: parts must be an object/],
  ])('refuses %s', (_title, parts, options, message) => {
    expect(() => combineHealth(parts as never, options as never)).toThrow(message);
  });

  it('keeps the error of a part that errors, where there was nothing before it too', () => {
    const error = new Error('gone');
    const seen: Health[] = [];
    const failing = new BehaviorSubject(health('up', { name: 'db', required: false }));
    combineHealth({ db: failing, other: throwError(() => error) }, { name: 'whole', scheduler }).subscribe((whole) => seen.push(whole));
    failing.error(error);
    const { db, other } = seen[1]!.components!;
    expect(db).toStrictEqual({ name: 'db', status: 'down', required: false, since: 0, details: { reason: 'error' }, error });
    expect(other).toStrictEqual({ name: 'other', status: 'down', required: true, since: 0, details: { reason: 'error' }, error });
  });

  it('a part that was down before it errored has been down since then', () => {
    const time = virtual();
    const failing = new BehaviorSubject(health('down', { since: 5 }));
    const seen: Health[] = [];
    combineHealth({ db: failing }, { name: 'whole', scheduler: time.scheduler }).subscribe((whole) => seen.push(whole));
    time.advance(100);
    failing.error(new Error('gone'));
    expect(seen.map((whole) => [whole.since, whole.components!['db']!.since])).toStrictEqual([[5, 5], [5, 5]]);
  });

  it('is right for those who come later where a part makes its listener leave while it is subscribed', () => {
    const leave = new Subject<void>();
    const part = new Observable<Health>((subscriber) => {
      subscriber.next(health('up'));
      leave.next();
      subscriber.next(health('down'));
    });
    const whole$ = combineHealth({ part, other: of(health('up')) }, { name: 'whole' });
    const seen: string[] = [];
    whole$.pipe(takeUntil(leave)).subscribe(({ status }) => seen.push(status));
    whole$.subscribe(({ status }) => seen.push(status));
    expect(seen).toStrictEqual(['down']);
  });

  it.each([['a word', 'up'], ['nothing', undefined], ['a status that is none', { ...health('up'), status: 'fine' }], ['no details', { status: 'up' }]])(
    'a part that emits %s is down',
    (_title, value) => {
      const seen: Health[] = [];
      combineHealth({ db: of(value as unknown as Health) }, { name: 'whole' }).subscribe((whole) => seen.push(whole));
      expect(seen[0]).toMatchObject({ status: 'down', components: { db: { name: 'db', status: 'down', details: { reason: 'no health' } } } });
      expect(seen[0]!.components!['db']!.error).toBeInstanceOf(TypeError);
    },
  );

  it('tells nothing where a part says the same again', () => {
    const part = new BehaviorSubject(health('up'));
    const seen = emissions({ part });
    part.next(health('up'));
    part.next(health('up', { details: { lag: 1 } }));
    expect(seen).toStrictEqual(['up up', 'up up']);
  });

  it('tells since when: of what it saw itself, the change; of what it did not, the oldest reason', () => {
    const time = virtual();
    const [a, b] = [new BehaviorSubject(health('down', { since: 5 })), new BehaviorSubject(health('up', { since: 9 }))];
    const times: number[] = [];
    const whole$ = combineHealth({ a, b }, { name: 'whole', scheduler: time.scheduler });
    const subscription = whole$.subscribe(({ since }) => times.push(since));
    time.advance(100);
    b.next(health('down', { since: 99 }));
    a.next(health('up', { since: 100 }));
    time.advance(100);
    b.next(health('degraded', { since: 120 }));
    subscription.unsubscribe();
    time.advance(100);
    b.next(health('up', { since: 250 }));
    whole$.subscribe(({ since }) => times.push(since));
    expect(times).toStrictEqual([5, 5, 5, 200, 250]);
  });

  it('listens in the asynchronous scope in which it was made', () => {
    const tenant = new AsyncLocalStorage<string>();
    const part = new Observable<Health>((subscriber) => subscriber.next(health('up', { details: { tenant: tenant.getStore() } })));
    const whole$ = tenant.run('maker', () => combineHealth({ part }, { name: 'whole' }));
    tenant.run('listener', () => whole$.subscribe(({ components }) => expect(components!['part']!.details).toStrictEqual({ tenant: 'maker' })));
  });
});

describe('one change of what several parts are made of', () => {
  const worse = map((said: Health): Health => (said.status === 'up' ? health('degraded') : said));

  it('is one emission, where that is a policy', () => {
    const breaker = circuitBreaker({ name: 'payments', required: true });
    const seen = emissions({ breaker, same: breaker, derived: breaker.health$.pipe(worse), late: breaker.health$.pipe(filter(() => true), worse) });
    const isolation = breaker.isolate();
    isolation.release();
    expect(seen).toStrictEqual(['degraded up up degraded degraded', 'down down down down down', 'degraded up up degraded degraded']);
  });

  it('is one emission at any depth, whatever stands first', () => {
    const breaker = circuitBreaker({ name: 'payments', required: true });
    const one = combineHealth({ breaker }, { name: 'one', required: true });
    const two = combineHealth({ one: one.pipe(worse) }, { name: 'two', required: true });
    const three = combineHealth({ two, breaker, one }, { name: 'three', required: true });
    const seen = emissions({ breaker, three, one, two: two.pipe(map((said) => said)) });
    breaker.isolate();
    expect(seen).toStrictEqual(['degraded up degraded up degraded', 'down down down down down']);
  });

  it('is one emission, where another one listens to an inner whole before', () => {
    const breaker = circuitBreaker({ name: 'payments', required: true });
    const inner = combineHealth({ breaker }, { name: 'inner', required: true });
    inner.subscribe();
    const seen = emissions({ breaker, inner });
    breaker.isolate();
    expect(seen).toStrictEqual(['up up up', 'down down down']);
  });

  it('is one emission, where that is a check or a heartbeat', () => {
    const time = virtual();
    const answers = [true, false];
    const check = healthCheck('db', () => answers.shift() ?? false, { scheduler: time.scheduler, failAfter: 1, required: true, random: () => 0.5 });
    const pulse = heartbeat('loop', { within: 25_000, scheduler: time.scheduler });
    const seen = emissions({ check, again: check.pipe(map((said) => said)), pulse, twice: pulse.health$.pipe(map((said) => said)) });
    time.advance(10_000);
    expect(seen).toStrictEqual(['up up up up up', 'down down down up up']);
    time.advance(10_000);
    pulse.beat();
    time.advance(25_000);
    expect(seen.slice(2)).toStrictEqual(['down down down down down']);
  });

  it('is one emission, where that is a Subject of the user’s', () => {
    const origin = new BehaviorSubject(health('up'));
    const seen = emissions({ one: origin, two: origin.pipe(worse), three: origin.asObservable().pipe(filter(({ status }) => status !== 'unknown')) });
    origin.next(health('down'));
    origin.next(health('unknown'));
    origin.next(health('up'));
    expect(seen).toStrictEqual(['degraded up degraded up', 'down down down down', 'down unknown unknown down', 'degraded up degraded up']);
  });

  it('is told although parts are on their way to other times', () => {
    const time = virtual();
    const origin = new BehaviorSubject(health('up'));
    const seen = emissions({ one: origin, slow: origin.pipe(delay(5, time.scheduler)) });
    time.advance(5);
    origin.next(health('down'));
    expect(seen).toStrictEqual(['unknown up unknown', 'up up up', 'down down up']);
    time.advance(5);
    expect(seen.slice(3)).toStrictEqual(['down down down']);
  });

  it('is told where the Subject ends by what it tells, and where it replays more than one', () => {
    const origin = new ReplaySubject<Health>(3);
    for (const status of ['down', 'up', 'degraded'] as const) origin.next(health(status));
    const other = new Subject<Health>();
    other.subscribe(({ status }) => status === 'down' && other.complete());
    const ending = other.pipe(map((said) => said));
    const seen = emissions({ one: origin, two: origin.pipe(map((said) => said)), a: ending, b: other });
    other.next(health('up'));
    origin.next(health('up'));
    other.next(health('down'));
    expect(seen).toStrictEqual([
      'unknown degraded degraded unknown unknown',
      'degraded degraded degraded up up',
      'up up up up up',
    ]);
  });

  it('is told where a part completes the Subject by what it hears', () => {
    const origin = new Subject<Health>();
    const closing = new Observable<Health>((subscriber) =>
      origin.subscribe((said) => {
        subscriber.next(said);
        if (said.status === 'down') origin.complete();
      }),
    );
    Object.assign(closing, { source: origin });
    const seen = emissions({ closing, other: origin.pipe(map((said) => said)) });
    origin.next(health('up'));
    origin.next(health('down'));
    expect(seen[seen.length - 1]).toBe('down down up');
  });

  it('is told where listening to a part makes the Subject speak', () => {
    const origin = new BehaviorSubject(health('up'));
    const speaking = defer(() => {
      origin.next(health('degraded'));
      return origin;
    });
    const seen = emissions({ one: origin, speaking, two: origin });
    origin.next(health('down'));
    expect(seen).toStrictEqual(['degraded degraded degraded degraded', 'down down down down']);
  });

  it('is told after all have left in the middle of it', () => {
    const origin = new BehaviorSubject(health('up'));
    const whole$ = combineHealth({ one: origin, leaves: origin.pipe(map((said) => (said.status === 'down' && leave(), said))), two: origin }, { name: 'whole' });
    const first = whole$.subscribe();
    const leave = (): void => first.unsubscribe();
    origin.next(health('down'));
    const seen: string[] = [];
    whole$.subscribe(({ status }) => seen.push(status));
    origin.next(health('degraded'));
    expect(seen).toStrictEqual(['down', 'degraded']);
  });

  it('may be told in parts where the origin is not known; what is told is never older than before', () => {
    const origin = new Subject<Health>();
    const hidden = origin.pipe(share());
    const opaque = (): Observable<Health> => new Observable((subscriber) => hidden.subscribe(subscriber));
    const seen = emissions({ one: opaque(), two: opaque() });
    origin.next(health('up'));
    expect(seen[seen.length - 1]).toBe('up up up');
  });

  it('is one emission in every graph of wholes over policies', () => {
    let made = 0;
    const graph = fc.array(fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 });
    const act = fc.array(fc.record({ which: fc.nat(2), isolate: fc.boolean(), listen: fc.nat(20) }), { maxLength: 12 });
    fc.assert(
      fc.property(graph, act, fc.array(fc.nat(9), { maxLength: 4 }), (wholes, acts, listened) => {
        const breakers = [0, 1, 2].map(() => circuitBreaker({ name: `b${made++}`, required: true }));
        const sources: Observable<Health>[] = breakers.map((breaker) => breaker.health$);
        for (const [i, parts] of wholes.entries()) {
          const named = parts.map((part, at) => {
            const source = sources[part % sources.length]!;
            return [`p${at}`, part % 2 === 0 ? source : source.pipe(map((said) => said))] as const;
          });
          sources.push(combineHealth(Object.fromEntries(named), { name: `w${i}`, required: true, scheduler }));
        }
        // Others listen to some of them before.
        for (const at of listened) sources[at % sources.length]!.subscribe();
        let emitted = 0;
        let last: Health | undefined;
        sources[sources.length - 1]!.subscribe((whole) => {
          emitted++;
          last = whole;
        });
        expect(emitted).toBe(1);
        const isolations = new Map<number, { release(): void }>();
        const others = new Map<number, Subscription>();
        for (const { which, isolate, listen } of acts) {
          // Others come and go.
          others.get(listen)?.unsubscribe();
          if (others.delete(listen)) continue;
          if (listen < sources.length) others.set(listen, sources[listen]!.subscribe());
          const before = JSON.stringify(last);
          const count = emitted;
          if (isolate && !isolations.has(which)) isolations.set(which, breakers[which]!.isolate());
          else if (!isolate) {
            isolations.get(which)?.release();
            isolations.delete(which);
          }
          expect(emitted - count).toBe(JSON.stringify(last) === before ? 0 : 1);
          expect(last!.status).toBe(truth(last!));
        }
      }),
      { numRuns },
    );
  });
});

/** The worst of the leaves, all being required. */
function truth({ status, components }: Health): HealthStatus {
  if (components === undefined) return status;
  return Object.values(components).map(truth).includes('down') ? 'down' : 'up';
}

describe('listeners of a combined health', () => {
  it('see it once each, in the order of the changes, where one of them causes another', () => {
    const part = new BehaviorSubject(health('up'));
    const whole$ = combineHealth({ part }, { name: 'whole' });
    const [first, second]: string[][] = [[], []];
    whole$.subscribe(({ status }) => {
      first!.push(status);
      if (status === 'down') part.next(health('degraded'));
    });
    whole$.subscribe(({ status }) => second!.push(status));
    part.next(health('down'));
    expect([first, second]).toStrictEqual([['up', 'down', 'degraded'], ['up', 'down', 'degraded']]);
  });

  it('may leave with the first value', () => {
    let listening = 0;
    const part = new Observable<Health>((subscriber) => {
      listening++;
      subscriber.add(() => listening--);
      subscriber.next(health('up'));
    });
    const seen: string[] = [];
    combineHealth({ part, never: NEVER }, { name: 'whole' }).subscribe({ next: ({ status }) => seen.push(status) }).unsubscribe();
    expect([seen, listening]).toStrictEqual([['unknown'], 0]);
  });
});
