import { EMPTY, map, merge, NEVER, of, Subject, throwError, timer } from 'rxjs';
import { attempt, bulkhead, circuitBreaker, constant, loadShed, loadShedder, retryWithBackoff, withDeadline } from 'rxjs-resilience';
import { marbles, refused } from 'rxjs-resilience/testing';
import { describe, expect, it } from 'vitest';
import type { CallInProgress } from '../../src/operator/shared.js';
import { WhatIsLeft } from '../../src/testing/what-is-left.js';
import { thrownBy } from '../thrown.js';
import { failing } from './failing.js';

/** The sentences of a test that leaves something. */
function left(...given: Parameters<typeof failing>): readonly string[] {
  const { message } = failing(...given);
  expect(message).toMatch(/^the test is over, and this is left:\n\n- /);
  return message.split('\n').filter((line) => line.startsWith('- ')).map((line) => line.slice(2));
}

describe('a test fails where it leaves', () => {
  it('a call that nobody ends', () => {
    expect(left(({ expectObservable, hang }) => expectObservable(hang().pipe(circuitBreaker())).toBe('-'))).toStrictEqual([
      'a call through circuitBreaker: its source has not ended and nobody has unsubscribed',
    ]);
  });

  it('a permit, with the names of all policies from the source outwards', () => {
    const pool = bulkhead(2, 0, { name: 'pool' });
    const shedder = loadShedder();
    expect(
      left(({ expectObservable, hang }) => {
        const piped = hang().pipe(withDeadline(1, { mode: 'shadow', name: 'each' }), pool, retryWithBackoff(), loadShed('critical', { shedder, name: 'shed' }));
        expectObservable(piped).toBe('-');
      }),
    ).toStrictEqual([
      "a call through deadline 'each', bulkhead 'pool', retry, loadShed 'shed': " +
        "its source has not ended and nobody has unsubscribed, and holds a permit of bulkhead 'pool' and of loadShed 'shed'",
    ]);
  });

  it('a waiter', () => {
    const outer = bulkhead(5, 0, { name: 'outer' });
    expect(
      left(({ expectObservable, hang }) => {
        const pool = bulkhead(1, { size: 2, timeout: Infinity }, { name: 'pool' });
        expectObservable(hang().pipe(pool)).toBe('-');
        expectObservable(of('a').pipe(pool, outer)).toBe('-');
      }),
    ).toStrictEqual([
      "a call through bulkhead 'pool': its source has not ended and nobody has unsubscribed, and holds a permit of bulkhead 'pool'",
      "a call through bulkhead 'pool', bulkhead 'outer': it waits in the queue of bulkhead 'pool', and holds a permit of bulkhead 'outer'",
    ]);
  });

  it('many calls of one kind, told once', () => {
    const breaker = circuitBreaker({ name: 'payments' });
    expect(left(({ calls, expectObservable, hang }) => expectObservable(calls('xxx|', () => hang().pipe(breaker))).toBe('-'))).toStrictEqual([
      "3 calls, each through circuitBreaker 'payments': its source has not ended and nobody has unsubscribed",
    ]);
  });

  it('a call on both sides of a foreign operator', () => {
    const piped = NEVER.pipe(circuitBreaker(), map(String), retryWithBackoff());
    expect(left(() => piped.subscribe())).toStrictEqual([
      'a call through retry: its source has not ended and nobody has unsubscribed',
      'a call through circuitBreaker: its source has not ended and nobody has unsubscribed',
    ]);
  });

  it('the source of a call that a deadline has detached', () => {
    const pool = bulkhead(1, 0, { name: 'pool' });
    const deadline = withDeadline({ within: 3, onExpire: 'detach' });
    expect(left(() => NEVER.pipe(pool, deadline).subscribe({ error: () => undefined }))).toStrictEqual([
      "a call through bulkhead 'pool': its source has not ended and nobody has unsubscribed, and holds a permit of bulkhead 'pool'",
    ]);
  });

  it('a promise, which does not settle in virtual time', () => {
    expect(left(() => attempt(() => Promise.resolve(1)).pipe(circuitBreaker()).subscribe())).toStrictEqual([
      'a call through circuitBreaker: its source has not ended and nobody has unsubscribed',
    ]);
  });

  it('what it says how to end, or to allow', () => {
    const { message, name, stack } = failing(() => NEVER.pipe(bulkhead(1)).subscribe());
    expect(name).toBe('AssertionError');
    expect(stack).toContain(message);
    expect(message.split('\n').at(-1)).toBe(
      'Let the source end (a promise never does in virtual time), bound it (withDeadline), or unsubscribe it (a subscription marble ' +
        'such as ^---! as second argument of expectObservable). Where that is what the test is about: marbles(body, { unfinished: true })',
    );
  });
});

