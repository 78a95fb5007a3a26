import { AsyncLocalStorage } from 'node:async_hooks';
import { concat, defer, EMPTY, finalize, NEVER, Observable, of, Subject, Subscription, take, throwError, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bulkhead } from '../../src/bulkhead/bulkhead.js';
import { BulkheadFullError, isBulkheadFullError } from '../../src/bulkhead/bulkhead-full-error.js';
import { DeadlineExceededError } from '../../src/core/deadline-exceeded-error.js';
import { isRejectedError, isResilienceError } from '../../src/core/guards.js';
import type { Health } from '../../src/core/health.js';
import { currentContext, runInContext } from '../../src/operator/context.js';
import { Deadline } from '../../src/operator/deadline.js';
import { scenario } from '../operator/in-virtual-time.js';

const errorOf = (source: Observable<unknown>): unknown => {
  let found: unknown;
  source.subscribe({ error: (error: unknown) => (found = error) });
  return found;
};

describe('bulkhead', () => {
  scenario('lets so many run, so many wait in the order in which they came, and refuses the rest', () => bulkhead(1, 2), (pool, { cold, expectObservable, expectSubscriptions }) => {
    const source = cold('  --v--|');
    const subscribe = '    ^------------------';
    const first = '        --v--|';
    const second = '       -------v--|';
    const third = '        ------------v--|';
    const fourth = '       #';
    const full = new BulkheadFullError('bulkhead', 'full', { active: 1, limit: 1, queued: 2, capacity: 2 });
    const pipe = source.pipe(pool);
    expectObservable(pipe, subscribe).toBe(first);
    expectObservable(pipe, subscribe).toBe(second);
    expectObservable(pipe, subscribe).toBe(third);
    expectObservable(pipe, subscribe).toBe(fourth, undefined, full);
    expectSubscriptions(source.subscriptions).toBe(['^----!', '-----^----!', '----------^----!']);
  });

  scenario('gives the permit of a consumer that leaves to the next one, in the same turn', () => bulkhead(1, 1), (pool, { cold, expectObservable, expectSubscriptions }) => {
    const source = cold('  --v--|');
    const leaves = '       ^--!';
    const first = '        --v-';
    const second = '       -----v--|';
    expectObservable(source.pipe(pool), leaves).toBe(first);
    expectObservable(source.pipe(pool)).toBe(second);
    expectSubscriptions(source.subscriptions).toBe(['^--!', '---^----!']);
  });

  scenario('frees the place of a waiter that leaves at once, and never starts it', () => bulkhead(1, 1), (pool, { cold, expectObservable, expectSubscriptions }) => {
    const source = cold('  ----|');
    const pipe = source.pipe(pool);
    expectObservable(pipe).toBe('          ----|');
    expectObservable(pipe, '^-!').toBe('   ---');
    expectObservable(pipe, '---^').toBe('  --------|');
    expectSubscriptions(source.subscriptions).toBe(['^---!', '----^---!']);
  });

  scenario('refuses a waiter when its time is over and not before', () => bulkhead(1, { size: 2, timeout: 5 }), (pool, { cold, expectObservable, expectSubscriptions, flush }) => {
    const source = cold('  -|');
    const late = new BulkheadFullError('bulkhead', 'queue-timeout', { active: 1, limit: 1, queued: 1, capacity: 2 });
    expectObservable(cold('------|').pipe(pool)).toBe('------|');
    expectObservable(source.pipe(pool)).toBe('         -----#', undefined, late);
    expectObservable(source.pipe(pool), '--^').toBe('  -------|');
    expectSubscriptions(source.subscriptions).toBe(['  ------^!']);
    flush();
    expect(pool.metrics()).toMatchObject({ refused: { full: 0, 'queue-timeout': 1 }, active: 0, queued: 0 });
  });

  scenario('refuses a waiter in the turn after, where it may not wait at all', () => bulkhead(1, { size: 1, timeout: 0 }), (pool, { cold, expectObservable }) => {
    const late = new BulkheadFullError('bulkhead', 'queue-timeout', { active: 1, limit: 1, queued: 0, capacity: 1 });
    expectObservable(cold('---|').pipe(pool)).toBe('---|');
    expectObservable(cold('|').pipe(pool)).toBe('#', undefined, late);
  });

  scenario('lets a waiter wait for longer than any timer can be armed for, where no time is set', () => bulkhead(1, { size: 1, timeout: Infinity }), (pool, { cold, expectObservable }) => {
    expectObservable(cold('57600m |').pipe(pool)).toBe('57600m |');
    expectObservable(cold('|').pipe(pool)).toBe('57600m |');
  });

  it.each([
    ['lifo', 'running,c,b,a'],
    ['fifo', 'running,a,b,c'],
    ['adaptive-lifo', 'running,c,b,a'],
    ['priority', 'running,b,a,c'],
  ] as const)('serves waiters by %s', (order, expected) => {
    const pool = bulkhead(1, { size: 3, order });
    const log: string[] = [];
    const gate = new Subject<never>();
    const call = (name: string, source: Observable<never> = EMPTY): Subscription =>
      defer(() => {
        log.push(name);
        return source;
      }).pipe(pool).subscribe();
    call('running', gate);
    runInContext({ priority: 'sheddable' }, () => call('a'));
    runInContext({ priority: 'criticalPlus' }, () => call('b'));
    runInContext({ priority: 'sheddable' }, () => call('c'));
    gate.complete();
    expect(log.join()).toBe(expected);
  });

  it('takes a call without a priority for a critical one', () => {
    const pool = bulkhead(1, { size: 3, order: 'priority' });
    const log: string[] = [];
    const gate = new Subject<never>();
    gate.pipe(pool).subscribe();
    const call = (name: string): Subscription => defer(() => (log.push(name), EMPTY)).pipe(pool).subscribe();
    runInContext({ priority: 'sheddablePlus' }, () => call('sheddablePlus'));
    call('none');
    runInContext({ priority: 'criticalPlus' }, () => call('criticalPlus'));
    gate.complete();
    expect(log).toStrictEqual(['criticalPlus', 'none', 'sheddablePlus']);
  });

  it('has a permit for a newcomer only if nobody waits', () => {
    const pool = bulkhead(1, 2);
    const log: string[] = [];
    const gate = new Subject<never>();
    const call = (name: string): Subscription => defer(() => (log.push(name), EMPTY)).pipe(pool).subscribe();
    gate.pipe(pool).subscribe({ complete: () => call('newcomer') });
    call('waiter');
    gate.complete();
    expect(log).toStrictEqual(['waiter', 'newcomer']);
    expect(pool.metrics()).toMatchObject({ active: 0, queued: 0, accepted: 3, peak: 1 });
  });

  it('gives the permit back before downstream hears of the end, and wakes after the source was torn down', () => {
    const pool = bulkhead(1, 1);
    const log: string[] = [];
    const gate = new Subject<number>();
    gate.pipe(finalize(() => log.push('torn down')), pool).subscribe({ complete: () => log.push(`complete, ${pool.active} active`) });
    defer(() => (log.push('next starts'), EMPTY)).pipe(pool).subscribe();
    gate.complete();
    expect(log).toStrictEqual(['complete, 0 active', 'torn down', 'next starts']);
  });

  it.each([
    ['completes', of(1)],
    ['fails', throwError(() => new Error('down'))],
    ['is empty', EMPTY],
    ['is left after a value', concat(of(1), NEVER).pipe(take(1))],
    ['throws when it is subscribed', new Observable(() => { throw new Error('broken'); })],
  ])('has its permit back once a call %s', (_, source) => {
    const pool = bulkhead(1);
    for (let i = 0; i < 3; i++) source.pipe(pool, take(1)).subscribe({ error: () => undefined });
    expect(pool.active).toBe(0);
    expect(pool.metrics().accepted).toBe(3);
  });

  it('stops a synchronous source of a consumer that has enough, and has its permit back', () => {
    const pool = bulkhead(1);
    const seen: number[] = [];
    let produced = 0;
    const source = new Observable<number>((subscriber) => {
      for (let i = 0; i < 10_000 && !subscriber.closed; i++) subscriber.next(++produced);
    });
    source.pipe(pool, take(3)).subscribe((value) => seen.push(value));
    expect([seen, produced, pool.active]).toStrictEqual([[1, 2, 3], 3, 0]);
  });

  it('continues 100,000 waiters that end at once without growing the stack', () => {
    const pool = bulkhead(1, 100_000);
    const gate = new Subject<never>();
    let completed = 0;
    gate.pipe(pool).subscribe();
    const pipe = of(1).pipe(pool);
    for (let i = 0; i < 100_000; i++) pipe.subscribe({ complete: () => completed++ });
    expect([pool.queued, completed]).toStrictEqual([100_000, 0]);
    gate.complete();
    expect([pool.queued, pool.active, completed]).toStrictEqual([0, 0, 100_000]);
  });

  it('continues a waiter in the context and the asynchronous scope in which it came', () => {
    const pool = bulkhead(1, 2);
    const tenant = new AsyncLocalStorage<string>();
    const gate = new Subject<never>();
    const log: unknown[] = [];
    const call = (name: string): void => {
      tenant.run(name, () => runInContext({ tags: { name } }, () => {
        defer(() => (log.push([tenant.getStore(), currentContext().tags]), EMPTY)).pipe(pool).subscribe({
          complete: () => log.push(['complete', tenant.getStore(), currentContext().tags]),
        });
      }));
    };
    gate.pipe(pool).subscribe();
    call('a');
    call('b');
    tenant.run('other', () => runInContext({ tags: { name: 'other' } }, () => gate.complete()));
    expect(log).toStrictEqual([
      ['a', { name: 'a' }], ['complete', 'a', { name: 'a' }],
      ['b', { name: 'b' }], ['complete', 'b', { name: 'b' }],
    ]);
  });

  scenario('does not start a waiter whose deadline has passed', () => bulkhead(1, 3), (pool, { cold, flush }) => {
    const log: string[] = [];
    let caught: unknown;
    const events: string[] = [];
    pool.events$.subscribe(({ type }) => events.push(type));
    cold('-----|').pipe(pool).subscribe();
    runInContext({ deadline: Deadline.after(5) }, () => {
      defer(() => (log.push('too late'), EMPTY)).pipe(pool).subscribe({ error: (error: unknown) => (caught = error) });
    });
    runInContext({ deadline: Deadline.after(6) }, () => {
      defer(() => (log.push('in time'), EMPTY)).pipe(pool).subscribe();
    });
    flush();
    expect(log).toStrictEqual(['in time']);
    expect(caught).toBeInstanceOf(DeadlineExceededError);
    expect(caught).toMatchObject({ started: false, policy: 'bulkhead' });
    expect(events).toStrictEqual(['started', 'queued', 'queued', 'left', 'started']);
    expect(pool.metrics()).toMatchObject({ calls: 3, accepted: 2, refused: { full: 0, 'queue-timeout': 0 }, active: 0, queued: 0 });
  });

  scenario('gives a newcomer the place of a waiter whose deadline has passed', () => bulkhead(1, 2), (pool, { flush }) => {
    const log: string[] = [];
    NEVER.pipe(pool).subscribe();
    const wait = (name: string, ms: number): void => runInContext({ deadline: Deadline.after(ms) }, () => {
      NEVER.pipe(pool).subscribe({ error: ({ code }: BulkheadFullError) => log.push(`${name} ${code}, ${pool.queued} wait`) });
    });
    wait('first', 10);
    wait('second', 5);
    wait('too early', 10);
    timer(5).subscribe(() => wait('third', 10));
    timer(6).subscribe(() => wait('fourth', 10));
    flush();
    expect(log.slice(0, 3)).toStrictEqual([
      'too early BULKHEAD_FULL, 2 wait', 'second DEADLINE_EXCEEDED, 2 wait', 'fourth BULKHEAD_FULL, 2 wait',
    ]);
  });

  it('refuses to stand twice in one pipe', () => {
    const pool = bulkhead(1);
    expect(() => of(1).pipe(pool, bulkhead(1), pool)).toThrow(TypeError);
    expect(() => of(1).pipe(bulkhead(1), bulkhead(1))).not.toThrow();
  });
});

