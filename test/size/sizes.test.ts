import { describe, expect, it } from 'vitest';
import * as library from '../../src/index.js';
import budgets from './budgets.json' with { type: 'json' };
import { brotli, using } from './bundle.ts';
import { measured, measuredNames, type Size, violations } from './sizes.ts';

const size = (name: string, bytes: number): Size => ({ name, minified: 4 * bytes, brotli: bytes });

describe('a budget', () => {
  it.each([
    ['exactly used', 100, []],
    ['with room', 99, []],
    ['exceeded by a byte', 101, ['one has 101 bytes, 1 more than its budget of 100']],
  ])('that is %s', (_how, bytes, expected) => {
    expect(violations([size('one', bytes)], { one: { budget: 100 } })).toStrictEqual(expected);
  });

  it('belongs to everything that is measured, and to nothing else', () => {
    expect(violations([size('one', 1)], {})).toStrictEqual(['one has no budget']);
    expect(violations([], { one: { budget: 1 } })).toStrictEqual([
      'one has a budget, but nothing is measured by that name',
    ]);
    expect(Object.keys(budgets).sort()).toStrictEqual([...measuredNames].sort());
  });
});

describe('what is measured', () => {
  it.each(Object.entries(measured))('%s is exported', (_name, exports) => {
    for (const name of exports) expect(library).toHaveProperty(name);
  });

  it('is an application that does nothing but to export it', () => {
    expect(using(['a', 'b'], 'there')).toBe("export { a, b } from 'there';");
  });

  it('is compressed as well as brotli can', () => {
    expect(brotli('')).toBe(1);
    expect(brotli('resilience '.repeat(1_000))).toBeLessThan(40);
  });
});
