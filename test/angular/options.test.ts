import '@angular/compiler';
import { HttpContext, HttpContextToken } from '@angular/common/http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { provideResilience, type RequestResilience, type ResilienceOptions, withResilience } from '../../src/angular/index.js';
import { requestResilience } from '../../src/angular/request-resilience.js';
import { thrownBy } from '../thrown.js';

const angular = vi.hoisted(() => ({ major: '22', full: '22.2.6' }));
vi.mock('@angular/core', async (original) => ({ ...(await original<object>()), VERSION: angular }));

describe('provideResilience', () => {
  it.each<ResilienceOptions | undefined>([
    undefined,
    {},
    { key: undefined, pipeline: undefined, maxKeys: undefined, propagateTo: undefined, errors: undefined },
    { maxKeys: 1 },
    { maxKeys: 1_000_000 },
    { propagateTo: [] },
    { propagateTo: ['https://api.example', 'http://localhost:3000/'] },
    { propagateTo: () => true },
    { errors: 'http' },
    { errors: 'raw' },
  ])('takes %o', (options) => {
    expect(() => provideResilience(options)).not.toThrow();
  });

  it.each<[unknown, string]>([
    [null, 'TypeError: provideResilience: options must be an object, got null'],
    [7, 'TypeError: provideResilience: options must be an object, got 7'],
    [{ retries: 3 }, "TypeError: provideResilience has no option 'retries'; known are key, pipeline, maxKeys, propagateTo, errors"],
    [{ key: 'x' }, "TypeError: provideResilience: key must be a function, got 'x'"],
    [{ pipeline: {} }, 'TypeError: provideResilience: pipeline must be a function, got an object'],
    [{ maxKeys: 0 }, 'RangeError: provideResilience: maxKeys must be from 1 to 1000000, got 0'],
    [{ maxKeys: 1.5 }, 'RangeError: provideResilience: maxKeys must be a whole number from 1 to 1000000, got 1.5'],
    [{ maxKeys: 1_000_001 }, 'RangeError: provideResilience: maxKeys must be from 1 to 1000000, got 1000001'],
    [{ maxKeys: NaN }, 'RangeError: provideResilience: maxKeys must be from 1 to 1000000, got NaN'],
    [{ maxKeys: '5' }, "TypeError: provideResilience: maxKeys must be a number from 1 to 1000000, got '5'; write 5"],
    [{ errors: 'ours' }, "RangeError: provideResilience: errors must be one of 'http', 'raw', got 'ours'"],
    [{ propagateTo: null }, 'TypeError: provideResilience: propagateTo must be a list of origins or a function, got null'],
    [{ propagateTo: 'https://a.example' }, "TypeError: provideResilience: propagateTo must be a list of origins or a function, got 'https://a.example'"],
    [{ propagateTo: ['https://a.example/b'] }, "TypeError: provideResilience: propagateTo must be origins such as 'https://api.example', got 'https://a.example/b'"],
    [{ propagateTo: ['a.example'] }, "TypeError: provideResilience: propagateTo must be origins such as 'https://api.example', got 'a.example'"],
    [{ propagateTo: ['*'] }, "TypeError: provideResilience: propagateTo must be origins such as 'https://api.example', got '*'"],
  ])('refuses %o', (options, message) => {
    expect(String(thrownBy(() => provideResilience(options as ResilienceOptions)))).toBe(message);
  });

  describe('says at once that it is not for', () => {
    afterEach(() => void Object.assign(angular, { major: '22', full: '22.2.6' }));

    it.each(['19.2.0', '2.0.0'])('Angular %s', (full) => {
      Object.assign(angular, { full, major: full.split('.')[0] });
      expect(String(thrownBy(() => provideResilience()))).toBe(`Error: rxjs-resilience/angular needs Angular 20 or later, got ${full}`);
    });

    it.each(['20.0.0', '23.0.0', '100.0.0'])('but not Angular %s', (full) => {
      Object.assign(angular, { full, major: full.split('.')[0] });
      expect(() => provideResilience()).not.toThrow();
    });
  });
});

describe('withResilience', () => {
  it.each<RequestResilience | false>([
    false,
    {},
    { key: 'a', deadline: 0, priority: 'sheddable', idempotent: false },
    { deadline: 0.5 },
    { key: undefined, deadline: undefined, priority: undefined, idempotent: undefined },
  ])('puts %o into a context', (wanted) => {
    const context = withResilience(wanted);
    expect(context).toBeInstanceOf(HttpContext);
    expect(context.get(requestResilience)).toEqual(wanted);
  });

  it('adds to the context that it is given', () => {
    const token = new HttpContextToken(() => '');
    const context = new HttpContext().set(token, 'mine');
    expect(withResilience({ deadline: 1 }, context)).toBe(context);
    expect([context.get(token), context.get(requestResilience)]).toStrictEqual(['mine', { deadline: 1 }]);
  });

  it.each<[unknown, string]>([
    [undefined, 'TypeError: withResilience: options must be an object, got undefined'],
    [true, 'TypeError: withResilience: options must be an object, got true'],
    ['payments', "TypeError: withResilience: options must be an object, got 'payments'"],
    [{ timeout: 5 }, "TypeError: withResilience has no option 'timeout'; known are key, deadline, priority, idempotent"],
    [{ key: '' }, "TypeError: withResilience: key must be a string that is not empty, got ''"],
    [{ key: 7 }, 'TypeError: withResilience: key must be a string that is not empty, got 7'],
    [{ deadline: -1 }, 'RangeError: withResilience: deadline must be of at least 0 and finite, got -1'],
    [{ deadline: NaN }, 'RangeError: withResilience: deadline must be of at least 0 and finite, got NaN'],
    [{ deadline: Infinity }, 'RangeError: withResilience: deadline must be of at least 0 and finite, got Infinity'],
    [{ deadline: '800' }, "TypeError: withResilience: deadline must be a number of at least 0 and finite, got '800'; write 800"],
    [{ priority: 'high' }, "RangeError: withResilience: priority must be one of 'criticalPlus', 'critical', 'sheddablePlus', 'sheddable', got 'high'"],
    [{ idempotent: 1 }, 'TypeError: withResilience: idempotent must be true or false, got 1'],
  ])('refuses %o', (wanted, message) => {
    expect(String(thrownBy(() => withResilience(wanted as RequestResilience)))).toBe(message);
  });
});
