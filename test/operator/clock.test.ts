import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
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

  it('is moved to its due time by a timer that fires early', () => {
    const scheduler = stepping(1_000);
    const clock = new Clock(scheduler);
    const due = clock.now() + 10;
    scheduler.raw += 9;
    expect(clock.reached(due)).toBe(due);
    scheduler.raw += 1;
    expect(clock.now()).toBe(due + 1);
  });
});
