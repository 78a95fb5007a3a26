import { setTimeout as sleep } from 'node:timers/promises';
import { mock } from 'node:test';
import { NEVER, type Observable, of, Subject, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import {
  bulkhead, circuitBreaker, constant, Deadline, fixedLimit, healthCheck, heartbeat, loadShed, loadShedder, retryBudget,
  retryWithBackoff, runInContext, withDeadline,
} from 'rxjs-resilience';
import { afterEach, describe, expect, it, vi } from 'vitest';

type Leave = () => void;

/** Something of a process that tests share, and what begins to wait for it: `over` is called after `ms`. */
type Make = (ms: number) => (over: () => void) => Leave;

const quiet = { error: () => undefined };
const down = throwError(() => new Error('down'));

const waits: readonly (readonly [string, Make])[] = [
  [
    'a deadline',
    (ms) => {
      const deadline = withDeadline(ms);
      return (over) => {
        const call = NEVER.pipe(deadline).subscribe({ error: over });
        return () => call.unsubscribe();
      };
    },
  ],
  [
    'a deadline that several calls share',
    (ms) => {
      const deadline = Deadline.after(ms);
      return (over) => {
        const call = runInContext({ deadline }, () => NEVER.pipe(withDeadline()).subscribe({ error: over }));
        return () => call.unsubscribe();
      };
    },
  ],
  [
    'the queue of a bulkhead',
    (ms) => {
      const pool = bulkhead(1, { size: 9, timeout: ms });
      NEVER.pipe(pool).subscribe();
      return (over) => {
        const call = NEVER.pipe(pool).subscribe({ error: over });
        return () => call.unsubscribe();
      };
    },
  ],
  [
    'the queue of a shedder',
    (ms) => {
      const shed = loadShed('critical', { shedder: loadShedder({ limit: fixedLimit(1), queue: { size: 9, timeout: ms } }) });
      NEVER.pipe(shed).subscribe();
      return (over) => {
        const call = NEVER.pipe(shed).subscribe({ error: over });
        return () => call.unsubscribe();
      };
    },
  ],
  [
    'the wait between two tries',
    (ms) => {
      const retry = retryWithBackoff(constant(ms), { maxRetries: 1 });
      return (over) => {
        const call = down.pipe(retry).subscribe({ error: over });
        return () => call.unsubscribe();
      };
    },
  ],
  [
    'the state of a circuit',
    (ms) => {
      const breaker = circuitBreaker({ failureThreshold: 1, breakDuration: ms });
      down.pipe(breaker).subscribe(quiet);
      return (over) => {
        const listener = breaker.state$.subscribe((state) => state === 'half-open' && over());
        return () => listener.unsubscribe();
      };
    },
  ],
  [
    'the budget of a retry',
    (ms) => {
      const budget = retryBudget({ burst: 1, ratio: 0, minPerSecond: 1_000 / ms });
      const retry = retryWithBackoff(constant(0), { budget });
      down.pipe(retry).subscribe(quiet);
      return (over) => {
        let was = '';
        const listener = retry.health$.subscribe(({ status }) => {
          if (was === 'degraded' && status === 'up') over();
          was = status;
        });
        return () => listener.unsubscribe();
      };
    },
  ],
  [
    'a health check',
    (ms) => {
      const check = healthCheck('check', () => NEVER, { timeout: ms, every: 10 * ms });
      return (over) => {
        const listener = check.subscribe(({ status }) => status === 'down' && over());
        return () => listener.unsubscribe();
      };
    },
  ],
  [
    'a heartbeat',
    (ms) => {
      const loop = heartbeat('loop', { within: ms });
      return (over) => {
        const listener = loop.health$.subscribe(({ status }) => status === 'down' && over());
        return () => listener.unsubscribe();
      };
    },
  ],
];

const fixed = Date.UTC(2024, 0, 1);

/** How a test that comes after another one gets its time; the one before has left a call behind. */
const changes: readonly (readonly [string, (test: (pass: (ms: number) => void) => void) => void])[] = [
  [
    'fake timers with the same date for each test',
    (test) => {
      for (let i = 0; i < 2; i++) {
        vi.useFakeTimers({ now: fixed });
        test((ms) => vi.advanceTimersByTime(ms));
        vi.useRealTimers();
      }
    },
  ],
  [
    'fake timers with the present date',
    (test) => {
      for (let i = 0; i < 2; i++) {
        vi.useFakeTimers();
        test((ms) => vi.advanceTimersByTime(ms));
        vi.useRealTimers();
      }
    },
  ],
  [
    'fake timers that are only cleared',
    (test) => {
      vi.useFakeTimers({ now: fixed });
      for (let i = 0; i < 2; i++) {
        test((ms) => vi.advanceTimersByTime(ms));
        vi.clearAllTimers();
      }
    },
  ],
  [
    'fake timers installed twice',
    (test) => {
      for (let i = 0; i < 2; i++) {
        vi.useFakeTimers({ now: fixed });
        test((ms) => vi.advanceTimersByTime(ms));
      }
    },
  ],
  [
    'fake timers after real ones',
    (test) => {
      test(() => undefined);
      vi.useFakeTimers();
      test((ms) => vi.advanceTimersByTime(ms));
    },
  ],
  [
    'virtual time after fake timers',
    (test) => {
      vi.useFakeTimers({ now: fixed });
      test((ms) => vi.advanceTimersByTime(ms));
      vi.useRealTimers();
      const scheduler = new TestScheduler(() => undefined);
      scheduler.run(() => {
        test((ms) => {
          // A health check that somebody listens to has no end.
          scheduler.maxFrames = ms;
          scheduler.flush();
        });
      });
    },
  ],
  [
    'fake timers after virtual time that has thrown',
    (test) => {
      expect(() =>
        new TestScheduler(() => undefined).run(() => {
          test(() => undefined);
          throw new Error('failed');
        }),
      ).toThrow('failed');
      vi.useFakeTimers();
      test((ms) => vi.advanceTimersByTime(ms));
    },
  ],
  [
    'the timers of node:test',
    (test) => {
      for (let i = 0; i < 2; i++) {
        mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: fixed });
        test((ms) => mock.timers.tick(ms));
        mock.timers.reset();
      }
    },
  ],
];

