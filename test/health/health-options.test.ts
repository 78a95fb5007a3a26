import { describe, expect, it } from 'vitest';
import { healthCheck } from '../../src/health/health-check.js';
import { checkOptionNames, readCheck } from '../../src/health/health-options.js';
import { heartbeat } from '../../src/health/heartbeat.js';
import { warmup } from '../../src/health/warmup.js';
import { of } from 'rxjs';

describe('the options of a health check', () => {
  it('are these by default', () => {
    expect(readCheck({})).toStrictEqual({
      ...{ every: 10_000, timeout: 2_000, failAfter: 2, recoverAfter: 2, spread: 0.1, staleAfter: 30_000, required: false },
      ...{ scheduler: undefined, random: Math.random },
    });
  });

  it('are all known', () => {
    expect(Object.keys(readCheck({}))).toStrictEqual(checkOptionNames);
  });

  it('staleAfter follows every', () => {
    expect(readCheck({ every: 500 }).staleAfter).toBe(1_500);
  });

  it.each([
    ['every', 1],
    ['timeout', 1],
    ['failAfter', 1],
    ['recoverAfter', 1],
    ['spread', 0],
    ['spread', 0.9],
    ['staleAfter', 1],
    ['staleAfter', Infinity],
    ['every', undefined],
  ])('%s may be %s', (name, value) => {
    expect(() => healthCheck('db', () => true, { [name]: value })).not.toThrow();
  });

  it.each([
    ['every', 0, RangeError],
    ['every', -1, RangeError],
    ['every', NaN, RangeError],
    ['every', Infinity, RangeError],
    ['every', '10s', TypeError],
    ['timeout', 0, RangeError],
    ['timeout', Infinity, RangeError],
    ['failAfter', 0, RangeError],
    ['failAfter', 1.5, RangeError],
    ['recoverAfter', 0, RangeError],
    ['recoverAfter', null, TypeError],
    ['spread', -0.1, RangeError],
    ['spread', 0.91, RangeError],
    ['staleAfter', 0, RangeError],
    ['required', 'yes', TypeError],
    ['scheduler', {}, TypeError],
    ['scheduler', null, TypeError],
    ['random', 4, TypeError],
    ['evry', 1_000, TypeError],
  ])('%s must not be %s', (name, value, error) => {
    const make = () => healthCheck('db', () => true, { [name]: value } as never);
    expect(make).toThrow(error);
    expect(make).toThrow(name);
  });

  it.each([[''], [undefined], [7]])('refuses %j as name of anything', (name) => {
    expect(() => healthCheck(name as never, () => true)).toThrow(/^healthCheck: name must be a string that is not empty/);
    expect(() => heartbeat(name as never, { within: 1 })).toThrow(/^heartbeat: name must be/);
    expect(() => warmup(name as never, of(1))).toThrow(/^warmup: name must be/);
  });

  it('refuses a probe that is none', () => {
    expect(() => healthCheck('db', of(true) as never)).toThrow(/^healthCheck: probe must be a function, got an observable/);
    expect(() => healthCheck('db', () => true, null as never)).toThrow(/^healthCheck: options must be an object/);
  });
});

describe('the options of a heartbeat', () => {
  it.each([[0], [-1], [NaN], [Infinity]])('within must not be %d', (within) => {
    expect(() => heartbeat('loop', { within })).toThrow(/^heartbeat: within must be above 0 and finite/);
  });

  it.each([
    ['no options', undefined, /^heartbeat: options must be an object/],
    ['no within', {}, /^heartbeat: within must be a number/],
    ['an unknown one', { within: 1, every: 1 }, /^heartbeat has no option 'every'/],
    ['a scheduler that is none', { within: 1, scheduler: 3 }, /^heartbeat: scheduler must be an RxJS scheduler, got 3/],
  ])('refuses %s', (_title, options, message) => {
    expect(() => heartbeat('loop', options as never)).toThrow(message);
  });
});

describe('the options of a warm-up', () => {
  it.each([
    ['an unknown one', { within: 1 }, /^warmup has no option 'within'/],
    ['a scheduler that is none', { scheduler: 3 }, /^warmup: scheduler must be/],
  ])('refuses %s', (_title, options, message) => {
    expect(() => warmup('cache', of(1), options as never)).toThrow(message);
  });
});
