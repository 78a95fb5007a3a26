/** The same test in a module, in CommonJS, and for the runner of Node: nothing of a runner is in scope. */
const body = `
const { bulkhead, circuitBreaker } = library;
const { failed, marbles, refused } = testing;
const passes = marbles(({ outage, calls, expectObservable, expectState }) => {
  const payments = circuitBreaker({ failureThreshold: 2, breakDuration: 4, successThreshold: 1 });
  const api = outage({ from: 2, to: 6 }, '(a|)', '#');
  const results = calls('      x-x-x-x-x|', () => api.pipe(payments));
  expectObservable(results).toBe('a-E-E-R-a|', { a: 'a', E: failed, R: refused });
  expectState(payments).toBe('    c---o---(hc)');
});
const leaves = marbles(({ hang }) => hang().pipe(bulkhead(1)).subscribe());
`;

const prints = `
const messageOf = (test) => { try { test(); return 'passed'; } catch (error) { return error.message.split('\\n')[2]; } };
console.log(JSON.stringify([passes, leaves].map(messageOf)));
`;

/** What these programs print. */
export const printed = [
  'passed',
  '- a call through bulkhead: its source has not ended and nobody has unsubscribed, and holds a permit of bulkhead',
];

const imported = "import * as library from 'rxjs-resilience';\nimport * as testing from 'rxjs-resilience/testing';\n";

export const esm = `${imported}${body}${prints}`;
export const commonJs = `const library = require('rxjs-resilience');\nconst testing = require('rxjs-resilience/testing');\n${body}${prints}`;

/** The policies are of one copy, the test of the other. */
export const twoCopies = `
import { createRequire } from 'node:module';
import * as testing from 'rxjs-resilience/testing';
const library = createRequire(import.meta.url)('rxjs-resilience');
${body}${prints}`;

export const nodeTest = `${imported}import { test } from 'node:test';\n${body}test('survives an outage', passes);\ntest('leaves a call', leaves);\n`;

/** For Jest: what matches mean there, as \`toStrictEqual\` and its like see them. */
export const jestMatches = `
const { of, throwError } = require('rxjs');
const { circuitBreaker, withDeadline } = require('rxjs-resilience');
const { expired, failed, marbles, refused } = require('rxjs-resilience/testing');

const errorOf = (source) => { let seen; source.subscribe({ error: (error) => (seen = error) }); return seen; };
const down = new Error('down');
const open = errorOf(of(1).pipe(circuitBreaker({ initialState: 'open' })));
const late = errorOf(of(1).pipe(withDeadline(0)));
const notification = (error) => ({ frame: 1, notification: { kind: 'E', value: undefined, error } });

test.each([['failed', failed, down], ['refused', refused, open], ['expired', expired, late]])('%s', (name, match, error) => {
  const others = [down, open, late].filter((other) => other !== error);
  expect(error).toStrictEqual(match);
  expect([notification(error)]).toStrictEqual([notification(match)]);
  expect({ deep: new Map([['a', [error]]]) }).toEqual({ deep: new Map([['a', [match]]]) });
  for (const other of others) {
    expect([notification(other)]).not.toStrictEqual([notification(match)]);
    expect({ a: other }).not.toEqual({ a: match });
  }
  const listener = jest.fn();
  listener(error, 1);
  expect(listener).toHaveBeenCalledWith(match, 1);
  expect(() => expect([1]).toStrictEqual([match])).toThrow(name);
});

test('matchers of Jest in marbles', marbles(({ cold, expectObservable }) => {
  expectObservable(cold('a#', { a: { id: 1, more: 2 } }, new TypeError('no'))).toBe('a#', { a: expect.objectContaining({ id: 1 }) }, expect.any(TypeError));
  expectObservable(throwError(() => down)).toBe('#', null, failed);
}));
`;

/** For Jest: a test that has to fail, to see what is shown. */
export const jestFailure = `
const { marbles } = require('rxjs-resilience/testing');
test('does not hold', marbles(({ cold, expectObservable }) => {
  expectObservable(cold('-a-b|')).toBe('-a-c|'); // this line
}));
`;
