import { config, NEVER, Observable, of, Subject, Subscriber, type Subscription } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { bulkhead } from '../../src/bulkhead/bulkhead.js';
import { fixedLimit } from '../../src/core/fixed-limit.js';
import { loadShed } from '../../src/load-shed/load-shed.js';
import { loadShedder } from '../../src/load-shed/load-shedder.js';
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
