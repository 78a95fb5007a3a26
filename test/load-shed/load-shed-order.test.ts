import { BehaviorSubject, defer, EMPTY, NEVER, of, type SchedulerLike, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  constant, currentContext, Deadline, fixedLimit, loadShed, loadShedder, type LoadShedder, type Priority, retryWithBackoff, runInContext,
  vegasLimit, withDeadline,
} from 'rxjs-resilience';
import type { ConcurrencyLimit } from '../../src/core/concurrency-limit.js';
import type { Shedder } from '../../src/load-shed/shedder.js';
import { outcome, virtual } from '../virtual.js';

const listenersOf = (shedder: LoadShedder): number => (shedder as unknown as Shedder).listeners.size;

describe('who is next', () => {
  it('is the one who waits, not one of the same priority who comes before it is woken', () => {
    const { scheduler } = virtual();
    const shedder = loadShedder({ limit: fixedLimit(1), queue: 2, scheduler });
    const shed = loadShed('critical', { shedder, scheduler });
    const started: string[] = [];
    const call = (name: string) => defer(() => (started.push(name), NEVER)).pipe(shed);
    const first = new Subject<never>();
    first.pipe(shed).subscribe({ complete: () => outcome(call('comes')) });
    outcome(call('waits'));
    first.complete();
    expect(started).toStrictEqual(['waits']);
    expect(shedder.queued).toBe(1);
  });

  it.each<[string, readonly Priority[], readonly number[]]>([
    ['the least important of those whom a signal sheds', ['sheddable', 'sheddablePlus'], [0, 1]],
    ['the newest of the same priority', ['sheddable', 'sheddablePlus', 'sheddable'], [2, 0, 1]],
  ])('to hear of it is %s', (_title, waiting, order) => {
    const { scheduler } = virtual();
    const load = new BehaviorSubject(0);
    const shedder = loadShedder({ limit: fixedLimit(1), queue: 5, signals: [load], scheduler });
    outcome(NEVER.pipe(loadShed('criticalPlus', { shedder, scheduler })));
    const told: number[] = [];
    waiting.forEach((priority, at) => NEVER.pipe(loadShed(priority, { shedder, scheduler })).subscribe({ error: () => told.push(at) }));
    load.next(0.9);
    expect(told).toStrictEqual(order);
  });
});

describe('a policy that sheds', () => {
  it('gives each try its priority', () => {
    const seen: unknown[] = [];
    const source = defer(() => (seen.push(currentContext().priority), throwError(() => 'down')));
    const shedder = loadShedder({ limit: fixedLimit(1) });
    outcome(source.pipe(retryWithBackoff(constant(0), { maxRetries: 1 }), loadShed('sheddable', { shedder })));
    expect(seen).toStrictEqual(['sheddable', 'sheddable']);
  });

  it('that is disabled lets a retry further in try again', () => {
    const shedder = loadShedder({ limit: fixedLimit(1) });
    let tries = 0;
    const source = defer(() => (tries++ === 0 ? throwError(() => 'down') : of(1)));
    const { log } = outcome(source.pipe(retryWithBackoff(constant(0)), loadShed('critical', { shedder, mode: 'disabled' })));
    expect(log).toStrictEqual([1, '|']);
  });

  it.each(['shadow', 'disabled'] as const)('measures nothing where it is %s and lets a call through that it would shed', (mode) => {
    const shedder = loadShedder({ limit: vegasLimit({ initial: 1, max: 1 }) });
    outcome(NEVER.pipe(loadShed('critical', { shedder })));
    expect(outcome(of(1, 2).pipe(loadShed('critical', { shedder, mode }))).log).toStrictEqual([1, 2, '|']);
  });

  it('keeps its priority in an update of something else', () => {
    const shedder = loadShedder({ limit: fixedLimit(1) });
    const shed = loadShed('sheddable', { shedder });
    shed.update({ required: true });
    expect(outcome(defer(() => of(currentContext().priority)).pipe(shed)).log).toStrictEqual(['sheddable', '|']);
  });

  it('tells of a limit that changes, not of one that stays', () => {
    const limits = [5, 6];
    const limit = { limit: 5, sampled: true, sampler: () => ({ record: () => void (limit.limit = limits.shift()!), dropped: () => undefined }) };
    const shedder = loadShedder({ limit: limit satisfies ConcurrencyLimit });
    const shed = loadShed('critical', { shedder });
    const told: unknown[] = [];
    shed.events$.subscribe((event) => event.type === 'limitChanged' && told.push([event.previous, event.limit]));
    outcome(EMPTY.pipe(shed));
    expect(told).toStrictEqual([]);
    outcome(EMPTY.pipe(shed));
    expect(told).toStrictEqual([[5, 6]]);
  });

  it('is up again when all who waited are gone, though none of them has started', () => {
    const { advance, scheduler } = virtual();
    const shedder = loadShedder({ limit: fixedLimit(1), queue: 1, scheduler });
    const shed = loadShed('critical', { shedder, scheduler });
    const seen: string[] = [];
    shed.health$.subscribe(({ status }) => seen.push(status));
    const first = outcome(NEVER.pipe(shed));
    const waits = runInContext({ deadline: Deadline.after(5, scheduler) }, () => outcome(NEVER.pipe(shed)));
    advance(6);
    first.leave();
    expect(waits.log).toMatchObject([{ name: 'DeadlineExceededError', started: false }]);
    expect(seen).toStrictEqual(['up', 'degraded', 'up']);
  });

  it('takes no time of what is further in for what the callback needs', () => {
    let now = 0;
    const scheduler = { now: () => now, schedule: () => ({ unsubscribe: () => undefined }) } as unknown as SchedulerLike;
    const shedder = loadShedder({ limit: fixedLimit(1), scheduler });
    const slow = loadShed(() => ((now += 10), 'critical'), { shedder, scheduler });
    const source = defer(() => of(currentContext().deadline?.remaining()));
    const { log } = outcome(source.pipe(withDeadline(50, { scheduler }), slow, withDeadline(1_000, { scheduler })));
    expect(log).toStrictEqual([50, '|']);
  });

  it('is held by its shedder only while somebody observes it', () => {
    const shedder = loadShedder({ limit: fixedLimit(1) });
    const shed = loadShed('critical', { shedder });
    expect(listenersOf(shedder)).toBe(0);
    const health = shed.health$.subscribe();
    expect(listenersOf(shedder)).toBe(1);
    health.unsubscribe();
    expect(listenersOf(shedder)).toBe(0);
  });

  it('still hears of the limit where only its health is left', () => {
    const limit = { limit: 5, sampled: true, sampler: () => ({ record: () => void limit.limit++, dropped: () => undefined }) };
    const shedder = loadShedder({ limit: limit satisfies ConcurrencyLimit });
    const shed = loadShed('critical', { shedder });
    const told: string[] = [];
    shed.events$.subscribe(({ type }) => told.push(type));
    shed.health$.subscribe().unsubscribe();
    outcome(EMPTY.pipe(shed));
    expect(told).toStrictEqual(['admitted', 'limitChanged']);
  });

  it('is let go of by its shedder once it is disposed of, and for good', () => {
    const shedder = loadShedder({ limit: fixedLimit(1) });
    const shed = loadShed('critical', { shedder });
    shed.events$.subscribe();
    shed.health$.subscribe();
    shed.dispose();
    expect(listenersOf(shedder)).toBe(0);
    shed.events$.subscribe();
    expect(listenersOf(shedder)).toBe(0);
  });
});
