import { mock } from 'node:test';
import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Clock } from '../../src/operator/clock.js';

const hour = 3_600_000;

function stepping(start: number): SchedulerLike & { raw: number } {
  const scheduler = { raw: start, now: () => scheduler.raw, schedule: () => expect.fail('no timer is asked for') };
  return scheduler;
}

describe('the clock', () => {
  it('follows its scheduler', () => {
    const scheduler = stepping(1_000);
    const clock = new Clock(scheduler);
    const start = clock.now();
    scheduler.raw += 5;
    expect(clock.now() - start).toBe(5);
  });

  it('stands still while the wall clock is set back an hour, and goes on from there', () => {
    const scheduler = stepping(10 * hour);
    const clock = new Clock(scheduler);
    const start = clock.now();
    scheduler.raw -= hour;
    expect(clock.now() - start).toBe(0);
    scheduler.raw += 7;
    expect(clock.now() - start).toBe(7);
  });

  it('counts a step forward of an hour as time passed', () => {
    const scheduler = stepping(10 * hour);
    const clock = new Clock(scheduler);
    const start = clock.now();
    scheduler.raw += hour;
    expect(clock.now() - start).toBe(hour);
  });

  it('takes a step of more than a year for a test scheduler that was left', () => {
    const scheduler = stepping(0);
    const clock = new Clock(scheduler);
    clock.now();
    scheduler.raw = 1.7e12;
    expect(clock.now()).toBe(0);
    scheduler.raw += 3;
    expect(clock.now()).toBe(3);
  });

  it('runs on when it was made in real time and is used in two virtual runs and after them', () => {
    const clock = new Clock(asyncScheduler);
    const start = clock.now();
    for (const total of [10, 20]) {
      new TestScheduler(() => undefined).run(({ cold, flush }) => {
        cold('---------- (a|)').subscribe({ complete: () => expect(clock.now() - start).toBeLessThan(total + 1_000) });
        clock.now();
        flush();
        expect(clock.now() - start).toBeGreaterThanOrEqual(total);
      });
    }
    expect(clock.now() - start).toBeLessThan(5_000);
  });

  it('says the due time of a timer that fires early, and stands still until that has come', () => {
    const scheduler = stepping(1_000);
    const clock = new Clock(scheduler);
    const due = clock.now() + 10;
    const seen: number[] = [];
    scheduler.raw += 8;
    expect(clock.reached(due)).toBe(due);
    for (let i = 0; i < 5; i++) {
      seen.push(clock.now() - due);
      scheduler.raw += 1;
    }
    expect(seen).toStrictEqual([0, 0, 0, 1, 2]);
  });

  it('does not run fast because timers fire early, one after another and each armed by the one before', () => {
    const scheduler = stepping(1_000);
    const clock = new Clock(scheduler);
    clock.now();
    for (let i = 0; i < 1_000; i++) {
      const due = clock.unheld + 2;
      scheduler.raw += 1;
      clock.reached(due);
    }
    expect(clock.now()).toBe(2_001);
  });

  it('takes the step back of a clock that a timer holds for what it is', () => {
    const scheduler = stepping(10 * hour);
    const clock = new Clock(scheduler);
    const due = clock.now() + 10;
    scheduler.raw += 9;
    clock.reached(due);
    scheduler.raw -= hour;
    expect(clock.now()).toBe(due);
    scheduler.raw += 7;
    expect(clock.now()).toBe(due + 7);
  });

  it('goes with a timer that a test makes fire without moving the clock', () => {
    const scheduler = stepping(1_000);
    const clock = new Clock(scheduler);
    const due = clock.now() + hour;
    clock.reached(due);
    scheduler.raw += 5;
    expect(clock.now()).toBe(due + 5);
  });
});

