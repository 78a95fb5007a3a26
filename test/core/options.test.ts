import { EMPTY } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  checkBoolean, checkFunction, checkInteger, checkKeys, checkNumber, checkOneOf, readSettings, show,
} from '../../src/core/options.js';
import { thrownBy } from '../thrown.js';

const { MAX_SAFE_INTEGER, MAX_VALUE, MIN_VALUE } = Number;

describe('an option that may be', () => {
  it.each<[string, unknown, () => unknown]>([
    ['the least number of a range', 1, () => checkNumber('ms', 1, 1, 5)],
    ['the greatest number of a range', 5, () => checkNumber('ms', 5, 1, 5)],
    ['the greatest number there is', MAX_VALUE, () => checkNumber('ms', MAX_VALUE, 0)],
    ['the least number above 0', MIN_VALUE, () => checkNumber('share', MIN_VALUE, MIN_VALUE, 1)],
    ['Infinity', Infinity, () => checkNumber('ms', Infinity, 0, Infinity)],
    ['a whole number', 3, () => checkInteger('size', 3, 0)],
    ['the greatest whole number there is', MAX_SAFE_INTEGER, () => checkInteger('size', MAX_SAFE_INTEGER, 0)],
    ['Infinity for a whole number', Infinity, () => checkInteger('size', Infinity, 0, Infinity)],
    ['one of a list', 'b', () => checkOneOf('order', 'b', ['a', 'b'])],
    ['true', true, () => checkBoolean('required', true)],
    ['false', false, () => checkBoolean('required', false)],
    ['a function', show, () => checkFunction('when', show)],
  ])('%s is given back', (_title, value, check) => {
    expect(check()).toBe(value);
  });

  it('has no names but those that are known', () => {
    expect(checkKeys('options', { a: 1, b: undefined }, ['a', 'b', 'c'])).toStrictEqual({ a: 1 });
    expect(checkKeys('options', {}, [])).toStrictEqual({});
  });
});

describe('an option that may not be', () => {
  it.each<[string, () => unknown]>([
    ["TypeError: ms must be a number of at least 0 and finite, got '5'; write 5", () => checkNumber('ms', '5', 0)],
    ['TypeError: ms must be a number from 0 to 9, got null', () => checkNumber('ms', null, 0, 9)],
    ['RangeError: ms must be of at least 1 and finite, got 0.9', () => checkNumber('ms', 0.9, 1)],
    ['RangeError: ms must be of at least 1 and finite, got Infinity', () => checkNumber('ms', Infinity, 1)],
    ['RangeError: ms must be of at least 1, got 0', () => checkNumber('ms', 0, 1, Infinity)],
    ['RangeError: ms must be of at least 1, got NaN', () => checkNumber('ms', NaN, 1, Infinity)],
    ['RangeError: ms must be from 1 to 5, got 5.1', () => checkNumber('ms', 5.1, 1, 5)],
    ['RangeError: share must be above 0 and at most 1, got 0', () => checkNumber('share', 0, MIN_VALUE, 1)],
    ['RangeError: ms must be above 0 and finite, got 0', () => checkNumber('ms', 0, MIN_VALUE)],
    ['RangeError: ms must be above 0, got 0', () => checkNumber('ms', 0, MIN_VALUE, Infinity)],
    ["TypeError: size must be a number of at least 0 and finite, got 'a'", () => checkInteger('size', 'a', 0)],
    ['RangeError: size must be of at least 0 and finite, got -1', () => checkInteger('size', -1, 0)],
    ['RangeError: size must be a whole number from 0 to 9, got 1.5', () => checkInteger('size', 1.5, 0, 9)],
    ['RangeError: size must be a whole number of at least 0, got 1.5', () => checkInteger('size', 1.5, 0, Infinity)],
    ["RangeError: order must be one of 'a', 'b', got 'c'", () => checkOneOf('order', 'c', ['a', 'b'])],
    ["TypeError: order must be one of 'a', 'b', got 1", () => checkOneOf('order', 1, ['a', 'b'])],
    ['RangeError: digits must be one of 2, 4, got 3', () => checkOneOf('digits', 3, [2, 4])],
    ['TypeError: required must be true or false, got 1', () => checkBoolean('required', 1)],
    ['TypeError: when must be a function, got true', () => checkFunction('when', true as never)],
    ['TypeError: options must be an object, got 5', () => checkKeys('options', 5 as never, [])],
    ['TypeError: options must be an object, got null', () => checkKeys('options', null as never, [])],
    ['TypeError: options must be an object, got an array', () => checkKeys('options', [], [])],
    ['TypeError: options must be an object, got function show', () => checkKeys('options', show, [])],
    ["TypeError: options has no option 'c'; known are a, b", () => checkKeys('options', { a: 1, c: undefined }, ['a', 'b'])],
  ])('%s', (message, check) => {
    expect(String(thrownBy(check))).toBe(message);
  });
});

describe('a value is shown in a message', () => {
  const long = 'x'.repeat(40);

  it.each<[string, unknown, string]>([
    ['a text in quotes', 'a', "'a'"],
    ['a text of forty letters as it is', long, `'${long}'`],
    ['a longer text by its first forty letters', `${long}y`, `'${long}…'`],
    ['a function by its name', show, 'function show'],
    ['a function without a name', () => undefined, 'function (anonymous)'],
    ['an array', [1, 2], 'an array'],
    ['an object', { a: 1 }, 'an object'],
    ['a URL without its credentials', 'https://user:p@ss@a.example/@b', "'https://a.example/@b'"],
    ['a long URL without its credentials', `https://user:${'p'.repeat(50)}@a.example`, "'https://a.example'"],
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a number', -0.5, '-0.5'],
    ['a large whole number', 5n, '5n'],
    ['a promise', Promise.resolve(), 'a promise'],
    ['an observable', EMPTY, 'an observable'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
  ])('%s', (_title, value, text) => {
    expect(show(value)).toBe(text);
  });
});

describe('readSettings', () => {
  const checks = {
    size: (option: string, value: unknown) => checkInteger(option, value, 1),
    label: (_option: string, value: unknown) => `<${String(value)}>`,
    off: checkBoolean,
  };
  const before = { size: 1, label: '', off: true };

  it('holds what the checks make of what is given, and what was there of the rest, in one order', () => {
    const setup = readSettings(checks, { label: 'a', size: undefined, off: false }, before);
    expect(setup).toStrictEqual({ size: 1, label: '<a>', off: false });
    expect(Object.keys(setup)).toStrictEqual(Object.keys(before));
    expect(before).toStrictEqual({ size: 1, label: '', off: true });
  });

  it('names the setting that it refuses, and leaves out what it does not know', () => {
    expect(() => readSettings(checks, { size: 0 }, before)).toThrow(new RangeError('size must be of at least 1 and finite, got 0'));
    expect(readSettings(checks, { other: 5 }, before)).toStrictEqual(before);
  });
});
