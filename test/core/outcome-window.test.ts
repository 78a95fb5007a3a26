import { describe, expect, it } from 'vitest';
import { CountWindow } from '../../src/core/count-window.js';
import { checkWindow, outcomeWindow } from '../../src/core/outcome-window.js';
import { TimeWindow } from '../../src/core/time-window.js';

describe('checkWindow', () => {
  it.each([
    ['calls', { calls: 1 }, { calls: 1 }],
    ['many calls', { calls: 1_000_000 }, { calls: 1_000_000 }],
    ['time, in ten buckets', { time: 10_000 }, { time: 10_000, buckets: 10 }],
    ['time in buckets', { time: 1, buckets: 1_000 }, { time: 1, buckets: 1_000 }],
    ['undefined as not given', { calls: undefined, time: 5, buckets: undefined }, { time: 5, buckets: 10 }],
    ['time undefined', { calls: 5, time: undefined }, { calls: 5 }],
  ])('accepts %s', (_, spec, expected) => {
    expect(checkWindow('window', spec)).toStrictEqual(expected);
  });

  it.each([
    ['no object', 10, TypeError, 'trip.window must be an object, got 10'],
    ['null', null, TypeError, 'trip.window must be an object'],
    ['neither', {}, TypeError, 'trip.window must have either calls or time, got neither'],
    ['both', { calls: 1, time: 1 }, TypeError, 'trip.window must have either calls or time, got both'],
    ['buckets of calls', { calls: 1, buckets: 1 }, TypeError, 'trip.window.buckets'],
    ['an unknown name', { time: 1, bucket: 1 }, TypeError, "trip.window has no option 'bucket'"],
    ['no calls', { calls: 0 }, RangeError, 'trip.window.calls must be from 1 to 1000000, got 0'],
    ['too many calls', { calls: 1_000_001 }, RangeError, 'trip.window.calls'],
    ['part of a call', { calls: 1.5 }, RangeError, 'trip.window.calls must be a whole number'],
    ['calls that are no number', { calls: '5' }, TypeError, "trip.window.calls must be a number from 1 to 1000000, got '5'"],
    ['calls that are null', { calls: null }, TypeError, 'trip.window.calls'],
    ['no time', { time: 0 }, RangeError, 'trip.window.time must be of at least 1 and finite, got 0'],
    ['time below 0', { time: -1 }, RangeError, 'trip.window.time'],
    ['NaN', { time: NaN }, RangeError, 'trip.window.time'],
    ['endless time', { time: Infinity }, RangeError, 'trip.window.time'],
    ['no buckets', { time: 1, buckets: 0 }, RangeError, 'trip.window.buckets must be from 1 to 1000, got 0'],
    ['too many buckets', { time: 1, buckets: 1_001 }, RangeError, 'trip.window.buckets'],
    ['part of a bucket', { time: 1, buckets: 2.5 }, RangeError, 'trip.window.buckets'],
  ])('refuses %s', (_, spec, type, message) => {
    expect(() => checkWindow('trip.window', spec)).toThrow(type);
    expect(() => checkWindow('trip.window', spec)).toThrow(message);
  });
});

describe('outcomeWindow', () => {
  it('makes the kind that the spec names', () => {
    expect(outcomeWindow({ calls: 5 })).toBeInstanceOf(CountWindow);
    expect(outcomeWindow({ time: 5 })).toBeInstanceOf(TimeWindow);
  });

  it('ages in ten buckets unless told', () => {
    const ten = outcomeWindow({ time: 100 });
    const two = outcomeWindow({ time: 100, buckets: 2 });
    for (const window of [ten, two]) window.record(true, false, 49);
    expect([ten.calls(139), ten.calls(140)]).toStrictEqual([1, 0]);
    expect([two.calls(99), two.calls(100)]).toStrictEqual([1, 0]);
  });
});
