import fc from 'fast-check';
import { BehaviorSubject, map, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { circuitBreaker, combineHealth, type Health, healthBoard, type HealthStatus, perKey, type Policy, policyRegistry, resiliencePipeline } from '../../src/index.js';
import { CombinedHealth } from '../../src/health/combined-health.js';
import { type Derived, settleWhenTold, whileTelling } from '../../src/operator/settling.js';
import { StreamState } from '../../src/node/stream-state.js';
import { virtual } from '../virtual.js';
import { health } from './part.js';

let reads = 0;
/** Counts what anybody reads of it. */
const counted = (of: Health): Health =>
  new Proxy(of, {
    get: (target, name) => {
      reads++;
      return Reflect.get(target, name) as unknown;
    },
  });

interface Outage {
  /** The next part turns down. */
  readonly fail: (n: number) => void;
}

const parts = (n: number) => Array.from({ length: n }, () => new BehaviorSubject(counted(health('up'))));
const named = <T>(all: readonly T[]): Record<string, T> => Object.fromEntries(all.map((one, at) => [`part ${at}`, one]));
const failing = throwError(() => ({ status: 503 }));

const breakers = (n: number): readonly (Policy & ReturnType<typeof circuitBreaker>)[] =>
  Array.from({ length: n }, (_, at) => {
    const breaker = circuitBreaker({ name: `${at}`, failureThreshold: 1 });
    return Object.assign(breaker, { health$: breaker.health$.pipe(map(counted)) });
  });

const outages: readonly (readonly [string, (n: number) => Outage])[] = [
  ['combineHealth', (n) => {
    const all = parts(n);
    combineHealth(named(all), { name: 'whole' }).subscribe();
    return { fail: (at) => all[at]!.next(counted(health('down'))) };
  }],
  ['combineHealth of a combineHealth', (n) => {
    const all = parts(n);
    const inner = combineHealth(named(all), { name: 'inner' });
    combineHealth({ inner, other: inner }, { name: 'outer' }).subscribe();
    return { fail: (at) => all[at]!.next(counted(health('down'))) };
  }],
  ['the ready of a board', (n) => {
    const all = parts(n);
    healthBoard({ ready: named(all) }).ready$.subscribe();
    return { fail: (at) => all[at]!.next(counted(health('down'))) };
  }],
  ['the deep reading of a board, whose parts answer one after the other', (n) => {
    const all = Array.from({ length: n }, () => new Subject<Health>());
    healthBoard({ deep: named(all) }).read('deep').subscribe();
    return { fail: (at) => all[at]!.next(counted(health('up'))) };
  }],
  ['a registry', (n) => {
    const registry = policyRegistry();
    const all = breakers(n).map((breaker) => registry.register(breaker));
    registry.health$.subscribe();
    return { fail: (at) => void failing.pipe(all[at]!).subscribe({ error: () => undefined }) };
  }],
  ['a registry with an open dashboard', (n) => {
    const registry = policyRegistry();
    const all = breakers(n).map((breaker) => registry.register(breaker));
    new StreamState(registry, 'test', false, virtual().scheduler);
    return { fail: (at) => void failing.pipe(all[at]!).subscribe({ error: () => undefined }) };
  }],
  ['a registry to which policies come while somebody looks', (n) => {
    const registry = policyRegistry();
    const all = breakers(n);
    registry.health$.subscribe();
    registry.policies$.subscribe();
    return { fail: (at) => void registry.register(all[at]!) };
  }],
  ['perKey', (n) => {
    const keyed = perKey((key) => breakers(1).map((one) => Object.assign(one, { key }))[0]!, { maxKeys: 10_000 });
    keyed.health$.subscribe();
    return { fail: (at) => void failing.pipe(keyed(`${at % n}`)).subscribe({ error: () => undefined }) };
  }],
];

describe.each(outages)('%s', (_, outage) => {
  it('takes five times as much for five times as many', () => {
    const cost = (n: number): number => {
      const { fail } = outage(n);
      reads = 0;
      for (let at = 0; at < n; at++) fail(at);
      return reads;
    };
    const few = cost(60);
    expect(few).toBeGreaterThan(0);
    expect(cost(300) / few).toBeLessThan(6);
  });
});

it('what many pipelines make of one breaker that they share is made once for each', () => {
  const breaker = circuitBreaker({ name: 'shared', failureThreshold: 1 });
  const seen: string[] = [];
  for (let n = 0; n < 200; n++) resiliencePipeline({ name: `${n}`, breaker }).health$.subscribe(({ status }) => seen.push(status));
  seen.length = 0;
  failing.pipe(breaker).subscribe({ error: () => undefined });
  expect(seen).toStrictEqual(Array.from({ length: 200 }, () => 'down'));
});

it('what is derived is made from below, each once, with as many looks as there are', () => {
  let looks = 0;
  const made: number[] = [];
  class Node implements Derived {
    constructor(private readonly level: number) {}
    get height(): number {
      looks++;
      return this.level;
    }
    settle(): void {
      made.push(this.level);
    }
  }
  whileTelling(() => {
    for (let n = 0; n < 900; n++) settleWhenTold(new Node(n % 3));
  });
  expect(made).toStrictEqual(Array.from({ length: 900 }, (_, at) => Math.floor(at / 300)));
  expect(looks).toBeLessThan(3_000);
});

const keys = ['a', 'b', 'c', 'd'];
type Step = { readonly key: string; readonly status: HealthStatus | 'gone'; readonly look: boolean };
const step: fc.Arbitrary<Step> = fc.record({
  key: fc.constantFrom(...keys),
  status: fc.constantFrom<HealthStatus | 'gone'>('up', 'degraded', 'down', 'unknown', 'gone'),
  look: fc.boolean(),
});

it('components are those of their moment, whenever they are read', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const subjects = new Map<string, BehaviorSubject<Health>>();
      const whole = new CombinedHealth(new Map(), { name: 'whole', required: false });
      const seen: { readonly told: Health; readonly statuses: Readonly<Record<string, HealthStatus>> }[] = [];
      whole.health$.subscribe((told) => {
        seen.push({ told, statuses: Object.fromEntries(Array.from(subjects, ([key, { value }]) => [key, value.status])) });
      });
      for (const { key, look, status } of steps) {
        const subject = subjects.get(key);
        if (status === 'gone') {
          subjects.delete(key);
          whole.delete(key);
        } else if (subject === undefined) {
          subjects.set(key, new BehaviorSubject(health(status)));
          whole.set(key, subjects.get(key)!);
        } else subject.next(health(status));
        if (look) void seen.at(-1)!.told.components;
      }
      for (const { statuses, told } of seen) {
        const read = Object.entries(told.components!).map(([key, part]) => [key, part.status]);
        expect(Object.fromEntries(read)).toStrictEqual(statuses);
      }
      const distinct = seen.map(({ statuses }) => JSON.stringify(Object.entries(statuses).sort()));
      expect(distinct.every((one, at) => one !== distinct[at - 1])).toBe(true);
    }),
  );
});
