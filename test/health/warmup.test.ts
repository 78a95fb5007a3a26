import { AsyncLocalStorage } from 'node:async_hooks';
import { defer, Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Health } from '../../src/core/health.js';
import { healthBoard } from '../../src/health/health-board.js';
import { warmup } from '../../src/health/warmup.js';
import { currentContext, runInContext } from '../../src/operator/context.js';
import { virtual } from '../virtual.js';

function warming() {
  const { scheduler, advance } = virtual();
  const work$ = new Subject<unknown>();
  const seen: Health[] = [];
  const health$ = warmup('cache', work$, { scheduler });
  const listen = () => health$.subscribe((health) => seen.push(health));
  return { advance, work$, seen, listen, health$, statuses: () => seen.map(({ status }) => status) };
}

describe('a warm-up', () => {
  it('is in progress until its work completes, and required', () => {
    const { advance, listen, seen, work$ } = warming();
    listen();
    advance(60_000);
    work$.complete();
    expect(seen).toStrictEqual([
      { name: 'cache', status: 'unknown', required: true, since: 0, details: { inProgress: true } },
      { name: 'cache', status: 'up', required: true, since: 60_000, details: {} },
    ]);
  });

  it('shows figures and words that the work emits as progress, and nothing else of it', () => {
    const { listen, seen, work$ } = warming();
    listen();
    for (const value of [0.5, { secret: 1 }, NaN, 'half', 'half', undefined]) work$.next(value);
    expect(seen.map(({ details }) => details)).toStrictEqual([
      { inProgress: true },
      { inProgress: true, progress: 0.5 },
      { inProgress: true, progress: 'half' },
    ]);
  });

  it('is down for good where the work fails, with the error and without its text', () => {
    const { listen, seen, work$ } = warming();
    const error = new Error('password=swordfish');
    listen();
    work$.error(error);
    listen();
    expect(seen[1]).toStrictEqual({ name: 'cache', status: 'down', required: true, since: 0, details: { reason: 'error' }, error });
    expect(seen[2]).toStrictEqual(seen[1]);
  });

  it('begins with the first subscriber, once, and goes on when all have left', () => {
    let begun = 0;
    const work$ = new Subject<void>();
    const health$ = warmup('cache', defer(() => (begun++, work$)));
    expect(begun).toBe(0);
    for (let i = 0; i < 3; i++) health$.subscribe().unsubscribe();
    expect([begun, work$.observed]).toStrictEqual([1, true]);
    work$.complete();
    const seen: string[] = [];
    health$.subscribe(({ status }) => seen.push(status));
    expect([begun, ...seen]).toStrictEqual([1, 'up']);
  });

  it('tells since when it is done, also where nobody listened then', () => {
    const { advance, listen, seen, work$ } = warming();
    listen().unsubscribe();
    advance(10);
    work$.complete();
    advance(10);
    listen();
    expect(seen[1]).toMatchObject({ status: 'up', since: 10 });
  });

  it('is up at once where there is nothing to do', () => {
    const seen: string[] = [];
    warmup('cache', of(1)).subscribe(({ status }) => seen.push(status));
    expect(seen).toStrictEqual(['up']);
  });

  it('takes a promise', async () => {
    const seen: string[] = [];
    warmup('cache', Promise.resolve()).subscribe(({ status }) => seen.push(status));
    warmup('index', Promise.reject(new Error('no'))).subscribe(({ status }) => seen.push(status));
    await new Promise(setImmediate);
    expect(seen).toStrictEqual(['unknown', 'unknown', 'up', 'down']);
  });

  it.each([['rows', [1, 2]], ['a string', 'work'], ['a function', () => of(1)], ['nothing', undefined]])('refuses %s', (_title, work) => {
    expect(() => warmup('cache', work as never)).toThrow(/^warmup: work\$ must be an observable, a promise or an async iterable/);
  });

  it('works outside of the call that subscribes it, in the scope in which it was made', () => {
    const tenant = new AsyncLocalStorage<string>();
    const found: unknown[] = [];
    const work$ = new Observable<never>(() => void found.push(tenant.getStore(), currentContext()));
    const health$ = tenant.run('maker', () => warmup('cache', work$));
    tenant.run('listener', () => runInContext({ priority: 'critical' }, () => health$.subscribe()));
    expect(found).toStrictEqual(['maker', { attempt: 1 }]);
  });

  it('gates a board, and fails its startup where it fails', () => {
    const [good, bad] = [new Subject<void>(), throwError(() => new Error('no'))];
    const seen: string[] = [];
    healthBoard({ startup: { cache: warmup('cache', good) } }).ready$.subscribe(({ status }) => seen.push(status));
    healthBoard({ startup: { cache: warmup('cache', bad) } }).startup$.subscribe(({ status }) => seen.push(status));
    good.complete();
    expect(seen).toStrictEqual(['unknown', 'down', 'up']);
  });
});
