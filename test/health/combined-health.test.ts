import { BehaviorSubject, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { circuitBreaker, combineHealth, type Health, type HealthStatus, perKey, policyRegistry } from '../../src/index.js';
import { CombinedHealth } from '../../src/health/combined-health.js';
import { health } from './part.js';

function part(status: HealthStatus): { health$: Observable<Health>; become: (status: HealthStatus) => void; observed: () => boolean } {
  const subject = new BehaviorSubject(health(status));
  return { health$: subject.asObservable(), become: (status) => subject.next(health(status)), observed: () => subject.observed };
}

const statuses = (health$: Observable<Health>): string[] => {
  const seen: string[] = [];
  health$.subscribe(({ status }) => seen.push(status));
  return seen;
};

describe('a combined health whose parts come and go', () => {
  it('hears of those that come while somebody listens, and no more of those that have gone', () => {
    const [a, b] = [part('up'), part('down')];
    const whole = new CombinedHealth(new Map([['a', a.health$]]), { name: 'whole', required: true });
    const seen = statuses(whole.health$);
    whole.set('b', b.health$);
    b.become('degraded');
    whole.delete('b');
    b.become('down');
    whole.delete('never there');
    expect(seen).toStrictEqual(['up', 'down', 'degraded', 'up']);
    expect([a.observed(), b.observed()]).toStrictEqual([true, false]);
  });

  it('subscribes nothing while nobody listens', () => {
    const a = part('down');
    const whole = new CombinedHealth(new Map(), { name: 'whole', required: true });
    whole.set('a', a.health$);
    expect(a.observed()).toBe(false);
    expect(statuses(whole.health$)).toStrictEqual(['down']);
    whole.dispose();
    expect(a.observed()).toBe(false);
  });

  it('is what its own rule makes of them', () => {
    const [a, b] = [part('up'), part('unknown')];
    const best = ({ b }: Readonly<Record<string, Health>>) => ({ status: b!.status, required: false });
    const whole = new CombinedHealth(new Map(Object.entries({ a: a.health$, b: b.health$ })), { name: 'whole', required: true }, best);
    whole.health$.subscribe(({ required, status }) => expect([required, status]).toStrictEqual([false, 'unknown']));
    expect.assertions(1);
  });
});

it('a policy that is registered while somebody looks at all of them is in their health at once', () => {
  const registry = policyRegistry();
  const seen = statuses(registry.health$);
  const breaker = registry.register(circuitBreaker({ name: 'a', required: true }));
  const isolation = breaker.isolate();
  isolation.release();
  registry.remove('a');
  expect(seen).toStrictEqual(['up', 'up', 'down', 'up', 'up']);
});

it('one change is told once where a keyed policy is a part beside the health of all keys', () => {
  const perHost = perKey((name) => circuitBreaker({ name, required: true }), { required: true });
  new BehaviorSubject(1).pipe(perHost('a')).subscribe();
  const breaker = perHost.get('a')!;
  const seen: string[] = [];
  combineHealth({ breaker, perHost }, { name: 'both' }).subscribe(({ components }) => {
    seen.push(Object.values(components!).map(({ status }) => status).join());
  });
  breaker.isolate();
  expect(seen).toStrictEqual(['up,up', 'down,down']);
});
