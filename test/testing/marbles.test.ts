import { asyncScheduler, BehaviorSubject, NEVER, Observable, of, throwError, timer } from 'rxjs';
import { bulkhead, circuitBreaker, retryWithBackoff, withDeadline } from 'rxjs-resilience';
import { failed, marbles, refused } from 'rxjs-resilience/testing';
import { describe, expect, it } from 'vitest';
import { shared } from '../../src/operator/shared.js';
import { thrownBy } from '../thrown.js';
import { failing } from './failing.js';

describe('marbles', () => {
  it('returns a function without parameters: to no runner it looks like one that calls back', () => {
    const test = marbles(() => undefined);
    expect(test).toHaveLength(0);
    expect(test()).toBeUndefined();
  });

  it('gives everything that TestScheduler.run gives', marbles((helpers) => {
    const { animate, cold, expectObservable, expectSubscriptions, flush, hot, time } = helpers;
    expect(time('---|')).toBe(3);
    animate('--x');
    const source = hot('-a-b|');
    expectObservable(source).toBe('-a-b|');
    expectSubscriptions(source.subscriptions).toBe('^---!');
    expectObservable(cold<string>('a|')).toEqual(of('a', 'b'));
    expect(() => flush()).toThrow('expectObservable does not hold');
  }));

  it('has virtual time of its own in each run', () => {
    const times: number[] = [];
    const test = marbles(() => {
      times.push(asyncScheduler.now());
      timer(5).subscribe(() => times.push(asyncScheduler.now()));
    });
    test();
    test();
    expect(times).toStrictEqual([0, 5, 0, 5]);
    expect(asyncScheduler.now()).toBeGreaterThan(1e9);
  });

  it('gives the time to policies without being told, whenever they were made', () => {
    const before = withDeadline(3);
    marbles(({ expectObservable, hang }) => {
      expectObservable(hang().pipe(before)).toBe('---#', null, expect.objectContaining({ code: 'DEADLINE_EXCEEDED' }));
      expectObservable(hang().pipe(withDeadline(3))).toBe('---#', null, expect.any(Error));
    })();
  });

  it('throws what the body throws, as it is', () => {
    const error = new Error('from the body');
    const body = (): void => {
      NEVER.pipe(bulkhead(1)).subscribe();
      throw error;
    };
    expect(thrownBy(marbles(body))).toBe(error);
  });

  it('throws what a listener in virtual time throws', () => {
    const error = new Error('expected something else');
    const body = (): void => {
      timer(3).subscribe(() => {
        throw error;
      });
    };
    expect(thrownBy(marbles(body))).toBe(error);
  });

  it('refuses an asynchronous body, whatever becomes of it', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): unknown => unhandled.push(reason);
    process.on('unhandledRejection', note);
    const error = failing(async () => {
      await Promise.resolve();
      throw new Error('too late to be seen');
    });
    expect(error).toStrictEqual(
      new TypeError(
        'the body of marbles must not be async: promises run when virtual time is over, and what they expect is not looked at. ' +
          'Write sources as marbles or observables, and what is to happen at a time as cold or hot',
      ),
    );
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toStrictEqual([]);
  });

  it('takes no offence at what else a body returns', () => {
    expect(thrownBy(marbles(() => ({ then: 'later' })))).toBeUndefined();
    expect(thrownBy(marbles(() => null))).toBeUndefined();
  });

  it('refuses to run inside of itself, and the outer test goes on', marbles(({ cold, expectObservable }) => {
    const inner = thrownBy(marbles(() => undefined));
    expect(inner).toStrictEqual(new Error('marbles inside of marbles: a test has one virtual time, and one of them is running'));
    expectObservable(cold('-a|')).toBe('-a|');
  }));

  it.each<[what: string, run: () => unknown]>([
    ['has passed', marbles(() => undefined)],
    ['has failed', marbles(({ cold, expectObservable }) => expectObservable(cold('a')).toBe('b'))],
    ['has thrown', marbles(() => expect(1).toBe(2))],
    ['has left something', marbles(() => NEVER.pipe(bulkhead(1)).subscribe())],
    ['was asynchronous', marbles(async () => undefined)],
  ])('looks at no call any more once a test %s', (_how, run) => {
    thrownBy(run);
    expect(shared.begun).toBeUndefined();
  });

  it('refuses what is no body and what is no option', () => {
    expect(thrownBy(() => marbles(7 as never))).toStrictEqual(new TypeError('body must be a function, got 7'));
    const refusal = (options: unknown): unknown => thrownBy(() => marbles(() => undefined, options as never));
    expect(refusal({ unfinshed: true })).toStrictEqual(
      new TypeError("marbles: options has no option 'unfinshed'; did you mean 'unfinished'?"),
    );
    expect(refusal(true)).toStrictEqual(new TypeError('marbles: options must be an object, got true'));
    expect(refusal({ unfinished: 1 })).toStrictEqual(new TypeError('unfinished must be true or false, got 1'));
    expect(refusal({ maxSteps: 0 })).toStrictEqual(new RangeError('maxSteps must be of at least 1 and finite, got 0'));
    expect(refusal({ maxSteps: 1.5 })).toBeInstanceOf(RangeError);
    expect(refusal({ unfinished: undefined, maxSteps: undefined })).toBeUndefined();
  });

  it('refuses to expect something of what is no observable', () => {
    const error = failing(({ expectObservable }) => expectObservable([1] as never));
    expect(error).toStrictEqual(new TypeError('expectObservable: there must be an observable, got an array'));
  });
});

describe('what expectations have subscribed', () => {
  const watched = (): { readonly source: Observable<never>; readonly open: BehaviorSubject<number> } => {
    const open = new BehaviorSubject(0);
    const source = new Observable<never>(() => {
      open.next(open.value + 1);
      return () => open.next(open.value - 1);
    });
    return { source, open };
  };

  it('is unsubscribed when the test is over, and not before', () => {
    const { open, source } = watched();
    marbles(({ expectHealth, expectObservable, expectState, flush }) => {
      expectObservable(source).toBe('');
      expectObservable(source).toEqual(source);
      expectState(source).toBe('');
      expectHealth(source).toBe('');
      flush();
      expect(open.value).toBe(5);
    })();
    expect(open.value).toBe(0);
  });

  it('is unsubscribed where the test fails', () => {
    const { open, source } = watched();
    failing(({ expectObservable }) => expectObservable(source).toBe('a'));
    expect(open.value).toBe(0);
    failing(({ expectObservable, flush }) => {
      expectObservable(source).toBe('');
      flush();
      throw new Error('from the body');
    });
    expect(open.value).toBe(0);
  });
});

describe('policies that tests share', () => {
  const breaker = circuitBreaker({ failureThreshold: 1, breakDuration: 5, successThreshold: 1 });
  const pool = bulkhead(1, 1);

  it('carry their state from one', marbles(({ calls, expectObservable, expectState }) => {
    const results = calls('x-x', () => throwError(() => new Error('down')).pipe(pool, breaker));
    expectObservable(results).toBe('E-R', { E: failed, R: refused });
    expectState(breaker).toBe('(co)-h');
  }));

  it('into the next, unless it resets them', marbles(({ calls, expectObservable }) => {
    expect(breaker.state).toBe('half-open');
    breaker.reset();
    pool.reset();
    const results = calls('x-x|', () => of('a').pipe(pool, breaker, retryWithBackoff()));
    expectObservable(results).toBe('a-a|');
  }));
});
