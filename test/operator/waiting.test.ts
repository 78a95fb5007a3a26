import {
  config, defer, NEVER, Observable, of, type SchedulerLike, Subject, Subscriber, type Subscription, throwError,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { bulkhead } from '../../src/bulkhead/bulkhead.js';
import { Ending } from '../../src/core/ending.js';
import { fixedLimit } from '../../src/core/fixed-limit.js';
import { loadShed } from '../../src/load-shed/load-shed.js';
import { loadShedder } from '../../src/load-shed/load-shedder.js';
import { currentContext, runInContext } from '../../src/operator/context.js';
import { Deadline } from '../../src/operator/deadline.js';
import { applied } from '../../src/operator/policy.js';
import { stage } from '../../src/operator/stage.js';
import { scenario } from './in-virtual-time.js';

type Pipe = <T>(source: Observable<T>) => Observable<T>;

const policies: [string, (scheduler: TestScheduler) => Pipe][] = [
  ['bulkhead', (scheduler) => bulkhead(1, { size: 5, timeout: 100 }, { scheduler })],
  ['shedder', (scheduler) => loadShed('critical', { scheduler, shedder: loadShedder({ limit: fixedLimit(1), queue: { size: 5, timeout: 100 }, scheduler }) })],
];

describe.each(policies)('a wait in the queue of a %s', (_, make) => {
  const advance = (scheduler: TestScheduler, ms: number): void => {
    scheduler.maxFrames = scheduler.frame + ms;
    scheduler.schedule(() => undefined, ms);
    scheduler.flush();
  };

  it.each<[string, (waiting: Subscription, gate: Subject<never>) => void]>([
    ['the waiter leaves', (waiting) => waiting.unsubscribe()],
    ['it is let in', (_, gate) => gate.complete()],
  ])('leaves no timer behind when %s', (_, end) => {
    const scheduler = new TestScheduler(() => undefined);
    const pipe = make(scheduler);
    const gate = new Subject<never>();
    gate.pipe(pipe).subscribe();
    const waiting = NEVER.pipe(pipe).subscribe();
    advance(scheduler, 5);
    expect(scheduler.actions).toHaveLength(1);
    end(waiting, gate);
    expect(scheduler.actions).toHaveLength(0);
  });

  it('arms no timer for a call that does not wait', () => {
    const scheduler = new TestScheduler(() => undefined);
    NEVER.pipe(make(scheduler)).subscribe();
    expect(scheduler.actions).toHaveLength(0);
  });

  it('has a permit for a newcomer only if nobody waits', () => {
    const pipe = make(new TestScheduler(() => undefined));
    const log: string[] = [];
    const gate = new Subject<never>();
    const call = (name: string): Subscription => new Observable((subscriber) => (log.push(name), subscriber.complete())).pipe(pipe).subscribe();
    gate.pipe(pipe).subscribe({ complete: () => call('newcomer') });
    call('waiter');
    gate.complete();
    expect(log).toStrictEqual(['waiter', 'newcomer']);
  });
});

/** Tries again at once whatever fails, so many times. */
const again = (tries: number): Pipe => {
  let left = tries;
  return applied(stage({
    settle: (_call, at, ending) =>
      ending === Ending.failed && left-- > 0 ? { at, wait: undefined, attempt: tries - left + 1 } : undefined,
  }));
};

describe('a wait within a retry', () => {
  scenario('may be followed by another one', () => bulkhead(1, { size: 1, timeout: 3 }), (pool, { cold, expectObservable, expectSubscriptions, flush }) => {
    const source = cold('                          --|');
    expectObservable(cold('-------|').pipe(pool)).toBe('-------|');
    expectObservable(source.pipe(pool, again(2))).toBe('---------|');
    expectSubscriptions(source.subscriptions).toBe('-------^-!');
    flush();
    expect(pool.metrics()).toMatchObject({ calls: 4, accepted: 2, refused: { full: 0, 'queue-timeout': 2 }, active: 0, queued: 0 });
  });

  scenario('gives the permit of each try back before the next one asks', () => bulkhead(1), (pool, { cold, expectObservable, flush }) => {
    expectObservable(cold('--#').pipe(pool, again(2))).toBe('------#');
    flush();
    expect(pool.metrics()).toMatchObject({ calls: 3, accepted: 3, active: 0, peak: 1 });
  });

  it('keeps the priority that a shedder further out has given it', () => {
    const seen: unknown[] = [];
    const shed = loadShed(() => 'sheddable', { shedder: loadShedder() });
    const source = defer(() => {
      const { attempt, priority } = currentContext();
      seen.push([attempt, priority]);
      return throwError(() => new Error('down'));
    });
    source.pipe(again(1), shed).subscribe({ error: () => undefined });
    source.pipe(shed, again(1)).subscribe({ error: () => undefined });
    expect(seen).toStrictEqual([[1, 'sheddable'], [2, 'sheddable'], [1, 'sheddable'], [2, 'sheddable']]);
  });
});

describe('a consumer that throws when it is refused in the course of somebody else\'s call', () => {
  afterEach(() => {
    config.onUnhandledError = null;
  });

  class Throwing extends Subscriber<unknown> {
    override error(): void {
      throw new Error('consumer');
    }
  }

  scenario('is reported, and does not hit that call', () => loadShedder({ limit: fixedLimit(1), queue: 1 }), (shedder, { flush }) => {
    const reported: string[] = [];
    config.onUnhandledError = (error: Error) => reported.push(error.message);
    const [critical, sheddable] = [loadShed('critical', { shedder }), loadShed('sheddable', { shedder })];
    const log: string[] = [];
    const gate = new Subject<never>();
    gate.pipe(critical).subscribe();
    NEVER.pipe(sheddable).subscribe(new Throwing());
    of(1).pipe(critical).subscribe({ complete: () => log.push('complete'), error: () => log.push('failed') });
    expect(log).toStrictEqual([]);
    gate.complete();
    flush();
    expect([log, reported]).toStrictEqual([['complete'], ['consumer']]);
    expect([shedder.inFlight, shedder.queued]).toStrictEqual([0, 0]);
  });
});

describe('a newcomer to a full queue', () => {
  /** One who waits expires in each millisecond, and one newcomer comes in each. */
  const readingsWith = (size: number, policyOn: (scheduler: SchedulerLike, size: number) => Pipe): readonly [number, string[]] => {
    let [now, readings] = [0, 0];
    const scheduler = { now: () => (readings++, now), schedule: () => ({ unsubscribe: () => undefined }) } as unknown as SchedulerLike;
    const policy = policyOn(scheduler, size);
    const ended: string[] = [];
    const call = (name: string, ms: number): void => {
      const deadline = Deadline.after(ms, scheduler);
      runInContext({ deadline }, () => NEVER.pipe(policy).subscribe({ error: ({ code }) => ended.push(`${name} ${code}`) }));
    };
    for (let i = 0; i <= size; i++) call(`${i}`, 1_000 + ((i * 7) % 101));
    now = 1_000;
    readings = 0;
    for (let i = 0; i < 20; i++, now++) call(`new ${i}`, 1_000_000);
    return [readings, ended];
  };

  it.each<[string, (scheduler: SchedulerLike, size: number) => Pipe]>([
    ['bulkhead', (scheduler, size) => bulkhead(1, { size, timeout: Infinity }, { scheduler })],
    ['shedder', (scheduler, size) => loadShed('critical', { scheduler, shedder: loadShedder({ limit: fixedLimit(1), queue: { size, timeout: Infinity }, scheduler }) })],
  ])('of a %s costs the same with 5,050 who wait as with 101, and takes the place of one whose deadline has passed', (_title, policyOn) => {
    const [few, fewEnded] = readingsWith(101, policyOn);
    const [many, manyEnded] = readingsWith(5_050, policyOn);
    // Each of those that have expired has a clock to read.
    const each = (readings: number, ended: readonly string[]): number => readings / (20 + ended.length);
    expect(each(many, manyEnded)).toBeLessThan(1.5 * each(few, fewEnded));
    expect([fewEnded.length, manyEnded.length]).toStrictEqual([20, 50]);
    expect(fewEnded[0]).toBe('101 DEADLINE_EXCEEDED');
    // Of those that expire together the one that came first is told first.
    expect(manyEnded.slice(0, 3)).toStrictEqual(['101 DEADLINE_EXCEEDED', '202 DEADLINE_EXCEEDED', '303 DEADLINE_EXCEEDED']);
  });
});