describe('a refusal', () => {
  it('says how full the bulkhead is, and costs no stack', () => {
    const pool = bulkhead(1, 1, { name: 'catalog' });
    NEVER.pipe(pool).subscribe();
    NEVER.pipe(pool).subscribe();
    const error = errorOf(NEVER.pipe(pool)) as BulkheadFullError;
    expect({ ...error }).toEqual({
      name: 'BulkheadFullError', code: 'BULKHEAD_FULL', policy: 'catalog', reason: 'full', active: 1, limit: 1, queued: 1, capacity: 1,
    });
    expect(error.message).toBe('catalog: full, 1 of 1 running, 1 of 1 waiting');
    expect(error.stack?.split('\n')).toHaveLength(1);
    expect([isBulkheadFullError(error), isRejectedError(error), isResilienceError(error)]).toStrictEqual([true, true, true]);
    expect([isBulkheadFullError(new Error('x')), isBulkheadFullError(undefined)]).toStrictEqual([false, false]);
    expect(isBulkheadFullError(new Error('wrapped', { cause: error }))).toBe(true);
  });

  it('carries a stack where that is asked for, also later', () => {
    const pool = bulkhead(1);
    NEVER.pipe(pool).subscribe();
    pool.update({ captureStacks: true });
    expect((errorOf(NEVER.pipe(pool)) as Error).stack).toContain('\n    at ');
  });
});

