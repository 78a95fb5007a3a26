import { firstValueFrom, NEVER, of, throwError } from 'rxjs';
import { bulkhead, circuitBreaker, loadShed, loadShedder, fixedLimit, RetryExhaustedError, withDeadline } from 'rxjs-resilience';
import { expired, failed, marbles, refused } from 'rxjs-resilience/testing';
import { describe, expect, it, vi } from 'vitest';

const down = new Error('down');
const open = circuitBreaker({ initialState: 'open' });
const full = bulkhead(1);
NEVER.pipe(full).subscribe();
const shedder = loadShedder({ limit: fixedLimit(1) });
NEVER.pipe(loadShed('critical', { shedder })).subscribe();

const errorOf = (source = of('a')): Promise<unknown> => firstValueFrom(source).then(String, (error: unknown) => error);
const circuitOpen = await errorOf(of('a').pipe(open));
const bulkheadFull = await errorOf(of('a').pipe(full));
const shed = await errorOf(of('a').pipe(loadShed('critical', { shedder })));
const tooLate = await errorOf(of('a').pipe(withDeadline(0)));
const wrapped = (cause: unknown): Error => new RetryExhaustedError('retry', 2, 'attempts', cause);

const matches = { failed, refused, expired };

describe.each<[what: string, error: unknown, is: keyof typeof matches | undefined]>([
  ['an error of a source', down, 'failed'],
  ['an error of a class that extends it', new TypeError('down'), 'failed'],
  ['an error by shape, as HttpErrorResponse', { name: 'HttpErrorResponse', message: 'down', status: 503 }, 'failed'],
  ['what RxJS gives to a # of its own', 'error', 'failed'],
  ['an exhausted retry of a source that failed', wrapped(down), 'failed'],
  ['an open circuit', circuitOpen, 'refused'],
  ['a full bulkhead', bulkheadFull, 'refused'],
  ['shed load', shed, 'refused'],
  ['an exhausted retry of refusals', wrapped(circuitOpen), 'refused'],
  ['a refusal as the cause of what was made of it', new Error('out', { cause: circuitOpen }), 'refused'],
  ['an expired deadline', tooLate, 'expired'],
  ['an exhausted retry of expired deadlines', wrapped(tooLate), 'expired'],
  ['a value', 'a', undefined],
  ['an object', { message: 'a' }, undefined],
  ['null', null, undefined],
  ['undefined', undefined, undefined],
])('%s', (_what, error, is) => {
  it.each(Object.entries(matches))(`is ${is ?? 'none of them'}: %s`, (name, match) => {
    expect(match.asymmetricMatch(error)).toBe(name === is);
  });
});

describe('matches, under Vitest', () => {
  const actual = { list: [{ frame: 1, notification: { kind: 'E', error: circuitOpen, value: undefined } }], map: new Map([['a', tooLate]]) };
  const expected = { list: [{ frame: 1, notification: { kind: 'E', error: refused, value: undefined } }], map: new Map([['a', expired]]) };

  it('stand for errors under toStrictEqual and toEqual, deep inside', () => {
    expect(actual).toStrictEqual(expected);
    expect(actual).toEqual(expected);
    expect(down).toStrictEqual(failed);
    expect([down, 'a']).toEqual([failed, 'a']);
  });

  it('do not stand for others', () => {
    expect([down]).not.toStrictEqual([refused]);
    expect([circuitOpen]).not.toEqual([failed]);
    expect({ a: tooLate }).not.toStrictEqual({ a: refused });
    expect('a').not.toEqual(failed);
  });

  it('stand for arguments of a call', () => {
    const listener = vi.fn();
    listener(circuitOpen, 1);
    expect(listener).toHaveBeenCalledWith(refused, 1);
  });

  it('are printed by their names', () => {
    expect([failed, refused, expired].map(String)).toStrictEqual(['failed', 'refused', 'expired']);
    expect([refused]).toMatchInlineSnapshot(`
      [
        refused,
      ]
    `);
  });

  it('stand for errors and for values in marbles', marbles(({ cold, expectObservable }) => {
    expectObservable(cold('a#', { a: { error: down } }, tooLate)).toBe('a#', { a: { error: failed } }, expired);
    expectObservable(throwError(() => down)).toBe('#', null, failed);
  }));
});
