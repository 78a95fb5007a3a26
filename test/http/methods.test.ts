import { expect, it } from 'vitest';
import { isRepeatable, isSafe } from '../../src/http/methods.js';

it.each([
  ['GET', true, true],
  ['head', true, true],
  ['OPTIONS', true, true],
  ['TRACE', true, true],
  ['PUT', false, true],
  ['delete', false, true],
  ['POST', false, false],
  ['PATCH', false, false],
  ['QUERYISH', false, false],
  ['', false, false],
])('%s is safe: %s, and may be made twice: %s', (method, safe, repeatable) => {
  expect(isSafe(method)).toBe(safe);
  expect(isRepeatable(method, false)).toBe(repeatable);
  expect(isRepeatable(method, true)).toBe(true);
});
