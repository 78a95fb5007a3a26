import { describe, expect, it } from 'vitest';
import { failure, readResult } from '../../src/health/probe-result.js';

const thrown = new Error('password is swordfish');

describe('what a probe says', () => {
  it.each([
    ['nothing', undefined],
    ['true', true],
    ['null', null],
    ['0', 0],
    ['an empty string', ''],
    ['a string', 'PONG'],
    ['a figure', 42],
    ['rows', [{ '?column?': 1 }]],
    ['no rows', []],
    ['an object without a status', { rows: 1 }],
    ['a function', () => false],
    ['a date', new Date(0)],
  ])('%s is up', (_title, value) => {
    expect(readResult(value)).toStrictEqual({ status: 'up', details: {} });
  });

  it('false is down', () => {
    expect(readResult(false)).toStrictEqual({ status: 'down', details: {} });
  });

  it.each(['up', 'degraded', 'down', 'unknown'] as const)('{ status: %s } is as it says', (status) => {
    expect(readResult({ status })).toStrictEqual({ status, details: {} });
  });

  it('has a copy of its details', () => {
    const details = { lag: 12 };
    const result = readResult({ status: 'degraded', details });
    details.lag = 13;
    expect(result).toStrictEqual({ status: 'degraded', details: { lag: 12 } });
  });

  it.each([
    [200, 'up'],
    [204, 'up'],
    [304, 'up'],
    [399, 'up'],
    [400, 'down'],
    [404, 'down'],
    [503, 'down'],
    [0, 'down'],
    [199, 'down'],
  ])('an HTTP status of %i is %s', (httpStatus, status) => {
    expect(readResult({ status: httpStatus })).toStrictEqual({ status, details: { httpStatus } });
    expect(readResult({ statusCode: httpStatus })).toStrictEqual({ status, details: { httpStatus } });
  });

  it('a Response is told by its status', () => {
    expect(readResult(new Response('', { status: 503 }))).toStrictEqual({ status: 'down', details: { httpStatus: 503 } });
    expect(readResult(new Response('ok'))).toStrictEqual({ status: 'up', details: { httpStatus: 200 } });
  });

  it.each([
    ['a status that is none', { status: 'banana' }, /status 'banana'/],
    ['a status of another spelling', { status: 'UP' }, /status 'UP'/],
    ['a status that is no HTTP status', { status: 1_000 }, /status 1000/],
    ['a status that is nothing', { status: undefined }, /status undefined/],
    ['details that are none', { status: 'up', details: 'fine' }, /details 'fine'/],
    ['details that are an array', { status: 'up', details: [1] }, /details an array/],
    ['details that are null', { status: 'up', details: null }, /details null/],
    ['NaN', NaN, /NaN/],
  ])('%s is down, and the error says why', (_title, value, message) => {
    const { status, details, error } = readResult(value);
    expect({ status, details }).toStrictEqual({ status: 'down', details: { reason: 'invalid result' } });
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toMatch(message);
  });

  it('an error that was returned and not thrown is down', () => {
    expect(readResult(thrown)).toStrictEqual({ status: 'down', details: { reason: 'error' }, error: thrown });
  });

  it('a getter that throws is down', () => {
    const value = { get status(): string { throw thrown; } };
    expect(readResult(value)).toStrictEqual({ status: 'down', details: { reason: 'error' }, error: thrown });
  });

  it('never shows the text of an error', () => {
    expect(JSON.stringify(failure(thrown).details)).not.toContain('swordfish');
  });
});
