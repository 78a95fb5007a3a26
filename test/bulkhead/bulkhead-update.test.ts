import { defer, EMPTY, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bulkhead } from '../../src/bulkhead/bulkhead.js';
import type { BulkheadUpdate } from '../../src/bulkhead/bulkhead-options.js';
import { isBulkheadFullError } from '../../src/bulkhead/bulkhead-full-error.js';
import type { Health } from '../../src/core/health.js';
import { currentContext, runInContext } from '../../src/operator/context.js';
import { scenario } from '../operator/in-virtual-time.js';

/** A call that goes on until it is told to end. */
const running = (pool: ReturnType<typeof bulkhead>): { end(): void; readonly started: boolean; error: unknown } => {
  const gate = new Subject<never>();
  const call = { end: () => gate.complete(), started: false, error: undefined as unknown };
  defer(() => ((call.started = true), gate)).pipe(pool).subscribe({ error: (error: unknown) => (call.error = error) });
  return call;
};

describe('options of a bulkhead', () => {
  it.each([
    [() => bulkhead(0), RangeError, 'maxConcurrent must be of at least 1 and finite, got 0'],
    [() => bulkhead(NaN), RangeError, 'maxConcurrent must be of at least 1 and finite, got NaN'],
    [() => bulkhead(Infinity), RangeError, 'maxConcurrent must be of at least 1 and finite, got Infinity'],
    [() => bulkhead(1.5), RangeError, 'maxConcurrent must be a whole number'],
    [() => bulkhead('1' as never), TypeError, "maxConcurrent must be a whole number of at least 1 or an observable of such, got '1'"],
    [() => bulkhead(undefined as never), TypeError, 'maxConcurrent'],
    [() => bulkhead(1, -1), RangeError, 'queue must be of at least 0'],
    [() => bulkhead(1, null as never), TypeError, 'queue must be an object'],
    [() => bulkhead(1, {} as never), TypeError, 'queue.size must be a number'],
    [() => bulkhead(1, { size: 1.5 }), RangeError, 'queue.size must be a whole number'],
    [() => bulkhead(1, { size: 1, timeout: -1 }), RangeError, 'queue.timeout'],
    [() => bulkhead(1, { size: 1, timeout: NaN }), RangeError, 'queue.timeout'],
    [() => bulkhead(1, { size: 1, order: 'random' as never }), RangeError, "queue.order must be one of 'fifo', 'lifo', 'adaptive-lifo', 'priority', got 'random'"],
    [() => bulkhead(1, { size: 1, length: 2 } as never), TypeError, "queue has no option 'length'"],
    [() => bulkhead(1, 0, { captureStacks: 1 as never }), TypeError, 'captureStacks must be true or false'],
    [() => bulkhead(1, 0, { size: 1 } as never), TypeError, "bulkhead has no option 'size'"],
    [() => bulkhead(1, 0, { mode: 'off' as never }), RangeError, 'mode must be one of'],
  ])('are refused where they make no sense: %s', (make, type, message) => {
    expect(make).toThrow(type);
    expect(make).toThrow(message);
  });

  it('have defaults', () => {
    const pool = bulkhead(3);
    const { name, kind, mode, active, queued, limit, capacity } = pool;
    expect({ name, kind, mode, active, queued, limit, capacity }).toStrictEqual({
      name: 'bulkhead', kind: 'bulkhead', mode: 'enforce', active: 0, queued: 0, limit: 3, capacity: 0,
    });
  });

  scenario('let a waiter wait for 30 s', () => bulkhead(1, 1), (pool, { expectObservable }) => {
    NEVER.pipe(pool).subscribe();
    const outcome = new Observable((subscriber) => EMPTY.pipe(pool).subscribe({ error: () => subscriber.complete() }));
    expectObservable(outcome).toBe('30s |');
  });
});

