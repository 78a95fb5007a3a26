import { describe, expect, it } from 'vitest';
import { decodePriority, encodePriority, type Priority } from '../../src/index.js';

describe('encodePriority', () => {
  it.each([['criticalPlus', 'u=0'], ['critical', 'u=3'], ['sheddablePlus', 'u=5'], ['sheddable', 'u=7']] as const)('%s is %s', (priority, value) => {
    expect(encodePriority(priority)).toBe(value);
    expect(decodePriority(value)).toBe(priority);
  });

  it.each(['', 'high', 'u=0\r\nSet-Cookie: a=b', 'toString', '__proto__', undefined, null, 0, {}, Symbol('x')])('%o is written as the default', (priority) => {
    expect(encodePriority(priority as Priority)).toBe('u=3');
  });
});

describe('decodePriority', () => {
  it.each<readonly [string, Priority]>([
    ['u=0', 'criticalPlus'], ['u=1', 'critical'], ['u=2', 'critical'], ['u=3', 'critical'], ['u=4', 'sheddablePlus'],
    ['u=5', 'sheddablePlus'], ['u=6', 'sheddable'], ['u=7', 'sheddable'],
    ['u=5, i', 'sheddablePlus'], ['i, u=5', 'sheddablePlus'], ['i,u=5', 'sheddablePlus'], ['i=?0 ,\tu=5', 'sheddablePlus'],
    ['u=5;x=1', 'sheddablePlus'], ['u=5 ', 'sheddablePlus'], ['u=1, u=7', 'sheddable'], ['u=7, u=1', 'critical'], ['u=x, u=6', 'sheddable'],
    // Everything else of a dictionary is there, and says nothing.
    ['i', 'critical'], ['i=?0', 'critical'], ['u', 'critical'], ['critical', 'critical'], ['xu=1', 'critical'], ['i;x=1, u=5', 'sheddablePlus'],
    ['u=8', 'critical'], ['u=-1', 'critical'], ['u=10', 'critical'], ['u=5.0', 'critical'], ['u="5"', 'critical'], ['u=?1', 'critical'], ['u=(5)', 'critical'],
    ['u=05', 'sheddablePlus'], ['u=7, u=9', 'critical'], ['u=7;u=1', 'sheddable'], ['u=1,i;u=7', 'critical'], ['a="x, u=7", u=5', 'sheddablePlus'],
    ['a="\\", u=7\\"", u=5', 'sheddablePlus'], ['a=(1 u "u=7" :aGk=:;u=7 ?1), u=5', 'sheddablePlus'], ['a=(), b=( 1 ), u=5', 'sheddablePlus'],
    ['a=T/x:y;b=1.5;  c, *x_-.y=?0 , u=5', 'sheddablePlus'], [' \tu=5', 'sheddablePlus'], ['a=-0.25,b=*,u=-0', 'criticalPlus'],
  ])('%s is %s', (value, expected) => expect(decodePriority(value)).toBe(expected));

  it.each([
    '', ' ', ',', 'u=', 'u= 1', 'u =1', 'U=1', 'u=1 x', 'u=1;', 'u=1; ,i', 'u=1,', 'u=1, ', ',u=1', 'u=1,,i', 'u=1;X', 'u=?2', 'a=?, u=1', '3', 'u=1.', 'u=.5', 'u=--1',
    'a=(1, u=1', 'a=(1,2), u=1', 'a=(1 (2)), u=1', 'a="x, u=1', 'a="\\x", u=1', 'a=:?:, u=1', 'a=é, u=1', 'a="é", u=1', `a=${'1'.repeat(16)}, u=1`,
    'u=٣', 'u=1\r\nx', `u=1${' '.repeat(300)}, x`, `${'i,'.repeat(200)}u=1`,
  ])('%j says nothing', (value) => expect(decodePriority(value)).toBe(null));

  it('reads whatever it is given without throwing', () => {
    for (const value of [undefined, null, 1, {}, ['u=1'], Symbol('u=1')]) expect(decodePriority(value as never)).toBe(null);
  });
});
