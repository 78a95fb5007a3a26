import { asyncScheduler, BehaviorSubject, map, NEVER, Observable, of, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type Health, type HealthStatus, shareOf, worstOf } from '../../src/core/health.js';
import { HealthMerge } from '../../src/operator/health-merge.js';
import { Published } from '../../src/operator/published.js';
import { currentContext, runInContext } from '../../src/index.js';
import { virtual } from '../virtual.js';

const health = (status: HealthStatus, since = 0, more: Partial<Health> = {}): Health => ({
  name: 'part',
  status,
  required: true,
  since,
  details: {},
  ...more,
});

function merge(parts: Record<string, Observable<Health>>, scheduler = virtual().scheduler): HealthMerge {
  const merged = new HealthMerge(scheduler, (components) => ({
    name: 'whole',
    status: worstOf(Object.values(components).map(shareOf)),
    required: true,
    details: {},
  }));
  for (const [name, health$] of Object.entries(parts)) merged.set(name, health$);
  return merged;
}

/** A health as our policies publish theirs. */
function source(status: HealthStatus): { health$: Observable<Health>; become: (status: HealthStatus, since?: number) => void; listeners: () => number } {
  let present = health(status);
  const published = new Published(
    () => present,
    (a, b) => a === b,
    () => undefined,
  );
  let listeners = 0;
  const counted = new Observable<Health>((subscriber) => {
    listeners++;
    return published.stream.subscribe(subscriber).add(() => listeners--);
  });
  return {
    health$: counted,
    become: (status, since = 0) => {
      present = health(status, since);
      published.push();
    },
    listeners: () => listeners,
  };
}

const statuses = (stream: Observable<Health>): string[] => {
  const seen: string[] = [];
  stream.subscribe({ next: ({ status }) => seen.push(status), complete: () => seen.push('|') });
  return seen;
};

