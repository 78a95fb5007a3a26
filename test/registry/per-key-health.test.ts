import { EMPTY, Observable, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type Health, bulkhead, circuitBreaker } from '../../src/index.js';
import { perKey } from '../../src/registry/per-key.js';
import { outcome, virtual } from '../virtual.js';

const failing = throwError(() => new Error('down'));

function hosts(options: object = {}) {
  const { advance, scheduler } = virtual();
  const make = (name: string) => circuitBreaker({ name, scheduler, failureThreshold: 1, breakDuration: 1_000, successThreshold: 1 });
  const perHost = perKey(make, { scheduler, ...options });
  const call = (source: Observable<never>) => (...keys: readonly string[]) => keys.forEach((key) => void outcome(source.pipe(perHost(key))));
  return { advance, scheduler, perHost, use: call(EMPTY), fail: call(failing) };
}

const brief = ({ details, since, status }: Health): string => {
  const { degraded, down, keys, overflow } = details;
  return `${status} since ${since}: ${String(keys)} keys, ${String(degraded)} degraded, ${String(down)} down${overflow === true ? ', overflow' : ''}`;
};

describe('one health for all keys', () => {
  it('is up without a key, degraded where one is not up, down where every one is', () => {
    const { advance, fail, perHost, use } = hosts();
    const told: string[] = [];
    perHost.health$.subscribe((health) => told.push(brief(health)));
    use('a', 'b');
    advance(100);
    fail('a');
    advance(100);
    fail('b');
    advance(900);
    use('a');
    advance(900);
    use('b');
    expect(told).toStrictEqual([
      'up since 0: 0 keys, 0 degraded, 0 down',
      'up since 0: 1 keys, 0 degraded, 0 down',
      'up since 0: 2 keys, 0 degraded, 0 down',
      'degraded since 100: 2 keys, 0 degraded, 1 down',
      'down since 200: 2 keys, 0 degraded, 2 down',
      'degraded since 1100: 2 keys, 1 degraded, 1 down',
      'degraded since 1100: 2 keys, 0 degraded, 1 down',
      'degraded since 1100: 2 keys, 1 degraded, 0 down',
      'up since 2000: 2 keys, 0 degraded, 0 down',
    ]);
  });

  it('is that of this moment for those who come late, and since when it has been so', () => {
    const { advance, fail, perHost, use } = hosts();
    use('a', 'b');
    advance(100);
    fail('b');
    advance(100);
    const late: string[] = [];
    const look = () => perHost.health$.subscribe((health) => late.push(brief(health))).unsubscribe();
    look();
    fail('a');
    advance(100);
    look();
    look();
    expect(late).toStrictEqual([
      'degraded since 100: 2 keys, 0 degraded, 1 down',
      'down since 200: 2 keys, 0 degraded, 2 down',
      'down since 200: 2 keys, 0 degraded, 2 down',
    ]);
  });

  it('follows keys that leave, and counts the shared policy', () => {
    const { fail, perHost, use } = hosts({ maxKeys: 1 });
    const told: string[] = [];
    perHost.health$.subscribe((health) => told.push(brief(health)));
    use('a');
    fail('b', 'c', 'd');
    perHost.get('b')!.dispose();
    expect(told).toStrictEqual([
      'up since 0: 0 keys, 0 degraded, 0 down',
      'up since 0: 1 keys, 0 degraded, 0 down',
      'down since 0: 1 keys, 0 degraded, 1 down',
      'degraded since 0: 2 keys, 0 degraded, 1 down',
      'down since 0: 2 keys, 0 degraded, 2 down',
      'degraded since 0: 2 keys, 0 degraded, 2 down, overflow',
      'degraded since 0: 1 keys, 0 degraded, 1 down, overflow',
    ]);
  });

  it('has its own name and says whether it is required; no component, however many keys there are', () => {
    const { perHost, use } = hosts({ name: 'hosts', required: true });
    for (let i = 0; i < 500; i++) use(`host ${i}`);
    let health: Health | undefined;
    perHost.health$.subscribe((now) => (health = now));
    expect(health).toStrictEqual({
      name: 'hosts', status: 'up', required: true, since: 0, details: { keys: 500, degraded: 0, down: 0, overflow: false },
    });
  });

  it('listens to no key while nobody listens to it, and to each once for all who do', () => {
    let listening = 0;
    const perPool = perKey((name) => {
      const pool = bulkhead(1, 0, { name });
      const { health$ } = pool;
      return Object.assign(pool, {
        health$: new Observable<Health>((subscriber) => {
          listening++;
          subscriber.add(() => listening--);
          return health$.subscribe(subscriber);
        }),
      });
    }, { maxKeys: 2 });
    const use = (...keys: readonly string[]) => keys.forEach((key) => void EMPTY.pipe(perPool(key)).subscribe());
    use('a', 'b');
    expect(listening).toBe(0);
    const both = [perPool.health$.subscribe(), perPool.health$.subscribe()];
    expect(listening).toBe(2);
    use('c');
    expect(listening).toBe(2);
    both.forEach((one) => one.unsubscribe());
    expect(listening).toBe(0);
    perPool.dispose();
    expect(listening).toBe(0);
  });

  it('does not change in between where one key takes the place of another', () => {
    const { fail, perHost, use } = hosts({ maxKeys: 2, idleAfter: 0 });
    fail('broken');
    use('a');
    const told: string[] = [];
    perHost.health$.subscribe((health) => told.push(brief(health)));
    use('b', 'c');
    expect(perHost.keys()).toStrictEqual(['broken', 'c']);
    expect(told).toStrictEqual(['degraded since 0: 2 keys, 0 degraded, 1 down']);
  });

  it('a listener may call meanwhile', () => {
    const { fail, perHost, use } = hosts({ maxKeys: 2 });
    const told: string[] = [];
    perHost.health$.subscribe(({ status }) => {
      if (status === 'down') use('c', 'd');
    });
    perHost.health$.subscribe((health) => told.push(brief(health)));
    fail('a');
    expect(perHost.keys()).toStrictEqual(['a', 'd']);
    expect(told.at(-1)).toBe('degraded since 0: 2 keys, 0 degraded, 1 down');
  });
});

describe('the events of all keys', () => {
  it('are made only while somebody listens, from the first call of a new key on', () => {
    const { fail, perHost, use } = hosts({ maxKeys: 2 });
    use('a');
    const told: string[] = [];
    const both = [perHost.events$.subscribe(({ policy, type }) => told.push(`${policy} ${type}`)), perHost.events$.subscribe()];
    use('b');
    fail('a');
    use('c');
    both[1]!.unsubscribe();
    use('a');
    both[0]!.unsubscribe();
    use('a', 'b', 'c', 'd');
    expect(told).toStrictEqual(['b succeeded', 'a failed', 'a opened', 'c succeeded', 'a refused']);
  });

  it('have what is held closed beside the failure that would have opened it', () => {
    const { fail, perHost } = hosts({ maxOpenShare: 0.5 });
    const told: string[] = [];
    perHost.events$.subscribe(({ policy, type }) => told.push(`${policy} ${type}`));
    fail('a', 'b', 'b');
    expect(told).toStrictEqual(['a failed', 'a opened', 'b heldClosed', 'b failed', 'b heldClosed', 'b failed']);
  });
});
