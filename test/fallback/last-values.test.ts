import { NEVER, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { fallbackToLast } from '../../src/fallback/fallback-to-last.js';
import { type LastValues, lastValues } from '../../src/fallback/last-values.js';
import { outcome, virtual } from '../virtual.js';

const store = (last: LastValues<unknown>, key: unknown, value: unknown = key): void => void outcome(of(value).pipe(fallbackToLast(last, key)));
const served = (last: LastValues<unknown>, key: unknown): unknown => outcome(throwError(() => 'none').pipe(fallbackToLast(last, key))).log[0];

describe('lastValues', () => {
  it('keeps the last one of each key', () => {
    const last = lastValues({ maxAge: 1_000 });
    store(last, 'a', 1);
    store(last, 'b', 2);
    store(last, 'a', 3);
    expect([last.size, served(last, 'a'), served(last, 'b'), served(last, 'c')]).toStrictEqual([2, 3, 2, 'none']);
  });

  it('forgets one key, or all', () => {
    const last = lastValues({ maxAge: 1_000 });
    for (const key of ['a', 'b', 'c']) store(last, key);
    expect([last.delete('a'), last.delete('a'), last.size, served(last, 'a'), served(last, 'b')]).toStrictEqual([true, false, 2, 'none', 'b']);
    last.clear();
    expect([last.size, served(last, 'b')]).toStrictEqual([0, 'none']);
  });

  it('keeps so many keys, and lets that one go which was longest not used', () => {
    const last = lastValues({ maxAge: 1_000, maxKeys: 2 });
    store(last, 'a');
    store(last, 'b');
    expect(last.size).toBe(2);
    expect(served(last, 'a')).toBe('a');
    store(last, 'c');
    expect([last.size, served(last, 'b'), served(last, 'a'), served(last, 'c')]).toStrictEqual([2, 'none', 'a', 'c']);
    store(last, 'a', 'again');
    store(last, 'd');
    expect([served(last, 'c'), served(last, 'a'), served(last, 'd')]).toStrictEqual(['none', 'again', 'd']);
  });

  it('keeps a thousand keys where nothing is said', () => {
    const last = lastValues({ maxAge: 1_000 });
    for (let key = 0; key < 1_001; key++) store(last, key);
    expect([last.size, served(last, 0), served(last, 1)]).toStrictEqual([1_000, 'none', 1]);
  });

  it.each([undefined, null])('neither stores nor serves for the key %s', (key) => {
    const last = lastValues({ maxAge: 1_000 });
    store(last, key, 1);
    expect([last.size, served(last, key)]).toStrictEqual([0, 'none']);
  });

  it('keeps undefined as a value like any other', () => {
    const last = lastValues({ maxAge: 1_000 });
    outcome(of(undefined).pipe(fallbackToLast(last, 'a')));
    expect(served(last, 'a')).toBe(undefined);
  });

  it('serves a value up to its greatest age and not a millisecond longer', () => {
    const { scheduler, advance } = virtual();
    const last = lastValues({ maxAge: 5 });
    const options = { scheduler };
    outcome(of(1).pipe(fallbackToLast(last, 'a', options)));
    const now = (): unknown => outcome(throwError(() => 'none').pipe(fallbackToLast(last, 'a', options))).log[0];
    advance(5);
    expect(now()).toBe(1);
    advance(1);
    expect(now()).toBe('none');
  });

  it.each<[string, () => unknown]>([
    ['TypeError: lastValues: options must be an object, got 5', () => lastValues(5 as never)],
    ["TypeError: lastValues has no option 'age'; known are maxAge, maxKeys", () => lastValues({ age: 5 } as never)],
    ['RangeError: maxAge must be above 0, got 0', () => lastValues({ maxAge: 0 })],
    ['RangeError: maxKeys must be of at least 1 and finite, got 0', () => lastValues({ maxAge: 1, maxKeys: 0 })],
    ["TypeError: fallbackToLast takes a key only after lastValues(), got 'a'", () => (fallbackToLast as (a: unknown, b: unknown) => unknown)({ maxAge: 5 }, 'a')],
  ])('refuses with %s', (message, make) => {
    expect(make).toThrow(message.slice(message.indexOf(' ') + 1));
    expect(make).toThrow(message.startsWith('Type') ? TypeError : RangeError);
  });
});

describe('fallbackToLast', () => {
  it('does not store the values of a call that is still going on, nor where it is disabled', () => {
    const last = lastValues({ maxAge: 1_000 });
    const { leave } = outcome(NEVER.pipe(fallbackToLast(last, 'a')));
    expect(last.size).toBe(0);
    leave();
    expect(last.size).toBe(0);
    outcome(of(1).pipe(fallbackToLast(last, 'a', { mode: 'disabled' })));
    expect(last.size).toBe(0);
  });

  it('is not used where it has no answer', () => {
    const fallback = fallbackToLast({ maxAge: 1_000 });
    expect(outcome(throwError(() => 'none').pipe(fallback)).log).toStrictEqual(['none']);
    expect(fallback.metrics()).toStrictEqual({ calls: 1, used: 0, failed: 0 });
  });
});