describe('what a policy misses though every call has ended', () => {
  const counts = (figures: object): { kind: string; name: string; metrics: () => object } => ({ kind: 'bulkhead', name: 'pool', metrics: () => figures });
  const ended = (policy: ReturnType<typeof counts>): CallInProgress => ({ over: true, waiting: -1, list: { stages: [{ policy }, { policy: undefined }] } });

  it('is told by its figures', () => {
    const [figures, watch] = [{ calls: 7, active: 0, queued: 0 }, new WhatIsLeft()];
    watch.begun(ended(counts(figures)));
    Object.assign(figures, { active: 1, queued: 2 });
    expect(watch.sentences()).toStrictEqual(["bulkhead 'pool' has active: 1, queued: 2, though no call is left"]);
  });

  it('is compared with what it missed before its first call of the test', () => {
    const [figures, watch] = [{ active: 1, inFlight: 3 }, new WhatIsLeft()];
    const policy = counts(figures);
    watch.begun(ended(policy));
    figures.active = 2;
    watch.begun(ended(policy));
    expect(watch.sentences()).toStrictEqual(["bulkhead 'pool' has active: 2 (1 before), though no call is left"]);
    figures.active = 0;
    expect(watch.sentences()).toStrictEqual([]);
  });

  it('is theirs while calls are left', () => {
    const shedder = loadShedder();
    const [first, second] = [loadShed('critical', { shedder, name: 'first' }), loadShed('critical', { shedder, name: 'second' })];
    expect(
      left(() => {
        of('a').pipe(first).subscribe();
        NEVER.pipe(second).subscribe();
      }),
    ).toStrictEqual([
      "a call through loadShed 'second': its source has not ended and nobody has unsubscribed, and holds a permit of loadShed 'second'",
    ]);
  });
});

describe('a test passes where', () => {
  it('every call has ended or was left', marbles(({ cold, expectObservable, hang }) => {
    const pool = bulkhead(2, 5);
    expectObservable(hang().pipe(pool), '^---!').toBe('-----');
    expectObservable(cold('-#').pipe(pool)).toBe('-#');
    expectObservable(hang().pipe(pool, withDeadline(5)), '-^').toBe('------#', null, expect.any(Error));
    expectObservable(cold('--(a|)').pipe(pool), '-^').toBe('------(a|)');
    expectObservable(cold('-').pipe(pool, retryWithBackoff(constant(5))), '^-!').toBe('---');
  }));

  it('it says that it leaves something', () => {
    const pool = bulkhead(1);
    const body = (): void => void NEVER.pipe(pool).subscribe();
    expect(thrownBy(marbles(body, { unfinished: true }))).toBeUndefined();
    expect(thrownBy(marbles(body, { unfinished: false }))).toBeInstanceOf(Error);
  });

  it('something was left before it began', () => {
    const pool = bulkhead(2, 2);
    NEVER.pipe(pool).subscribe();
    marbles(({ expectObservable }) => expectObservable(of('a').pipe(pool)).toBe('(a|)'))();
    expect(left(() => NEVER.pipe(pool).subscribe())).toHaveLength(1);
    expect(pool.active).toBe(2);
  });

  it('a call from before it ends within it', () => {
    const [pool, ends] = [bulkhead(2), new Subject<void>()];
    ends.pipe(pool).subscribe();
    marbles(({ expectObservable }) => {
      expectObservable(of('a').pipe(pool)).toBe('(a|)');
      timer(3).subscribe(() => ends.complete());
    })();
    expect(pool.active).toBe(0);
  });
});

it('a test that fails for what it leaves leaves nothing of what its expectations have subscribed', () => {
  const pool = bulkhead(1);
  const body: Parameters<typeof failing>[0] = ({ expectObservable }) => expectObservable(NEVER.pipe(pool)).toBe('-');
  expect(left(body)).toHaveLength(1);
  expect(pool.active).toBe(0);
  expect(left(body)).toHaveLength(1);
});

it('what does not come as expected is told before what is left', () => {
  expect(failing(({ expectObservable }) => expectObservable(NEVER.pipe(bulkhead(1))).toBe('a')).message).toMatch(/^expectObservable/);
});

it('calls before and after a test are not looked at', () => {
  const pool = bulkhead(1, 0, { name: 'pool' });
  marbles(() => undefined)();
  NEVER.pipe(pool).subscribe();
  marbles(({ expectObservable }) => expectObservable(merge(EMPTY, of('a').pipe(pool))).toBe('#', null, refused))();
  expect(thrownBy(() => throwError(() => 1).pipe(circuitBreaker()).subscribe({ error: () => undefined }))).toBeUndefined();
});
