import { defer, NEVER, Observable, of } from 'rxjs';
import { marbles } from 'rxjs-resilience/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Suggestions, typeAhead } from './type-ahead.js';

const texts = { a: 'a', b: 'ab', c: 'abc', d: 'abcd', e: 'abcde', s: ' ab ', n: '' };
const found = (text: string): Suggestions<string> => ({ text, items: [`${text}!`] });
const away = (text: string): Suggestions<string> => ({ text, items: [], problem: 'unavailable' });

describe('a type-ahead search', () => {
  afterEach(() => vi.restoreAllMocks());

  it('asks for what stands a moment, and cancels what is typed over', marbles(({ hot, cold, expectObservable, flush }) => {
    const aborted: string[] = [];
    const field = typeAhead((text, signal) => {
      signal.addEventListener('abort', () => aborted.push(text));
      return cold('450ms (x|)', { x: [`${text}!`] });
    });
    const keys = hot('a-b 400ms c', texts);
    expectObservable(field.suggestions(keys), '^ 2s !').toBe('403ms 250ms 450ms c', { c: found('abc') });
    flush();
    expect(aborted).toStrictEqual(['ab']);
    // It was well, and somebody typed on: that moves nothing.
    expect(field.breaker.metrics()).toMatchObject({ calls: 2, successes: 1, abandoned: 1, failures: 0 });
  }));

  it('does not ask twice for the same, nor for nothing', marbles(({ hot, cold, expectObservable, flush }) => {
    const asked: string[] = [];
    const field = typeAhead((text) => {
      asked.push(text);
      return cold('(x|)', { x: [`${text}!`] });
    });
    const keys = hot('b 299ms s 299ms n 299ms |', texts);
    expectObservable(field.suggestions(keys)).toBe('250ms b 599ms n 49ms |', { b: found('ab'), n: { text: '', items: [] } });
    flush();
    expect(asked).toStrictEqual(['ab']);
  }));

  it('survives an outage: answers at once while the circuit is open, and comes back', marbles((test) => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const { hot, outage, expectObservable, expectState, flush } = test;
    let calls = 0;
    const api = outage({ from: 1_000, to: 9_000 }, '(x|)', '#', { values: { x: ['!'] } });
    const field = typeAhead(() => defer(() => (calls++, api)));
    const keys = hot('a 999ms b 999ms c 999ms d 999ms e 5999ms a', texts);
    expectObservable(field.suggestions(keys), '^ 20s !').toBe(
      // Each is tried twice, 50 ms apart. The fifth failure opens the circuit, and from then on nobody waits for anything.
      '250ms a 1049ms b 999ms c 999ms d 949ms e 5999ms a',
      { a: { text: 'a', items: ['!'] }, b: away('ab'), c: away('abc'), d: away('abcd'), e: away('abcde') },
    );
    expectState(field.breaker, '^ 20s !').toBe('c 3249ms o 4999ms h');
    flush();
    expect(calls).toBe(7);
  }));

  it('notices a search that hangs, though nobody waits for it', marbles((test) => {
    const { hot, expectObservable, expectState } = test;
    const field = typeAhead(() => NEVER);
    const keys = hot('a 599ms b 599ms c 599ms d 599ms e 599ms a 599ms b', texts);
    expectObservable(field.suggestions(keys), '^ 4s !').toBe('3250ms a 599ms b', { a: away('a'), b: away('ab') });
    expectState(field.breaker, '^ 4s !').toBe('c 3249ms o');
  }));

  it('does not end with one error, and says what the search does not take', marbles(({ hot, cold, expectObservable }) => {
    const field = typeAhead((text) => (text === 'a' ? cold<string[]>('#', {}, { status: 400 }) : of([`${text}!`])));
    expectObservable(field.suggestions(hot('a 299ms b', texts)), '^ 1s !').toBe('250ms a 299ms b', {
      a: { text: 'a', items: [], problem: 'not understood' },
      b: found('ab'),
    });
  }));

  it('does not hide a bug', marbles(({ hot, expectObservable }) => {
    const bug = new TypeError('search.find is not a function');
    const field = typeAhead((): Observable<string[]> => {
      throw bug;
    });
    expectObservable(field.suggestions(hot('a', texts))).toBe('250ms #', null, bug);
  }));

  it('leaves nothing behind when the field goes away', marbles(({ hot, expectObservable, flush }) => {
    const aborted: string[] = [];
    const field = typeAhead((text, signal) => {
      signal.addEventListener('abort', () => aborted.push(text));
      return NEVER;
    });
    expectObservable(field.suggestions(hot('a', texts)), '^ 400ms !').toBe('');
    flush();
    expect(aborted).toStrictEqual(['a']);
  }));
});
