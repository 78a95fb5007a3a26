import { EMPTY, map, NEVER, of, throwError } from 'rxjs';
import { bulkhead, circuitBreaker, type Health } from 'rxjs-resilience';
import { marbles } from 'rxjs-resilience/testing';
import { describe, expect, it } from 'vitest';
import { failing } from './failing.js';

describe('expectState', () => {
  it('has a letter for each state', marbles(({ cold, expectState }) => {
    const breaker = circuitBreaker({ failureThreshold: 1, breakDuration: 3, successThreshold: 1 });
    let isolation: { release(): void } | undefined;
    cold('-f---w-i-r-d', {
      f: () => throwError(() => 'down').pipe(breaker).subscribe({ error: () => undefined }),
      w: () => of('a').pipe(breaker).subscribe(),
      i: () => (isolation = breaker.isolate()),
      r: () => isolation?.release(),
      d: () => breaker.dispose(),
    }).subscribe((act) => act());
    expectState(breaker).toBe(' co--hc-i-c-|');
    expectState(breaker.state$).toBe('co--hc-i-c-|');
    expectState(breaker.state$.pipe(map((state) => state))).toBe('  co  --hc  -i-c-|');
  }));

  it('takes a subscription marble', marbles(({ expectState }) => {
    const breaker = circuitBreaker({ initialState: { state: 'open', remaining: 4 } });
    expectState(breaker, '^--!').toBe('o--');
    expectState(breaker, '--^--!').toBe('--o-h');
    expectState(breaker, null).toBe('o---h');
  }));

  it('names the breaker where it does not hold', () => {
    const error = failing(({ expectState }) => expectState(circuitBreaker({ name: 'payments' })).toBe('o'));
    expect(error.message).toBe(
      "expectState of 'payments' does not hold\n\nexpected  o\nactual    c\n          ^\n" +
        'frame 0: expected the value o = "open", got the value "closed"',
    );
  });

  it.each(['x', 'c-u-', 'c--C', 'c 5ms d'])('refuses a letter that stands for no state: %s', (marble) => {
    const error = failing(({ expectState }) => expectState(circuitBreaker()).toBe(marble));
    const letter = /[^c\- \dms]/.exec(marble)![0];
    expect(error).toStrictEqual(new TypeError(`expectState: '${letter}' in '${marble}' is none of c closed, o open, h half-open, i isolated`));
  });

  it('refuses signs that cannot come, and what is no marble diagram', () => {
    const refusal = (marble: unknown): string => failing(({ expectState }) => expectState(circuitBreaker()).toBe(marble as string)).message;
    expect(refusal('c-#')).toBe("expectState: '#' has no meaning in the marble diagram 'c-#'");
    expect(refusal('c-!')).toBe("expectState: '!' has no meaning in the marble diagram 'c-!'");
    expect(refusal(undefined)).toBe('expectState: a marble diagram must be a string, got undefined');
  });

  it.each([
    [bulkhead(1), 'function bulkhead'],
    [{}, 'an object'],
    [undefined, 'undefined'],
    [null, 'null'],
  ])('refuses what has no states', (other, shown) => {
    const error = failing(({ expectState }) => expectState(other as never));
    expect(error).toStrictEqual(new TypeError(`expectState: there must be something with a state$, or a stream, got ${shown}`));
  });
});

describe.each(['expectState', 'expectHealth'] as const)('%s without toBe', (helper) => {
  it('fails: it would expect nothing', () => {
    const breaker = circuitBreaker({ name: 'payments' });
    const error = failing((helpers) => helpers[helper](breaker));
    expect(error.message).toBe(`${helper} of 'payments' has no toBe, and so expects nothing`);
  });
});

it('what RxJS has of its own may stand without toBe, only to subscribe', marbles(({ cold, expectObservable, expectSubscriptions }) => {
  const source = cold('-a|');
  expectObservable(source);
  expectSubscriptions(source.subscriptions);
  expectSubscriptions(source.subscriptions).toBe(['^-!', '^-!']);
  expectObservable(source).toBe('-a|');
}));

describe('expectHealth', () => {
  const health = (status: Health['status'], details: object = {}): Health => ({ name: 'a', status, required: false, since: 0, details: { ...details } });

  it('has a letter for each status, of health and of status alone', marbles(({ cold, expectHealth }) => {
    const values = { u: health('up'), g: health('degraded'), d: health('down'), x: health('unknown') };
    expectHealth(cold('xugd|', values)).toBe('?ugd|');
    expectHealth({ health$: cold('xugd|', values) }).toBe('?ugd|');
    expectHealth(cold('xugd|', { u: 'up', g: 'degraded', d: 'down', x: 'unknown' } as const)).toBe('?ugd|');
  }));

  it('shows changes of the status, not of the details', marbles(({ cold, expectHealth }) => {
    expectHealth(cold('abc', { a: health('up'), b: health('up', { active: 1 }), c: health('down') })).toBe('u-d');
  }));

  it('takes a policy and a subscription marble', marbles(({ expectHealth }) => {
    const pool = bulkhead(1);
    NEVER.pipe(pool).subscribe();
    expectHealth(pool, '--^-!').toBe('--g');
    expectHealth(bulkhead(1), '^!').toBe('u');
  }, { unfinished: true }));

  it('names the policy where it does not hold', () => {
    const error = failing(({ expectHealth }) => expectHealth(bulkhead(1, 0, { name: 'pool' })).toBe('d'));
    expect(error.message).toContain("expectHealth of 'pool' does not hold\n\nexpected  d\nactual    u\n");
  });

  it('refuses letters, signs and what has no health', () => {
    const refusal = (marble: string, of: unknown = bulkhead(1)): string => failing(({ expectHealth }) => expectHealth(of as never).toBe(marble)).message;
    expect(refusal('u-c')).toBe("expectHealth: 'c' in 'u-c' is none of u up, g degraded, d down, ? unknown");
    expect(refusal('u#')).toBe("expectHealth: '#' has no meaning in the marble diagram 'u#'");
    expect(refusal('u', 7)).toBe('expectHealth: there must be something with a health$, or a stream, got 7');
    expect(failing(({ expectHealth }) => expectHealth(EMPTY).toBe('u')).message).toContain('expected  u\nactual    |\n');
  });
});