describe('a clock in real time', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  /** The wall clock, and the steady one where there is one. */
  const engine = (steady = true): { pass: (ms: number) => void; step: (ms: number) => void; looks: () => number } => {
    const real = Date.now;
    let [wall, past, looks] = [1_800_000_000_000, 5_000.25, 0];
    // As it is in an application that is no test: without the marks of a spy.
    Date.now = () => wall;
    vi.stubGlobal('performance', steady ? { now: () => (looks++, past) } : undefined);
    onTestFinished(() => void (Date.now = real));
    return {
      pass: (ms) => {
        wall += ms;
        past += ms;
      },
      step: (ms) => void (wall += ms),
      looks: () => looks,
    };
  };
  const wallClock = (): Clock => new Clock({ now: () => Date.now(), schedule: () => expect.fail('no timer is asked for') });

  it.each([1_000, 10_000, hour, 400 * 24 * hour, -1_000, -hour])('takes a step of %i ms for none', (ms) => {
    const { pass, step } = engine();
    const clock = wallClock();
    const start = clock.now();
    pass(300);
    step(ms);
    pass(200);
    expect(clock.now() - start).toBe(500);
    pass(2_500);
    step(ms);
    pass(7);
    expect(clock.now() - start).toBe(3_007);
  });

  it('counts what a process has slept through or stood still', () => {
    const { pass } = engine();
    const clock = wallClock();
    const start = clock.now();
    pass(hour);
    expect(clock.now() - start).toBe(hour);
  });

  it('asks the steady clock once a second at most', () => {
    const { looks, pass } = engine();
    const clock = wallClock();
    const before = looks();
    for (let i = 0; i < 10_000; i++) {
      pass(1);
      clock.now();
      clock.now();
    }
    expect(looks() - before).toBe(10);
  });

  it('counts a step forward where there is no steady clock, and none back', () => {
    const { pass, step } = engine(false);
    const clock = wallClock();
    const start = clock.now();
    step(hour);
    expect(clock.now() - start).toBe(hour);
    step(-hour);
    pass(3);
    expect(clock.now() - start).toBe(hour);
  });

  it('counts the step of a scheduler with another time', () => {
    engine();
    const scheduler = stepping(1_000);
    const clock = new Clock(scheduler);
    const start = clock.now();
    scheduler.raw += hour;
    expect(clock.now() - start).toBe(hour);
  });

  it('holds an early timer, and goes with the timers where the wall clock has been set back by less than a second', () => {
    const { pass, step } = engine();
    const clock = wallClock();
    const start = clock.now();
    pass(30);
    step(-500);
    expect(clock.now() - start).toBe(30);
    pass(100);
    expect(clock.reached(start + 131) - start).toBe(131);
    pass(1);
    expect(clock.now() - start).toBe(131);
  });
});

describe('a clock whose Date is faked', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    mock.timers.reset();
  });

  type Fake = Parameters<typeof vi.useFakeTimers>[0];
  const everything: Fake = {};
  const kinds: readonly (readonly [string, Fake])[] = [
    ['everything', everything],
    ['Date and timers', { toFake: ['Date', 'setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] }],
    ['Date alone', { toFake: ['Date'] }],
    ['Date and performance', { toFake: ['Date', 'performance'] }],
    ['everything, at a fixed date', { now: Date.UTC(2024, 0, 1) }],
    ['Date alone, at a fixed date', { toFake: ['Date'], now: Date.UTC(2024, 0, 1) }],
  ];

  it.each(kinds)('counts an hour by which a test moves it: %s', (_title, config) => {
    const clock = new Clock(asyncScheduler);
    clock.now();
    vi.useFakeTimers(config);
    const start = clock.now();
    vi.advanceTimersByTime(hour);
    expect(clock.now() - start).toBe(hour);
    vi.setSystemTime(Date.now() + hour);
    expect(clock.now() - start).toBe(2 * hour);
    vi.useRealTimers();
    const back = clock.now();
    vi.useFakeTimers(config);
    const again = clock.now();
    vi.advanceTimersByTime(hour);
    expect(clock.now() - again).toBe(hour);
    expect(back).toBeGreaterThanOrEqual(start + 2 * hour);
  });

  it('counts an hour that a test sets or stubs', () => {
    const clock = new Clock(asyncScheduler);
    const start = clock.now();
    const now = Date.now();
    vi.setSystemTime(now + hour);
    expect(clock.now() - start).toBeGreaterThanOrEqual(hour);
    vi.useRealTimers();
    const spy = vi.spyOn(Date, 'now').mockReturnValue(now + 3 * hour);
    expect(clock.now() - start).toBeGreaterThanOrEqual(2 * hour);
    spy.mockRestore();
  });

  it.each([[['setTimeout', 'setInterval', 'setImmediate', 'Date'] as const], [['Date', 'setInterval'] as const], [['Date'] as const]])('counts an hour of node:test: %s', (apis) => {
    const clock = new Clock(asyncScheduler);
    clock.now();
    mock.timers.enable({ now: Date.now(), apis: [...apis] });
    const start = clock.now();
    mock.timers.tick(hour);
    expect(clock.now() - start).toBe(hour);
  });
});
