import { expect, it } from 'vitest';
import { partOf } from '../../src/core/remaining.js';

it.each([
  [100, undefined, undefined, 100],
  [100, 0.9, undefined, 90],
  [100, undefined, 30, 70],
  [100, 0.5, 30, 20],
  [100, 0.5, 60, 0],
  [0, 1, 0, 0],
])('of %d ms a share of %s less %s is %d', (remaining, share, reserve, given) => {
  expect(partOf(remaining, share, reserve)).toBe(given);
});
