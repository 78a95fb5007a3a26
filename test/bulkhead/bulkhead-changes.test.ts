import { defer, EMPTY, NEVER, of, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bulkhead } from '../../src/bulkhead/bulkhead.js';
import { isBulkheadFullError } from '../../src/bulkhead/bulkhead-full-error.js';
import type { Health } from '../../src/core/health.js';
import { isResilienceError } from '../../src/core/guards.js';
import { runInContext } from '../../src/operator/context.js';
import { Deadline } from '../../src/operator/deadline.js';
import { scenario } from '../operator/in-virtual-time.js';

type Pool = ReturnType<typeof bulkhead>;

const refusalOf = (pool: Pool): Error => {
  let refusal: unknown;
  NEVER.pipe(pool).subscribe({ error: (error: unknown) => (refusal = error) });
  expect(isBulkheadFullError(refusal)).toBe(true);
  return refusal as Error;
};
/** Who wait for as long as it takes. */
const waiters = (size: number) => ({ size, timeout: Infinity });
const hasStack = (error: Error): boolean => /\n\s+at /.test(error.stack ?? '');

describe('the stack of a refusal', () => {
  it('is there where it was asked for, and stays so in an update of something else', () => {
    const pool = bulkhead(1, 0, { captureStacks: true });
    NEVER.pipe(pool).subscribe();
    expect(hasStack(refusalOf(pool))).toBe(true);
    pool.update({ required: true });
    expect(hasStack(refusalOf(pool))).toBe(true);
    pool.update({ captureStacks: false });
    expect(hasStack(refusalOf(pool))).toBe(false);
  });

  it('is not there unless it was asked for', () => {
    const pool = bulkhead(1);
    NEVER.pipe(pool).subscribe();
    expect(hasStack(refusalOf(pool))).toBe(false);
    pool.update({ captureStacks: true });
    expect(hasStack(refusalOf(pool))).toBe(true);
  });
});

describe('an observable limit that comes with an update', () => {
  it.each<[string, boolean, (pool: Pool) => void]>([
    ['waits for the first call where there was none', false, () => undefined],
    ['is subscribed at once where a call runs', true, (pool) => void NEVER.pipe(pool).subscribe()],
    ['is subscribed at once where a call has run', true, (pool) => void EMPTY.pipe(pool).subscribe()],
    ['is subscribed at once where a call runs from before a reset', true, (pool) => {
      NEVER.pipe(pool).subscribe();
      pool.reset();
    }],
    ['waits for the first call after a reset where none runs', false, (pool) => {
      EMPTY.pipe(pool).subscribe();
      pool.reset();
    }],
  ])('%s', (_title, subscribed, before) => {
    const pool = bulkhead(3);
    before(pool);
    const limits = new Subject<number>();
    pool.update({ maxConcurrent: limits });
    expect(limits.observed).toBe(subscribed);
    NEVER.pipe(pool).subscribe();
    expect(limits.observed).toBe(true);
  });

  it('is not subscribed any more once the bulkhead is disposed of', () => {
    const pool = bulkhead(3);
    NEVER.pipe(pool).subscribe();
    pool.dispose();
    const limits = new Subject<number>();
    pool.update({ maxConcurrent: limits });
    NEVER.pipe(pool).subscribe();
    expect(limits.observed).toBe(false);
  });
});

describe('a change of mode', () => {
  it('does not count one who is gone by the time its turn comes', () => {
    const pool = bulkhead(1, waiters(3));
    NEVER.pipe(pool).subscribe();
    defer(() => (second.unsubscribe(), NEVER)).pipe(pool).subscribe();
    const second = NEVER.pipe(pool).subscribe();
    const told: string[] = [];
    pool.events$.subscribe(({ type }) => told.push(type));
    pool.update({ mode: 'shadow' });
    expect(told).toStrictEqual(['started']);
    expect(pool.metrics()).toMatchObject({ accepted: 2, active: 2, queued: 0 });
  });

  it('lets nobody in where the mode is the one it had', () => {
    const pool = bulkhead(1, waiters(3));
    NEVER.pipe(pool).subscribe();
    NEVER.pipe(pool).subscribe();
    pool.update({ mode: 'enforce' });
    expect([pool.active, pool.queued]).toStrictEqual([1, 1]);
  });
});

