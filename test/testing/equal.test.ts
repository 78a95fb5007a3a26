import { describe, expect, it } from 'vitest';
import { equal } from '../../src/testing/equal.js';

class Item {
  constructor(readonly id: number) {}
}
class Other {
  constructor(readonly id: number) {}
}
class NamedError extends Error {
  override readonly name = 'NamedError';
}

const circle = (value: number): object => {
  const made: { value: number; self?: object } = { value };
  made.self = { made };
  return made;
};
const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);
const key = Symbol('key');
const promise = Promise.resolve();
const run = (): void => undefined;

describe.each<[what: string, a: unknown, b: unknown]>([
  ['primitives', 'a', 'a'],
  ['NaN', NaN, NaN],
  ['undefined', undefined, undefined],
  ['null', null, null],
  ['a function and itself', run, run],
  ['nested objects', { a: [{ b: 1 }] }, { a: [{ b: 1 }] }],
  ['keys in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
  ['keys that are symbols', { [key]: 1 }, { [key]: 1 }],
  ['objects without a prototype', Object.create(null), Object.create(null)],
  ['instances of one class', new Item(1), new Item(1)],
  ['dates', new Date(5), new Date(5)],
  ['invalid dates', new Date(NaN), new Date(NaN)],
  ['regular expressions', /a/gi, /a/gi],
  ['addresses', new URL('http://a/b'), new URL('http://a/b')],
  ['boxed numbers', Object(1), Object(1)],
  ['errors', new Error('a', { cause: 1 }), new Error('a', { cause: 1 })],
  ['errors of one class', new NamedError('a'), new NamedError('a')],
  ['errors of errors', new AggregateError([new Error('a')]), new AggregateError([new Error('a')])],
  ['maps in another order', new Map([[{ a: 1 }, 1], [{ a: 2 }, 2]]), new Map([[{ a: 2 }, 2], [{ a: 1 }, 1]])],
  ['sets of objects', new Set([{ a: 1 }, { a: 2 }]), new Set([{ a: 2 }, { a: 1 }])],
  ['bytes', bytes(1, 2), bytes(1, 2)],
  ['no bytes', bytes(), bytes()],
  ['buffers', bytes(1, 2).buffer, bytes(1, 2).buffer],
  ['views', new DataView(bytes(1, 2).buffer), new DataView(bytes(1, 2).buffer)],
  ['circles', circle(1), circle(1)],
  ['a promise and itself', promise, promise],
  ['holes at one place', [1, , 3], [1, , 3]],
])('%s', (_what, a, b) => {
  it('are equal, both ways', () => {
    expect([equal(a, b), equal(b, a)]).toStrictEqual([true, true]);
  });
});

describe.each<[what: string, a: unknown, b: unknown]>([
  ['primitives', 'a', 'b'],
  ['a number and its text', 1, '1'],
  ['0 and -0', 0, -0],
  ['null and undefined', null, undefined],
  ['null and an object', null, {}],
  ['two functions', () => 1, () => 1],
  ['a function and an object', run, {}],
  ['a key that is undefined and one that is missing', { a: undefined }, {}],
  ['another key', { a: undefined }, { b: undefined }],
  ['another symbol', { [key]: 1 }, { [key]: 2 }],
  ['a deep difference', { a: [{ b: 1 }] }, { a: [{ b: 2 }] }],
  ['an array and an object', [1], { 0: 1 }],
  ['a longer array', [1], [1, 2]],
  ['another order', [1, 2], [2, 1]],
  ['a hole and undefined', [1, , 3], [1, undefined, 3]],
  ['classes with equal fields', new Item(1), new Other(1)],
  ['an instance and an object', new Item(1), { id: 1 }],
  ['dates', new Date(5), new Date(6)],
  ['flags', /a/g, /a/i],
  ['addresses', new URL('http://a/b'), new URL('http://a/c')],
  ['boxed numbers', Object(1), Object(2)],
  ['messages', new Error('a'), new Error('b')],
  ['classes of errors', new Error('a'), new NamedError('a')],
  ['causes', new Error('a', { cause: 1 }), new Error('a', { cause: 2 })],
  ['a cause and none', new Error('a', { cause: undefined }), new Error('a')],
  ['fields of errors', Object.assign(new Error('a'), { code: 1 }), Object.assign(new Error('a'), { code: 2 })],
  ['errors in errors', new AggregateError([new Error('a')]), new AggregateError([new Error('b')])],
  ['keys of maps', new Map([['a', 1]]), new Map([['b', 1]])],
  ['sizes of maps', new Map([['a', 1]]), new Map()],
  ['members of sets', new Set([1, 1, 2]), new Set([1, 3])],
  ['bytes', bytes(1), bytes(2)],
  ['buffers', bytes(1).buffer, bytes(2).buffer],
  ['views', new DataView(bytes(1).buffer), new DataView(bytes(2).buffer)],
  ['circles', circle(1), circle(2)],
  ['promises', Promise.resolve(1), Promise.resolve(1)],
  ['responses, whose content cannot be seen', new Response('a'), new Response('a')],
])('%s', (_what, a, b) => {
  it('differ, both ways', () => {
    expect([equal(a, b), equal(b, a)]).toStrictEqual([false, false]);
  });
});

describe('what decides itself what it is equal to', () => {
  const anyNumber = { asymmetricMatch: (actual: unknown) => typeof actual === 'number' };

  it('is asked wherever it stands in what is expected', () => {
    expect(equal({ a: [1, new Map([['b', 2]])] }, { a: [anyNumber, new Map([['b', anyNumber]])] })).toBe(true);
    expect(equal({ a: ['1'] }, { a: [anyNumber] })).toBe(false);
    expect(equal(1, anyNumber)).toBe(true);
  });

  it('is an object like others where it comes out of what is tested', () => {
    expect(equal(anyNumber, 1)).toBe(false);
  });

  it('may come from the runner', () => {
    expect(equal([new TypeError('a')], [expect.any(Error)])).toBe(true);
    expect(equal([{ a: 1, b: 2 }], [expect.objectContaining({ a: 1 })])).toBe(true);
    expect(equal(['ab'], [expect.stringMatching(/^b/)])).toBe(false);
  });
});
