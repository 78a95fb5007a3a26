import { NEVER, of, throwError } from 'rxjs';
import { failed, marbles } from 'rxjs-resilience/testing';
import { expect, it } from 'vitest';
import { failing } from './failing.js';

it('makes a call for each mark, and says which', marbles(({ calls, expectObservable }) => {
  const made = calls('a-(bc)-a|', (mark, index) => of(`${mark}${index}`));
  expectObservable(made).toBe('w-(xy)-z|', { w: 'a0', x: 'b1', y: 'c2', z: 'a3' });
}));

it('emits every value, and every error as a value', marbles(({ calls, cold, expectObservable }) => {
  const answers = ['a-b#', 'c#', '-#'];
  const made = calls('x---x--x|', (_, index) => cold(answers[index]!, undefined, new Error('down')));
  expectObservable(made).toBe('a-bEcE--(E|)', { a: 'a', b: 'b', c: 'c', E: failed });
}));

it('completes when the marble has completed and all calls have ended', marbles(({ calls, cold, expectObservable }) => {
  expectObservable(calls('x|', () => cold('---a|'))).toBe('---a|');
  expectObservable(calls('x-----|', () => cold('-a|'))).toBe('-a----|');
  expectObservable(calls('x-----', () => cold('-a|'))).toBe('-a----');
  expectObservable(calls('x|', () => NEVER)).toBe('-');
}));

it('counts from its subscription, each time anew', marbles(({ calls, expectObservable }) => {
  const made = calls('-x-|', (_, index) => of(index));
  expectObservable(made, '---^').toBe('----a-|', { a: 0 });
  expectObservable(made, '-----^').toBe('------a-|', { a: 0 });
}));

it('leaves all calls where it is unsubscribed', marbles(({ calls, cold, expectObservable, expectSubscriptions }) => {
  const sources = [cold('a----'), cold('b----')];
  expectObservable(calls('x-x-x', (_, index) => sources[index]!), '^--!').toBe('a-b-');
  expectSubscriptions(sources[0]!.subscriptions).toBe('^--!');
  expectSubscriptions(sources[1]!.subscriptions).toBe('--^!');
}));

it('fails where the making of a call fails: that is a fault of the test', marbles(({ calls, expectObservable }) => {
  const made = calls('x-x', (_, index) => {
    if (index === 1) throw new Error('no such call');
    return throwError(() => 'down');
  });
  expectObservable(made).toBe('a-#', { a: 'down' }, new Error('no such call'));
}));

it('refuses signs that mark nothing, and what makes no call', () => {
  const marble = (text: never): string => failing(({ calls }) => calls(text, () => of(1))).message;
  expect(marble('x-#' as never)).toBe("calls: '#' has no meaning in the marble diagram 'x-#'");
  expect(marble('^-x' as never)).toBe("calls: '^' has no meaning in the marble diagram '^-x'");
  expect(marble('x-!' as never)).toBe("calls: '!' has no meaning in the marble diagram 'x-!'");
  expect(marble(7 as never)).toBe('calls: a marble diagram must be a string, got 7');
  expect(failing(({ calls }) => calls('x', of(1) as never)).message).toBe('make must be a function, got an observable');
});