describe('update of a bulkhead', () => {
  it('lets waiters in when the limit grows, and disturbs nobody who runs when it shrinks', () => {
    const pool = bulkhead(1, 3);
    const [a, b, c, d] = [running(pool), running(pool), running(pool), running(pool)];
    pool.update({ maxConcurrent: 3 });
    expect([b.started, c.started, d.started]).toStrictEqual([true, true, false]);
    pool.update({ maxConcurrent: 1 });
    expect([pool.active, pool.limit, pool.queued]).toStrictEqual([3, 1, 1]);
    a.end();
    b.end();
    expect(d.started).toBe(false);
    c.end();
    expect(d.started).toBe(true);
    expect(pool.active).toBe(1);
  });

  it('leaves those who wait beyond a smaller queue, and takes no more', () => {
    const pool = bulkhead(1, 2);
    const [a, b, c] = [running(pool), running(pool), running(pool)];
    pool.update({ queue: 1 });
    expect([pool.capacity, pool.queued]).toStrictEqual([1, 2]);
    a.end();
    expect(isBulkheadFullError(running(pool).error)).toBe(true);
    b.end();
    expect(running(pool).error).toBeUndefined();
    expect([pool.active, pool.queued, c.started]).toStrictEqual([1, 1, true]);
  });

  scenario('keeps the time of those who wait and gives the new one to newcomers', () => bulkhead(1, { size: 2, timeout: 10 }), (pool, { expectObservable }) => {
    NEVER.pipe(pool).subscribe();
    const ended = (): Observable<unknown> => new Observable((subscriber) => EMPTY.pipe(pool).subscribe({ error: () => subscriber.complete() }));
    expectObservable(ended()).toBe('---------- |'.replace(' ', ''));
    expectObservable(defer(() => (pool.update({ queue: { size: 2, timeout: 3 } }), ended())), '-^').toBe('----|');
  });

  it.each<[BulkheadUpdate, string]>([
    [{ maxConcurrent: 5, queue: { size: -1 } }, 'queue.size'],
    [{ queue: 5, maxConcurrent: 0 }, 'maxConcurrent'],
    [{ queue: 5, mode: 'off' as never }, 'mode'],
    [{ queue: 5, name: 'x' } as never, "no option 'name'"],
    [{ queue: 5, captureStacks: 'no' as never }, 'captureStacks'],
  ])('that is refused changes nothing: %j', (update, message) => {
    const pool = bulkhead(1, 2);
    expect(() => pool.update(update)).toThrow(message);
    expect([pool.limit, pool.capacity, pool.mode]).toStrictEqual([1, 2, 'enforce']);
  });

  it('is seen in health', () => {
    const pool = bulkhead(1);
    const seen: Health[] = [];
    pool.health$.subscribe((health) => seen.push(health));
    NEVER.pipe(pool).subscribe();
    pool.update({ maxConcurrent: 2, required: true });
    expect(seen.map(({ status, required, details }) => [status, required, details['limit']])).toStrictEqual([
      ['up', false, 1], ['degraded', false, 1], ['up', true, 2],
    ]);
  });
});

describe('a limit that is observed', () => {
  it('is subscribed with the first call, in the root context, and unsubscribed by dispose', () => {
    const limits = new Subject<number>();
    let context: unknown;
    const pool = bulkhead(defer(() => ((context = currentContext()), limits)), 5);
    expect([pool.limit, limits.observed]).toStrictEqual([1, false]);
    runInContext({ priority: 'sheddable' }, () => running(pool));
    expect([limits.observed, context]).toStrictEqual([true, { attempt: 1 }]);
    const [b, c] = [running(pool), running(pool)];
    expect(b.started).toBe(false);
    limits.next(2);
    expect([b.started, c.started, pool.limit]).toStrictEqual([true, false, 2]);
    pool.dispose();
    expect(limits.observed).toBe(false);
    expect([pool.limit, pool.active]).toStrictEqual([2, 2]);
    running(pool);
    expect(limits.observed).toBe(false);
  });

  it('holds for the first call already where it has a value at once', () => {
    const pool = bulkhead(of(2));
    expect([running(pool), running(pool), running(pool)].map(({ started }) => started)).toStrictEqual([true, true, false]);
  });

  it.each([
    ['completes', of(3)],
    ['fails', new Observable<number>((subscriber) => { subscriber.next(3); subscriber.error(new Error('gone')); })],
  ])('is the last one where it %s', (_, limits) => {
    const pool = bulkhead(limits);
    running(pool);
    expect(pool.limit).toBe(3);
  });

  it('is 1 where it fails before it has said anything', () => {
    const pool = bulkhead(throwError(() => new Error('gone')));
    expect([running(pool).started, pool.limit, isBulkheadFullError(running(pool).error)]).toStrictEqual([true, 1, true]);
  });

  it('drops fractions and ignores what is no limit', () => {
    const limits = new Subject<number>();
    const pool = bulkhead(limits);
    running(pool);
    const seen = [4.9, NaN, 0, -1, Infinity, 'many' as never, 0.5, 7].map((limit) => (limits.next(limit), pool.limit));
    expect(seen).toStrictEqual([4, 4, 4, 4, 4, 4, 4, 7]);
  });

  it('can be replaced; until the new one has a value the present one holds', () => {
    const [first, second] = [new Subject<number>(), new Subject<number>()];
    const pool = bulkhead(first);
    running(pool);
    first.next(5);
    pool.update({ maxConcurrent: second });
    expect([first.observed, second.observed, pool.limit]).toStrictEqual([false, true, 5]);
    second.next(2);
    pool.update({ maxConcurrent: 9 });
    expect([second.observed, pool.limit]).toStrictEqual([false, 9]);
  });

  it('may end a call while it is subscribed', () => {
    const subject = new Subject<void>();
    const pool = bulkhead(defer(() => (subject.next(), of(1))));
    const subscription = new Observable((subscriber) => {
      subject.subscribe(() => subscriber.unsubscribe());
      NEVER.pipe(pool).subscribe(subscriber);
    }).subscribe();
    expect([subscription.closed, pool.active]).toStrictEqual([true, 0]);
  });
});

