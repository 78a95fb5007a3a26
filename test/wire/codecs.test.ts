import { describe, expect, it } from 'vitest';
import { absoluteDeadline, type DeadlineCodec, envoyTimeout, grpcTimeout, requestTimeout } from '../../src/index.js';

const now = 1_800_000_000_000;
const hour = 3_600_000;

describe.each([['X-Request-Timeout-Ms', requestTimeout], ['x-envoy-expected-rq-timeout-ms', envoyTimeout]] as const)('%s', (header, codec) => {
  it('has its name', () => expect(codec.header).toBe(header));

  it.each([
    [0, '0'], [0.4, '0'], [0.999, '0'], [1, '1'], [1.999, '1'], [1_500, '1500'], [-1, '0'], [NaN, '0'],
    [2_147_483_647, '2147483647'], [2_147_483_648, '2147483647'], [Infinity, '2147483647'], [-Infinity, '0'], [Number.MIN_VALUE, '0'],
  ])('writes %d as %s', (left, expected) => expect(codec.encode(left, now)).toBe(expected));

  it.each<readonly [string, number | null]>([
    ['0', 0], ['1', 1], ['007', 7], ['1500', 1_500], [' 1500\t', 1_500], ['2147483647', 2_147_483_647],
    ...['2147483648', '9'.repeat(15), '9'.repeat(16), '9'.repeat(100_000)].map((value) => [value, null] as const),
    ...['', ' ', '-1', '+1', '-0', '1.5', '1e3', '0x1f', '1_000', '1,000', '1, 2', '1 2', '1;q=1', '"1"', '1ms', 'NaN', 'Infinity'].map((value) => [value, null] as const),
    ...['null', 'undefined', '١', '１', '1\n', '1\r\nX: y', '1\0', '\u00a01', '\v1', '𝟙'].map((value) => [value, null] as const),
  ])('reads %j as %s', (value, expected) => expect(codec.decode(value, now)).toBe(expected));
});

describe('grpc-timeout', () => {
  it('has its name', () => expect(grpcTimeout.header).toBe('grpc-timeout'));

  it.each([
    [0, '0n'], [-1, '0n'], [NaN, '0n'], [1e-6, '1n'], [0.000_001_9, '1n'], [0.25, '250000n'], [1, '1000000n'], [99.999_999, '99999999n'],
    [100, '100000u'], [1_500, '1500000u'], [99_999.999, '99999999u'],
    [100_000, '100000m'], [99_999_999, '99999999m'], [99_999_999.9, '99999999m'],
    [100_000_000, '100000S'], [99_999_999_999, '99999999S'],
    [100_000_000_000, '1666666M'], [99_999_999 * 60_000, '99999999M'], [100_000_000 * 60_000, '1666666H'],
    [99_999_999 * hour, '99999999H'], [1e300, '99999999H'], [Infinity, '99999999H'], [-Infinity, '0n'],
  ])('writes %d as %s: the finest unit that fits', (left, expected) => expect(grpcTimeout.encode(left, now)).toBe(expected));

  it.each<readonly [string, number | null]>([
    ['1H', hour], ['1M', 60_000], ['1S', 1_000], ['1m', 1], ['1u', 0.001], ['1n', 0.000_001], ['0n', 0], ['00000001S', 1_000],
    ['99999999H', 99_999_999 * hour],
    ...[' 5m', '5m ', '\t5m', '5m\t', '5 m', '', 'm', '1', '1s', '1h', '1ms', '1 m', '-1m', '+1m', '1.5S', '1e3m', '123456789m', '000000001m', '1m1m', '1m,2m', 'x1m', '1mx'].map((value) => [value, null] as const),
    ...['1M\n', '1\u212a', '١m', `${'1'.repeat(100_000)}m`].map((value) => [value, null] as const),
  ])('reads %j as %s', (value, expected) => expect(grpcTimeout.decode(value, now)).toBe(expected));
});

describe('absoluteDeadline', () => {
  const codec = absoluteDeadline();

  it('writes the instant, rounded down', () => {
    expect([codec.header, codec.encode(1_500, now)]).toStrictEqual(['X-Deadline', '1800000001500']);
    expect(codec.encode(1_500.9, now + 0.9)).toBe('1800000001500');
    expect([-1, NaN, 0.5].map((left) => codec.encode(left, now))).toStrictEqual(Array(3).fill(String(now)));
    expect(codec.encode(Infinity, now)).toBe(String(now + 2 ** 31 - 1));
  });

  it.each([
    [now + 1_500, 1_500], [now, 0], [now - 1, 0], [now - 5_000, 0], [now - 5_001, null], [now - hour, null], [0, null],
    [now + hour, hour],
  ])('reads %d as %s', (at, expected) => expect(codec.decode(String(at), now)).toBe(expected));

  it.each(['', '-1', '1.5', '1e12', '1800000000000ms', '9'.repeat(16), '9'.repeat(100_000), 'tomorrow', '1800000001500, 1800000001500'])(
    'reads %j as null',
    (value) => expect(codec.decode(value, now)).toBe(null),
  );

  it('says nothing by a clock that has no time', () => expect(codec.decode(String(now), NaN)).toBe(null));

  it('takes what is over for wrong where clocks may not differ', () => {
    const exact = absoluteDeadline({ maxSkew: 0 });
    expect([now, now - 1].map((at) => exact.decode(String(at), now))).toStrictEqual([0, null]);
  });

  it('has the name that it is given', () => {
    expect(absoluteDeadline({ header: 'X-My-Deadline', maxSkew: undefined }).header).toBe('X-My-Deadline');
    expect(absoluteDeadline({ header: undefined }).header).toBe('X-Deadline');
  });

  it.each<readonly [unknown, typeof TypeError | typeof RangeError, RegExp]>([
    [{ header: '' }, TypeError, /header must be the name of a header, got ''/],
    [{ header: 'X-Deadline\r\nX-Other' }, TypeError, /header must be the name of a header/],
    [{ header: 'X Deadline' }, TypeError, /header must be the name of a header/],
    [{ header: 5 }, TypeError, /header .* got 5/],
    [{ maxSkew: -1 }, RangeError, /maxSkew must be of at least 0 and finite, got -1/],
    [{ maxSkew: NaN }, RangeError, /maxSkew/],
    [{ maxSkew: Infinity }, RangeError, /maxSkew/],
    [{ maxSkew: '5' }, TypeError, /maxSkew/],
    [{ skew: 5 }, TypeError, /absoluteDeadline has no option 'skew'/],
  ])('refuses %o', (options, error, message) => {
    const make = (): unknown => absoluteDeadline(options as object);
    expect(make).toThrow(error);
    expect(make).toThrow(message);
  });
});

describe('every codec', () => {
  const codecs: [string, DeadlineCodec][] = [requestTimeout, envoyTimeout, grpcTimeout, absoluteDeadline()].map((codec) => [codec.header, codec]);

  it.each(codecs)('%s: reads whatever it is given without throwing', (_header, { decode }) => {
    for (const value of [undefined, null, 1, {}, [], ['1'], Symbol('x'), () => '1', 1n]) expect(decode(value as never, now)).toBe(null);
  });

  it.each(codecs)('%s: cannot be changed by one of its users', (_header, codec) => expect(Object.isFrozen(codec)).toBe(true));

  it.each(codecs)('%s: needs no `this`', (_header, { encode, decode }) => expect(decode(encode(1_000, now), now)).toBe(1_000));
});