describe('several healths as one', () => {
  it('tells one value at first and one for each change', () => {
    const [a, b] = [source('up'), source('down')];
    const seen = statuses(merge({ a: a.health$, b: b.health$ }).stream);
    b.become('up');
    a.become('degraded');
    expect(seen).toStrictEqual(['down', 'up', 'degraded']);
  });

  it('tells one value of a change that reaches it on several paths', () => {
    const one = source('up');
    const worse = one.health$.pipe(map((said) => ({ ...said, status: said.status === 'up' ? ('degraded' as const) : said.status })));
    const seen = statuses(merge({ one: one.health$, worse, again: one.health$ }).stream);
    one.become('down');
    expect(seen).toStrictEqual(['degraded', 'down']);
  });

  it.each([
    ['before', true],
    ['after', false],
  ])('so it does where a part is made of the others, and stands %s them', (_, first) => {
    const [a, b] = [source('up'), source('up')];
    const inner = merge({ a: a.health$, b: b.health$ }).stream;
    const middle = merge({ inner, b: b.health$ }).stream;
    const outer = merge(first ? { middle, inner, a: a.health$ } : { a: a.health$, inner, middle });
    const seen: string[] = [];
    outer.stream.subscribe(({ components }) => seen.push(Object.values(components!).map(({ status }) => status).join()));
    a.become('down');
    b.become('degraded');
    expect(seen).toStrictEqual(['up,up,up', 'down,down,down', 'down,down,down']);
  });

  it('goes on to tell where a listener causes a change', () => {
    const [a, b] = [source('up'), source('up')];
    const merged = merge({ a: a.health$, b: b.health$ }).stream;
    const told: string[] = [];
    merged.subscribe(({ status }) => {
      told.push(status);
      if (status === 'down') a.become('up');
    });
    const others = statuses(merged);
    a.become('down');
    expect(told).toStrictEqual(['up', 'down', 'up']);
    expect(others).toStrictEqual(['up', 'down', 'up']);
  });

  it('subscribes its parts once for all listeners, and only while there is one', () => {
    const a = source('up');
    const { stream } = merge({ a: a.health$ });
    expect(a.listeners()).toBe(0);
    const both = [stream.subscribe(), stream.subscribe()];
    expect(a.listeners()).toBe(1);
    for (const one of both) one.unsubscribe();
    expect(a.listeners()).toBe(0);
    a.become('down');
    expect(statuses(stream)).toStrictEqual(['down']);
  });

  it('takes parts and lets go of them while somebody listens', () => {
    const [a, b, other] = [source('up'), source('down'), source('degraded')];
    const merged = merge({ a: a.health$ });
    const seen = statuses(merged.stream);
    merged.set('b', b.health$);
    merged.set('b', other.health$);
    merged.delete('b');
    merged.delete('never there');
    expect(seen).toStrictEqual(['up', 'down', 'degraded', 'up']);
    expect([b.listeners(), other.listeners()]).toStrictEqual([0, 0]);
  });

  it('has an unknown required part where one has not said anything', () => {
    expect(statuses(merge({ a: NEVER, b: source('up').health$ }).stream)).toStrictEqual(['unknown']);
  });

  it('takes the failure of a part as down, with its error, and its completion as nothing', () => {
    const { scheduler, advance } = virtual();
    const failing = new Subject<Health>();
    const merged = merge({ failing, ended: of(health('up')) }, scheduler);
    const seen: Health[] = [];
    merged.stream.subscribe((value) => seen.push(value));
    failing.next(health('up', 0, { required: false }));
    advance(7);
    failing.error('broken');
    expect(seen.map(({ status }) => status)).toStrictEqual(['unknown', 'up', 'degraded']);
    expect(seen[2]!.components!['failing']).toStrictEqual(health('down', 7, { required: false, error: 'broken' }));
  });

  it('dates a change by the part that caused it, and what nobody saw begin by the oldest reason', () => {
    const [a, b] = [source('up'), source('up')];
    a.become('down', 3);
    b.become('down', 5);
    const { stream } = merge({ a: a.health$, b: b.health$ });
    const since: number[] = [];
    stream.subscribe((value) => since.push(value.since));
    a.become('up', 8);
    b.become('up', 9);
    b.become('degraded', 12);
    expect(since).toStrictEqual([3, 3, 9, 12]);
  });

  it('without parts is up since somebody looked', () => {
    const { scheduler, advance } = virtual();
    const { stream } = merge({}, scheduler);
    advance(4);
    const seen: Health[] = [];
    stream.subscribe((value) => seen.push(value));
    expect(seen).toStrictEqual([{ name: 'whole', status: 'up', required: true, since: 4, details: {}, components: {} }]);
  });

  it('completes with its last value, observed or not, and holds nothing then', () => {
    const [a, b] = [source('down'), source('down')];
    const observed = merge({ a: a.health$ });
    const seen = statuses(observed.stream);
    const unobserved = merge({ b: b.health$ });
    observed.complete();
    unobserved.complete();
    a.become('up');
    expect(seen).toStrictEqual(['down', '|']);
    expect(statuses(unobserved.stream)).toStrictEqual(['down', '|']);
    expect([a.listeners(), b.listeners()]).toStrictEqual([0, 0]);
  });

  it('subscribes in the root context, and takes names that objects have of their own', () => {
    const inside: unknown[] = [];
    const part = new Observable<Health>((subscriber) => {
      inside.push(currentContext().tags);
      subscriber.next(health('down'));
    });
    const merged = merge(JSON.parse('{}') as object as Record<string, Observable<Health>>, asyncScheduler as never);
    merged.set('__proto__', part);
    runInContext({ tags: { tenant: 1 } }, () => {
      merged.stream.subscribe(({ components }) => inside.push(Object.keys(components!)));
    });
    expect(inside).toStrictEqual([undefined, ['__proto__']]);
  });

  it('follows a foreign stream value by value', () => {
    const part = new BehaviorSubject(health('up'));
    const seen = statuses(merge({ part }).stream);
    part.next(health('degraded'));
    part.next(health('degraded'));
    expect(seen).toStrictEqual(['up', 'degraded', 'degraded']);
  });
});
