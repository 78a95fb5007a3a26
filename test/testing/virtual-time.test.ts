import { animationFrameScheduler, asapScheduler, expand, interval, last, of, repeat, scheduled, take, timer } from 'rxjs';
import { circuitBreaker } from 'rxjs-resilience';
import { marbles } from 'rxjs-resilience/testing';
import { describe, expect, it } from 'vitest';
import { thrownBy } from '../thrown.js';
import { failing } from './failing.js';

describe('time that does not end', () => {
  it('fails the test, which says when it was and what goes on', () => {
    const breaker = circuitBreaker({ name: 'prices', settleOn: 'firstValue' });
    const error = failing(({ expectObservable }) => expectObservable(interval(10).pipe(breaker)).toBe('10ms a'), { maxSteps: 1_000 });
    expect(error.message).toBe(
      'virtual time does not end: at frame 9990 there is still something to come, 1 timer is armed.\n\n' +
        "- a call through circuitBreaker 'prices': its source has not ended and nobody has unsubscribed\n\n" +
        'Something repeats for ever: an interval, a poll, a retry without a limit. Unsubscribe it (a subscription marble ' +
        'such as ^---! as second argument of expectObservable); a test that needs more than 1000 steps says so with maxSteps',
    );
  });

  it('is said to be there when the steps were used up, with all that is armed then', () => {
    const body = (): void => {
      interval(1_000).subscribe();
      interval(10).subscribe();
    };
    expect(failing(body, { maxSteps: 50 }).message).toMatch(/^virtual time does not end: at frame 490 there is still something to come, 2 timers are armed\./);
  });

  it.each([
    ['an interval', interval(1)],
    ['what repeats at once', timer(0).pipe(repeat())],
    ['what schedules itself as soon as possible', of(1).pipe(expand(() => scheduled([1], asapScheduler)))],
    ['a long poll', timer(0, 86_400_000)],
    ['a retry without a limit', timer(5).pipe(expand(() => timer(5)))],
  ])('is noticed: %s', (_what, source) => {
    const error = failing(() => source.subscribe());
    expect(error.message).toMatch(/^virtual time does not end: at frame \d+ there is still something to come, \d+ timers? (is|are) armed\.\n\n/);
  });

  it('is noticed where the test may leave something, and in flush', () => {
    expect(failing(() => interval(1).subscribe(), { unfinished: true }).message).toMatch(/^virtual time does not end/);
    const error = failing(({ flush }) => {
      interval(1).subscribe();
      flush();
      throw new Error('not reached');
    });
    expect(error.message).toMatch(/^virtual time does not end/);
  });

  it('takes nothing back that real time was to bring', async () => {
    let done = false;
    asapScheduler.schedule(() => (done = true) && undefined);
    marbles(() => undefined)();
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toBe(true);
  });

  it('leaves the schedulers of RxJS as they were', marbles(({ animate, expectObservable }) => {
    animate('--xx');
    expectObservable(scheduled(['a'], asapScheduler)).toBe('(a|)');
    expectObservable(scheduled(['a'], animationFrameScheduler)).toBe('--a|');
  }));

  it('and so does a test that is over before its last animation frame', () => {
    const body = (marble: string): void =>
      marbles(({ animate, expectObservable }) => {
        animate(marble);
        expectObservable(scheduled(['a'], animationFrameScheduler)).toBe(marble.replace('xx', 'a|').replace('x', 'a'));
      })();
    body('--x');
    body('--xx');
  });
});

describe('time that is long', () => {
  it('ends', marbles(({ expectObservable }) => {
    expectObservable(timer(10 * 366 * 86_400_000)).toBe('316224000s (a|)', { a: 0 });
  }));

  it('may take more steps where the test says so', () => {
    const body: Parameters<typeof marbles>[0] = ({ expectObservable }) => {
      expectObservable(interval(1).pipe(take(60), last())).toBe('60ms (a|)', { a: 59 });
    };
    expect(failing(body, { maxSteps: 50 }).message).toContain('a test that needs more than 50 steps says so with maxSteps');
    expect(thrownBy(marbles(body, { maxSteps: 70 }))).toBeUndefined();
    expect(thrownBy(marbles(body))).toBeUndefined();
  });
});