describe('the modes of a bulkhead', () => {
  it('shadow lets everything through at once and counts what would have happened', () => {
    const pool = bulkhead(1, 1, { mode: 'shadow' });
    const events: string[] = [];
    pool.events$.subscribe(({ type }) => events.push(type));
    const [a, b, c] = [running(pool), running(pool), running(pool)];
    expect([a.started, b.started, c.started]).toStrictEqual([true, true, true]);
    expect(pool.metrics()).toMatchObject({ calls: 3, accepted: 1, refused: { full: 1, 'queue-timeout': 0 }, active: 1, queued: 1 });
    c.end();
    expect([pool.active, pool.queued]).toStrictEqual([1, 1]);
    a.end();
    expect([pool.active, pool.queued]).toStrictEqual([1, 0]);
    b.end();
    expect(pool.metrics()).toMatchObject({ calls: 3, accepted: 2, active: 0, queued: 0, peak: 1 });
    expect(events).toStrictEqual(['started', 'queued', 'refused', 'started']);
  });

  scenario('shadow says who would have waited for too long', () => bulkhead(1, { size: 1, timeout: 2 }, { mode: 'shadow' }), (pool, { cold, expectObservable, flush }) => {
    expectObservable(cold('-----|').pipe(pool)).toBe('-----|');
    expectObservable(cold('-----|').pipe(pool)).toBe('-----|');
    flush();
    expect(pool.metrics()).toMatchObject({ accepted: 1, active: 0, queued: 0, refused: { full: 0, 'queue-timeout': 1 } });
  });

  it('shadow says in health what it would say', () => {
    const pool = bulkhead(1, 0, { mode: 'shadow' });
    running(pool);
    let health: Health | undefined;
    pool.health$.subscribe((now) => (health = now));
    expect(health).toMatchObject({ status: 'up', details: { mode: 'shadow', would: 'degraded' } });
  });

  it('disabled neither decides nor counts', () => {
    const pool = bulkhead(1, 0, { mode: 'disabled' });
    const [a, b] = [running(pool), running(pool)];
    expect([a.started, b.started]).toStrictEqual([true, true]);
    expect(pool.metrics()).toMatchObject({ calls: 0, accepted: 0, active: 0 });
    a.end();
    expect(pool.active).toBe(0);
  });

  it.each(['shadow', 'disabled'] as const)('a change to %s lets everybody in who waits', (mode) => {
    const pool = bulkhead(1, 3);
    const calls = [running(pool), running(pool), running(pool)];
    pool.update({ mode });
    expect(calls.every(({ started }) => started)).toBe(true);
    expect([pool.active, pool.queued, pool.mode]).toStrictEqual([3, 0, mode]);
    pool.update({ mode: 'enforce' });
    const next = running(pool);
    for (const call of calls) {
      expect(next.started).toBe(false);
      call.end();
    }
    expect([next.started, pool.active]).toStrictEqual([true, 1]);
  });

  it('counts what runs when it begins to enforce', () => {
    const pool = bulkhead(1, 1, { mode: 'shadow' });
    const [a, b] = [running(pool), running(pool)];
    pool.update({ mode: 'enforce' });
    const c = running(pool);
    expect([pool.active, pool.queued, c.started]).toStrictEqual([2, 1, false]);
    a.end();
    expect(c.started).toBe(false);
    b.end();
    expect([c.started, pool.active]).toStrictEqual([true, 1]);
  });

  it('a call let in by a change that ends another one of them leaks nothing', () => {
    const pool = bulkhead(1, 3);
    const first = running(pool);
    const victim = (): void => second.unsubscribe();
    defer(() => (victim(), EMPTY)).pipe(pool).subscribe();
    let started = false;
    const second = defer(() => ((started = true), EMPTY)).pipe(pool).subscribe();
    pool.update({ mode: 'disabled' });
    expect([started, pool.active, pool.queued]).toStrictEqual([false, 1, 0]);
    first.end();
    expect(pool.active).toBe(0);
  });
});