describe('what a bulkhead says of itself', () => {
  it('tells of each step, in the root context, with the context of the call', () => {
    const pool = bulkhead(1, 1, { name: 'catalog' });
    const events: unknown[] = [];
    pool.events$.subscribe((event) => {
      const { at, ...rest } = event;
      expect(typeof at).toBe('number');
      expect(currentContext()).toStrictEqual({ attempt: 1 });
      events.push({ ...rest, ...('waited' in rest && { waited: 0 }) });
    });
    const gate = new Subject<never>();
    runInContext({ tags: { name: 'a' } }, () => gate.pipe(pool).subscribe());
    const waiter = NEVER.pipe(pool).subscribe();
    errorOf(NEVER.pipe(pool));
    waiter.unsubscribe();
    of(1).pipe(pool).subscribe();
    gate.complete();
    pool.reset();
    const common = { policy: 'catalog', kind: 'bulkhead' };
    const context = { attempt: 1 };
    expect(events).toStrictEqual([
      { type: 'started', waited: 0, ...common, context: { attempt: 1, tags: { name: 'a' } } },
      { type: 'queued', ...common, context },
      { type: 'refused', reason: 'full', ...common, context },
      { type: 'left', ...common, context },
      { type: 'queued', ...common, context },
      { type: 'started', waited: 0, ...common, context },
      { type: 'reset', ...common },
    ]);
  });

  scenario('counts, and measures waits', () => bulkhead(1, 2), (pool, { cold, flush }) => {
    const call = (): Subscription => cold('----|').pipe(pool).subscribe({ error: () => undefined });
    for (let i = 0; i < 4; i++) call();
    flush();
    expect(pool.metrics()).toStrictEqual({
      calls: 4, accepted: 3, refused: { full: 1, 'queue-timeout': 0 }, active: 0, queued: 0, limit: 1, capacity: 2,
      peak: 1, waited: 12, meanWait: 6, rejectionRatio: 0.25,
    });
  });

  it('forgets counters on reset, not what runs or waits', () => {
    const pool = bulkhead(2, 2);
    const gate = new Subject<never>();
    for (let i = 0; i < 5; i++) errorOf(gate.pipe(pool));
    pool.reset();
    expect(pool.metrics()).toStrictEqual({
      calls: 0, accepted: 0, refused: { full: 0, 'queue-timeout': 0 }, active: 2, queued: 2, limit: 2, capacity: 2,
      peak: 2, waited: 0, meanWait: 0, rejectionRatio: 0,
    });
    gate.complete();
    expect(pool.metrics()).toMatchObject({ calls: 0, accepted: 0, active: 0, queued: 0, waited: 0 });
  });

  scenario('is degraded while a call that came now would be refused', () => bulkhead(1, 1, { required: true }), (pool, { cold, expectObservable, flush }) => {
    const seen: Health[] = [];
    pool.health$.subscribe((health) => seen.push(health));
    expectObservable(cold('----|').pipe(pool)).toBe('         ----|');
    expectObservable(cold('----|').pipe(pool), '--^').toBe('  --------|');
    flush();
    expect(seen.map(({ status, required, details }) => ({ status, required, details }))).toStrictEqual(
      ['up', 'degraded', 'up'].map((status) => ({ status, required: true, details: { limit: 1, capacity: 1 } })),
    );
    expect(seen.slice(1).map(({ since }) => since)).toStrictEqual([2, 4]);
  });

  it('completes its streams on dispose and goes on deciding', () => {
    const pool = bulkhead(1);
    const log: string[] = [];
    pool.events$.subscribe({ complete: () => log.push('events') });
    pool.health$.subscribe({ complete: () => log.push('health') });
    NEVER.pipe(pool).subscribe();
    pool.dispose();
    expect(log.sort()).toStrictEqual(['events', 'health']);
    expect(isBulkheadFullError(errorOf(NEVER.pipe(pool)))).toBe(true);
  });

  it.each([['started', 'at once'], ['queued', 'at once'], ['started', 'later']] as const)('survives a listener of %s that ends the call %s', (type, when) => {
    const pool = bulkhead(1, 3);
    const log: string[] = [];
    const gate = new Subject<never>();
    if (type === 'queued' || when === 'later') gate.pipe(pool).subscribe();
    const call = new Subscription();
    pool.events$.subscribe((event) => {
      if (event.type === type) call.unsubscribe();
    });
    const source = defer(() => (log.push('subscribed'), NEVER)).pipe(pool);
    call.add(new Observable((subscriber) => {
      call.add(subscriber);
      source.subscribe(subscriber);
    }).subscribe());
    gate.complete();
    expect([pool.active, pool.queued, log]).toStrictEqual([0, 0, []]);
  });
});