scenario('a waiter whose deadline has passed hears of it from a newcomer that finds no place all the same', () => bulkhead(1, waiters(3)), (pool, { cold, flush }) => {
  NEVER.pipe(pool).subscribe();
  const told: string[] = [];
  const waits = (name: string): void => void NEVER.pipe(pool).subscribe({ error: (error) => told.push(`${name}: ${(error as Error).name}`) });
  runInContext({ deadline: Deadline.after(5) }, () => waits('hurried'));
  waits('patient');
  waits('patient too');
  pool.update({ queue: waiters(1) });
  cold('------(a|)').subscribe(() => waits('newcomer'));
  flush();
  expect(told).toStrictEqual(['hurried: DeadlineExceededError', 'newcomer: BulkheadFullError']);
  expect(pool.metrics()).toMatchObject({ active: 1, queued: 2, refused: { full: 1 } });
});

describe('the health of a bulkhead', () => {
  const statuses = (pool: Pool): string[] => {
    const seen: string[] = [];
    pool.health$.subscribe(({ status }: Health) => seen.push(status));
    return seen;
  };

  it('is degraded only while a call that came now would be refused', () => {
    const pool = bulkhead(2, waiters(1));
    const seen = statuses(pool);
    const gates = [new Subject<void>(), new Subject<void>(), new Subject<void>()];
    gates.forEach((gate, at) => {
      gate.pipe(pool).subscribe();
      expect(seen.at(-1)).toBe(at === 2 ? 'degraded' : 'up');
    });
    gates[0]!.complete();
    expect(seen).toStrictEqual(['up', 'degraded', 'up']);
  });

  it('is up with a permit left and no queue at all', () => {
    const pool = bulkhead(1);
    const seen = statuses(pool);
    const gate = new Subject<void>();
    gate.pipe(pool).subscribe();
    gate.complete();
    of(1).pipe(pool).subscribe();
    expect(seen).toStrictEqual(['up', 'degraded', 'up', 'degraded', 'up']);
  });

  it('is since when it changed, at both ends', () => {
    let now = 10;
    const scheduler = { now: () => now, schedule: () => { throw new Error('no timer is needed'); } };
    const pool = bulkhead(1, 0, { scheduler });
    const seen: number[] = [];
    pool.health$.subscribe(({ since }) => seen.push(since));
    now = 20;
    const call = NEVER.pipe(pool).subscribe();
    now = 25;
    expect(isResilienceError(refusalOf(pool))).toBe(true);
    pool.health$.subscribe(({ since }) => seen.push(since)).unsubscribe();
    now = 30;
    call.unsubscribe();
    expect(seen).toStrictEqual([10, 20, 20, 30]);
  });

  it('is not up for the moment in which a waiter gets a permit and others still wait', () => {
    const pool = bulkhead(1, waiters(2));
    for (let i = 0; i < 3; i++) NEVER.pipe(pool).subscribe();
    const seen = statuses(pool);
    pool.update({ queue: waiters(1) });
    pool.update({ maxConcurrent: 2 });
    expect([pool.active, pool.queued]).toStrictEqual([2, 1]);
    expect([...new Set(seen)]).toStrictEqual(['degraded']);
  });
});

describe('the counters of a bulkhead', () => {
  it('say the most that ran at once, and after a reset what runs since then', () => {
    const pool = bulkhead(3);
    const calls = [NEVER, NEVER, NEVER].map((source) => source.pipe(pool).subscribe());
    calls[0]!.unsubscribe();
    expect(pool.metrics()).toMatchObject({ peak: 3, active: 2 });
    pool.reset();
    expect(pool.metrics()).toMatchObject({ calls: 0, accepted: 0, peak: 2, active: 2 });
    NEVER.pipe(pool).subscribe();
    expect(pool.metrics().peak).toBe(3);
  });

  it('say what was refused among what was asked for', () => {
    const pool = bulkhead(1);
    expect(pool.metrics().rejectionRatio).toBe(0);
    NEVER.pipe(pool).subscribe();
    expect(pool.metrics().rejectionRatio).toBe(0);
    for (let i = 0; i < 3; i++) refusalOf(pool);
    expect(pool.metrics().rejectionRatio).toBe(0.75);
  });

  it.each([[undefined, {}], ['operator', { caller: 'operator' }]])('are reset by %s, who is named where somebody is', (caller, named) => {
    const pool = bulkhead(1);
    const told: object[] = [];
    pool.events$.subscribe((event) => told.push(event));
    pool.reset(caller);
    expect(told).toStrictEqual([{ type: 'reset', policy: 'bulkhead', kind: 'bulkhead', at: expect.any(Number), ...named }]);
  });
});
