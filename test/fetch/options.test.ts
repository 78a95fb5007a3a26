import { describe, expect, it } from 'vitest';
import { fetch$, resilientFetch } from 'rxjs-resilience/fetch';
import { standardPipeline } from '../../src/index.js';

const pipeline = (name: string) => standardPipeline({ name });

describe('resilientFetch refuses', () => {
  it.each<[unknown, typeof TypeError | typeof RangeError, RegExp]>([
    [null, TypeError, /options must be an object, got null/],
    [{ maxRetries: 1 }, TypeError, /resilientFetch has no option 'maxRetries'; known are pipeline, key/],
    [{ pipeline: 1 }, TypeError, /pipeline must be a function, got 1/],
    [{ pipeline: null }, TypeError, /pipeline must be a function, got null/],
    [{ key: 'a' }, TypeError, /key must be a function, got 'a'/],
    [{ maxKeys: 0 }, RangeError, /maxKeys must be a whole number from 1 to 1000000|maxKeys must be from 1 to 1000000, got 0/],
    [{ maxKeys: 1.5 }, RangeError, /maxKeys must be a whole number/],
    [{ maxKeys: '5' }, TypeError, /maxKeys must be a number/],
    [{ until: 'tail' }, RangeError, /until must be one of 'head', 'body', got 'tail'/],
    [{ classify: 'a' }, TypeError, /classify must be a function/],
    [{ classify: () => 'transient', pipeline }, TypeError, /classify is that of the default pipeline, and pipeline makes others/],
    [{ propagateTo: 'https://a.example' }, TypeError, /propagateTo must be a list of origins or a function/],
    [{ propagateTo: ['https://a.example/path'] }, TypeError, /propagateTo must be origins/],
    [{ codec: {} }, TypeError, /codec must be a codec such as requestTimeout/],
    [{ throwOnStatus: 1 }, TypeError, /throwOnStatus must be true or false, got 1/],
    [{ fetch: {} }, TypeError, /fetch must be a function, got an object/],
  ])('%o', (options, kind, message) => {
    let thrown: unknown;
    try {
      resilientFetch(options as never);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(kind);
    expect((thrown as Error).message).toMatch(message);
  });

  it('a platform without fetch', () => {
    const native = globalThis.fetch;
    Reflect.deleteProperty(globalThis, 'fetch');
    try {
      expect(() => resilientFetch()).toThrow(/fetch must be a function, got undefined/);
    } finally {
      globalThis.fetch = native;
    }
  });

  it('takes undefined for every option', () => {
    const names = ['pipeline', 'key', 'maxKeys', 'until', 'classify', 'propagateTo', 'codec', 'throwOnStatus', 'fetch'];
    expect(() => resilientFetch(Object.fromEntries(names.map((name) => [name, undefined])))).not.toThrow();
  });
});

it('fetch$ refuses a resilience that is no pipeline', () => {
  expect(() => fetch$('http://a.example', { resilience: {} as never })).toThrow(/resilience must be a resiliencePipeline, got an object/);
});