afterEach(() => {
  vi.useRealTimers();
  mock.timers.reset();
});

describe.each(waits)('%s', (_title, make) => {
  it.each(changes)('is over in its time, with %s', (_how, run) => {
    const begin = make(1_000);
    const leaves: Leave[] = [];
    const over: boolean[] = [];
    run((pass) => {
      let done = false;
      leaves.push(begin(() => (done = true)));
      pass(leaves.length === 1 ? 10 : 1_000);
      over.push(done);
    });
    for (const leave of leaves) leave();
    expect(over).toStrictEqual([false, true]);
  });

  it('is over in its time in real time after fake timers', async () => {
    const begin = make(40);
    vi.useFakeTimers({ now: fixed });
    const first = begin(() => undefined);
    vi.useRealTimers();
    let done = false;
    const second = begin(() => (done = true));
    await vi.waitFor(() => expect(done).toBe(true), { timeout: 3_000, interval: 10 });
    first();
    second();
  });
});

describe('a call that has ended', () => {
  const policies = {
    'a deadline': () => withDeadline(800),
    'a share of a deadline': () => withDeadline({ within: 900, share: 0.5 }),
    'a bulkhead within a deadline': () => {
      const pool = bulkhead(1, 1);
      const deadline = withDeadline(800);
      return <T>(source: Observable<T>) => source.pipe(pool, deadline);
    },
  };

  it.each(Object.entries(policies))('leaves no fake timer of %s armed', (_title, make) => {
    vi.useFakeTimers();
    const policy = make();
    of(1).pipe(policy).subscribe();
    expect(vi.getTimerCount()).toBe(0);
    const source = new Subject<number>();
    source.pipe(policy).subscribe();
    source.next(1);
    source.complete();
    expect(vi.getTimerCount()).toBe(0);
    const [left, queued] = [NEVER.pipe(policy).subscribe(), NEVER.pipe(policy).subscribe()];
    expect(vi.getTimerCount()).toBeGreaterThan(0);
    vi.advanceTimersByTime(100);
    queued.unsubscribe();
    left.unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves none armed in virtual time', () => {
    const scheduler = new TestScheduler(() => undefined);
    scheduler.run(() => {
      const source = new Subject<number>();
      source.pipe(withDeadline(800)).subscribe();
      source.complete();
      expect(scheduler.actions.filter(({ closed }) => !closed)).toHaveLength(0);
    });
  });
});

describe('a timer that fires while others have replaced its functions', () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

  it('is cleared when they are back, and repeats nothing', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const ended: string[] = [];
    NEVER.pipe(withDeadline(20)).subscribe({ error: () => ended.push('cut') });
    const retry = retryWithBackoff(constant(15), { maxRetries: 1 });
    down.pipe(retry).subscribe({ error: () => ended.push('given up') });
    const breaker = circuitBreaker({ failureThreshold: 1, breakDuration: 15 });
    breaker.state$.subscribe((state) => ended.push(state));
    down.pipe(breaker).subscribe(quiet);
    await sleep(5);
    vi.useFakeTimers({ now: fixed });
    await sleep(60);
    expect(ended).toStrictEqual(['closed', 'open', 'given up', 'cut']);
    vi.useRealTimers();
    await sleep(60);
    expect(ended).toStrictEqual(['closed', 'open', 'given up', 'cut', 'half-open']);
    expect(warn).not.toHaveBeenCalled();
    const before = timers();
    of(1).pipe(withDeadline(500)).subscribe();
    await sleep(20);
    expect(timers()).toBeLessThanOrEqual(before);
    warn.mockRestore();
  });
});
