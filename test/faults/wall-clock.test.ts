import { defer, NEVER, of, throwError, VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  bulkhead, circuitBreaker, constant, failureRate, fallbackToLast, fixedLimit, loadShed, loadShedder, retryBudget,
  retryWithBackoff, withDeadline,
} from '../../src/index.js';

const hour = 3_600_000;

/** Virtual timers, and a wall clock that somebody sets. */
class Wall extends VirtualTimeScheduler {
  offset = 10 * hour;

  override now = (): number => this.frame + this.offset;

  advance(by: number): void {
    this.schedule(() => undefined, by);
    this.maxFrames = this.frame + by;
    this.flush();
  }
}

const steps = [
  { title: 'an hour forward', by: hour },
  { title: 'an hour back', by: -hour },
];

const down = throwError(() => new Error('down'));
const quiet = { error: () => undefined };

describe.each(steps)('a wall clock that jumps $title', ({ by }) => {
  const forward = by > 0;

  it('freezes no open circuit', () => {
    const scheduler = new Wall();
    const breaker = circuitBreaker({ failureThreshold: 1, breakDuration: 100, scheduler });
    down.pipe(breaker).subscribe(quiet);
    scheduler.advance(40);
    scheduler.offset += by;
    // What had passed since the clock was last read is not known where it jumps back: the break begins anew at most.
    expect(breaker.state).toBe(forward ? 'half-open' : 'open');
    scheduler.advance(100);
    expect(breaker.state).toBe('half-open');
  });

  it('publishes half-open no later than the timer of the break', () => {
    const scheduler = new Wall();
    const breaker = circuitBreaker({ failureThreshold: 1, breakDuration: 100, scheduler });
    const seen: string[] = [];
    breaker.state$.subscribe((state) => seen.push(`${scheduler.frame} ${state}`));
    down.pipe(breaker).subscribe(quiet);
    scheduler.advance(40);
    scheduler.offset += by;
    scheduler.advance(60);
    expect(seen).toStrictEqual(['0 closed', '0 open', '100 half-open']);
  });

  it('ages a window by what has passed, and by nothing where it jumps back', () => {
    const scheduler = new Wall();
    const trip = failureRate({ threshold: 1, window: { time: 1_000 }, minimumCalls: 2 });
    const breaker = circuitBreaker({ trip, scheduler });
    down.pipe(breaker).subscribe(quiet);
    scheduler.offset += by;
    down.pipe(breaker).subscribe(quiet);
    expect(breaker.state).toBe(forward ? 'closed' : 'open');
  });

  it('ends a call after its time by the timers, not by the clock', () => {
    const scheduler = new Wall();
    const deadline = withDeadline(100, { scheduler });
    const ended: number[] = [];
    NEVER.pipe(deadline).subscribe({ error: () => ended.push(scheduler.frame) });
    scheduler.advance(40);
    scheduler.offset += by;
    NEVER.pipe(deadline).subscribe({ error: () => ended.push(scheduler.frame) });
    scheduler.advance(400);
    expect(ended).toStrictEqual([100, 140]);
    expect(deadline.metrics().expired).toBe(2);
  });

  it('keeps no waiter of a bulkhead or shedder for longer than its time', () => {
    const scheduler = new Wall();
    const pool = bulkhead(1, { size: 1, timeout: 100 }, { scheduler });
    const shed = loadShed('critical', {
      scheduler,
      shedder: loadShedder({ limit: fixedLimit(1), queue: { size: 1, timeout: 100 }, scheduler }),
    });
    const refused: string[] = [];
    for (const policy of [pool, shed]) {
      NEVER.pipe(policy).subscribe();
      NEVER.pipe(policy).subscribe({ error: (error: { reason: string }) => refused.push(error.reason) });
    }
    scheduler.advance(40);
    scheduler.offset += by;
    scheduler.advance(100);
    expect(refused).toStrictEqual(['queue-timeout', 'queue-timeout']);
  });

  it('fills a budget up by what has passed, never by more than its burst, and goes on after it', () => {
    const scheduler = new Wall();
    const budget = retryBudget({ burst: 2, ratio: 0, minPerSecond: 1 });
    const retry = retryWithBackoff(constant(0), { budget, maxRetries: 10, scheduler });
    down.pipe(retry).subscribe(quiet);
    expect(retry.metrics().retries).toBe(2);
    scheduler.offset += by;
    down.pipe(retry).subscribe(quiet);
    expect(retry.metrics().retries).toBe(forward ? 4 : 2);
    scheduler.advance(1_000);
    down.pipe(retry).subscribe(quiet);
    expect(retry.metrics().retries).toBe(forward ? 5 : 3);
  });

  it('ends a wait between two tries by its timer', () => {
    const scheduler = new Wall();
    const retry = retryWithBackoff(constant(100), { maxRetries: 1, scheduler });
    const ended: number[] = [];
    down.pipe(retry).subscribe({ error: () => ended.push(scheduler.frame) });
    scheduler.advance(40);
    scheduler.offset += by;
    scheduler.advance(100);
    expect(ended).toStrictEqual([100]);
  });

  it('serves a last value for as long as it may, and not at all after an hour that has passed', () => {
    const scheduler = new Wall();
    let fails = false;
    const last = fallbackToLast({ maxAge: 1_000, scheduler });
    const call = defer(() => (fails ? down : of('good'))).pipe(last);
    const seen: string[] = [];
    call.subscribe();
    fails = true;
    scheduler.offset += by;
    call.subscribe({ next: (value) => seen.push(value), error: () => seen.push('error') });
    expect(seen).toStrictEqual([forward ? 'error' : 'good']);
  });
});
