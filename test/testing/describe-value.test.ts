import { refused } from 'rxjs-resilience/testing';
import { expect, it } from 'vitest';
import { describeValue } from '../../src/testing/describe-value.js';

class Item {
  constructor(readonly id: number) {}
}

it.each<[shown: string, value: unknown]>([
  ['"a\\nb"', 'a\nb'],
  ['1', 1],
  ['-0', -0],
  ['7n', 7n],
  ['undefined', undefined],
  ['null', null],
  ['Symbol(a)', Symbol('a')],
  ['function show', function show() {}],
  ['function (anonymous)', (() => () => 1)()],
  ['refused', refused],
  ['TypeError: no', new TypeError('no')],
  ['HttpErrorResponse: 503', { name: 'HttpErrorResponse', message: '503', status: 503 }],
  ['/a/g', /a/g],
  [String(new Date(0)), new Date(0)],
  ['[]', []],
  ['[1, "a", [2, array of 1]]', [1, 'a', [2, [3]]]],
  ['{}', {}],
  ['{ a: 1, b: { c: {…} } }', { a: 1, b: { c: { d: 1 } } }],
  ['Item { id: 1 }', new Item(1)],
  ['{ a: { b: Item } }', { a: { b: new Item(1) } }],
  ['{ a: 1 }', Object.assign(Object.create(null), { a: 1 })],
  [`"${'a'.repeat(158)}…`, 'a'.repeat(300)],
])('shows %s', (shown, value) => {
  expect(describeValue(value)).toBe(shown);
});
