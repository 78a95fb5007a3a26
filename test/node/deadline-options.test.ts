import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { requestTimeout } from '../../src/index.js';
import { deadlineMiddleware, deadlinePlugin } from '../../src/node/index.js';

type Refused = readonly [options: unknown, error: typeof TypeError | typeof RangeError, message: RegExp];

const refused: readonly Refused[] = [
  [null, TypeError, /options must be an object, got null/],
  [{ max: 1 }, TypeError, /^deadline(Middleware|Plugin) has no option 'max'; known are maximum, fallback/],
  [{ prefix: '/api' }, TypeError, /^deadline(Middleware|Plugin) has no option 'prefix'/],
  [{ maximum: 0 }, RangeError, /maximum must be above 0 and finite, got 0/],
  [{ maximum: Infinity }, RangeError, /maximum must be above 0 and finite, got Infinity/],
  [{ maximum: NaN }, RangeError, /maximum .* got NaN/],
  [{ maximum: '1000' }, TypeError, /maximum must be a number .* got '1000'/],
  [{ fallback: 0 }, RangeError, /fallback must be above 0 and at most 60000, got 0/],
  [{ fallback: 60_001 }, RangeError, /fallback must be above 0 and at most 60000, got 60001/],
  [{ maximum: 10, fallback: 11 }, RangeError, /fallback must be above 0 and at most 10, got 11/],
  [{ accept: requestTimeout }, TypeError, /accept must be a list of codecs, got an object/],
  [{ accept: [requestTimeout, 'grpc-timeout'] }, TypeError, /accept\[1\] must be a codec .* got 'grpc-timeout'/],
  [{ trustPriority: true }, TypeError, /trustPriority must be a function, got true/],
  [{ cancelOnDisconnect: true }, TypeError, /cancelOnDisconnect must be a list of methods or a function, got true/],
  [{ cancelOnDisconnect: ['get'] }, TypeError, /cancelOnDisconnect must be methods such as 'GET', got 'get'/],
  [{ cancelOnDisconnect: [undefined] }, TypeError, /cancelOnDisconnect must be methods such as 'GET', got undefined/],
  [{ scheduler: Date }, TypeError, /scheduler must be an RxJS scheduler, got function Date/],
];

describe('bad options', () => {
  it.each(refused)('%o is refused', (options, error, message) => {
    const make = (): unknown => deadlineMiddleware(options as object);
    expect(make).toThrow(error);
    expect(make).toThrow(message);
  });

  it.each(refused.slice(1))('%o is refused by the plugin', async (options, error, message) => {
    const app = fastify();
    // Fastify takes the prefix for its own routes as well, and hands it on.
    const starting = app.register(deadlinePlugin, options as object).ready();
    await expect(starting).rejects.toThrow(error);
    await expect(starting).rejects.toThrow(message);
  });

  it('leaves to Fastify what is for Fastify', async () => {
    const app = fastify();
    await app.register(deadlinePlugin, { maximum: 1_000, logLevel: 'warn' } as object).ready();
    await app.close();
  });

  it('takes undefined for what is left out, an empty list, and every bound', () => {
    const nothing = { maximum: undefined, fallback: undefined, accept: undefined, trustPriority: undefined };
    deadlineMiddleware({ ...nothing, cancelOnDisconnect: undefined, scheduler: undefined });
    deadlineMiddleware({ accept: [], cancelOnDisconnect: [], maximum: 5, fallback: 5 });
    deadlineMiddleware({ maximum: Number.MIN_VALUE, cancelOnDisconnect: ['GET', 'M-SEARCH'] });
  });

  it('needs to know what to run', () => {
    const middleware = deadlineMiddleware();
    expect(() => middleware({ headers: {} } as never, {} as never, undefined as never)).toThrow(/next must be a function, got undefined/);
  });
});
