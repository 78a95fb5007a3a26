import { describe, expect, it } from 'vitest';
import { retryAfterOf as retryAfterBy } from '../../src/core/retry-after.js';

/** Wed, 15 Jul 2026 12:00:00 GMT */
const now = Date.UTC(2026, 6, 15, 12);
const retryAfterOf = (subject: unknown, at: number): number | undefined => retryAfterBy(subject, { now: () => at });
const withHeader = (value: unknown): unknown => ({ headers: { 'retry-after': value } });

describe('retryAfterOf', () => {
  it.each<[string, unknown, number | undefined]>([
    ['its own milliseconds', { retryAfter: 120 }, 120],
    ['0', { retryAfter: 0 }, 0],
    ['a negative time as 0', { retryAfter: -5 }, 0],
    ['NaN as none', { retryAfter: NaN }, undefined],
    ['NaN as none, and the header behind it', { retryAfter: NaN, headers: { 'Retry-After': '1' } }, 1_000],
    ['a text as none', { retryAfter: '120' }, undefined],
    ['Infinity as the longest there is', { retryAfter: Infinity }, Number.MAX_SAFE_INTEGER],
    ['its own before the header', { retryAfter: 5, headers: { 'retry-after': '1' } }, 5],
    ['Headers', { headers: new Headers({ 'Retry-After': '3' }) }, 3_000],
    ['a Response', new Response(null, { status: 503, headers: { 'Retry-After': '3' } }), 3_000],
    ['a plain object in any case of letters', { headers: { 'RETRY-after': '3' } }, 3_000],
    ['the response of an error', { response: { headers: { 'retry-after': '4' } } }, 4_000],
    ['a list of pairs', { headers: [['a', 'b'], ['Retry-After', '5']] }, 5_000],
    ['names and values in turn', { headers: ['a', 'Retry-After', 'Retry-After', '6'] }, 6_000],
    ['the first of several values', { headers: { 'retry-after': ['7', '8'] } }, 7_000],
    ['a number', withHeader(8), 8_000],
    ['what is neither text nor number as none', withHeader({ toString: () => '8' }), undefined],
    ['the second spelling where the first says nothing', { headers: { 'retry-after': undefined, 'Retry-After': '8' } }, 8_000],
    ['pairs among which something else stands', { headers: [['a', 'b'], 5, ['Retry-After', '8']] }, 8_000],
    ['pairs of which one has no text for a name', { headers: [[5, 'b'], ['Retry-After', '8']] }, 8_000],
    ['headers that are null, and those of the response behind them', { headers: null, response: { headers: { 'retry-after': '8' } } }, 8_000],
    ['headers where the response is null', { headers: { 'retry-after': '8' }, response: null }, 8_000],
    ['headers where there is no response', { headers: { 'retry-after': '8' }, response: undefined }, 8_000],
    ['nothing', {}, undefined],
    ['headers that are nothing', { headers: null }, undefined],
    ['a text for a subject', 'Retry-After: 5', undefined],
    ['null', null, undefined],
    ['undefined', undefined, undefined],
  ])('reads %s', (_title, subject, ms) => {
    expect(retryAfterOf(subject, now)).toBe(ms);
  });

  it.each<[string, number | undefined]>([
    ['0', 0],
    ['120', 120_000],
    [' 120 ', 120_000],
    ['0120', 120_000],
    ['99999999999999999999', Number.MAX_SAFE_INTEGER],
    ['', undefined],
    ['-1', undefined],
    ['+1', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['120, 120', undefined],
    ['soon', undefined],
    ['Wed, 15 Jul 2026 12:00:30 GMT', 30_000],
    ['Wednesday, 15-Jul-26 12:00:30 GMT', 30_000],
    ['Wed Jul 15 12:00:30 2026', 30_000],
    ['Wed Jul  1 12:00:30 2026', 0],
    ['Wed, 15 Jul 2026 11:59:59 GMT', 0],
    ['Wed, 15 Jul 2026 12:00:60 GMT', 59_000],
    ['Wed, 15 Jul 2026 12:00:61 GMT', undefined],
    ['Wed, 15 Jul 2026 23:59:59 GMT', 43_199_000],
    ['Wed, 15 Jul 2026 24:00:00 GMT', undefined],
    ['Wed, 15 Jul 2026 13:60:00 GMT', undefined],
    ['Wed, 15 Jul 2026 13:59:00 GMT', 7_140_000],
    ['Wed, 99 Jul 2026 12:00:00 GMT', undefined],
    ['Wed, 31 Jun 2026 12:00:00 GMT', undefined],
    ['Wed, 00 Jul 2026 12:00:00 GMT', undefined],
    ['Wed, 15 jul 2026 12:00:30 GMT', undefined],
    ['Wed, 15 Jul 2026 12:00:30 UTC', undefined],
    ['Wed, 15 Jul 2026 12:00:30', undefined],
    ['Wed, 5 Jul 2026 12:00:30 GMT', undefined],
    ['2026-07-15T12:00:30Z', undefined],
    ['Thu, 29 Feb 2024 12:00:00 GMT', 0],
    ['Sat, 29 Feb 2025 12:00:00 GMT', undefined],
  ])('takes the header %j for %s ms', (value, ms) => {
    expect(retryAfterOf(withHeader(value), now)).toBe(ms);
  });

  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

  it.each(months.map((month, at) => [month, at] as const))('knows %s', (month, at) => {
    const ms = Date.UTC(2027, at, 3, 12) - now;
    expect(retryAfterOf(withHeader(`Sun, 03 ${month} 2027 12:00:00 GMT`), now)).toBe(ms);
    expect(retryAfterOf(withHeader(`Sunday, 03-${month}-27 12:00:00 GMT`), now)).toBe(ms);
    expect(retryAfterOf(withHeader(`Sun ${month}  3 12:00:00 2027`), now)).toBe(ms);
  });

  it.each([
    ['60', 2060],
    ['76', 2076],
    ['77', 1977],
    ['94', 1994],
  ])('takes the year %s for %i', (digits, year) => {
    const ms = retryAfterOf(withHeader(`Sunday, 15-Jul-${digits} 12:00:00 GMT`), now);
    expect(ms).toBe(Math.max(0, Date.UTC(year, 6, 15, 12) - now));
  });

  it('takes two digits for the next century where that is nearer', () => {
    const late = Date.UTC(2080, 0, 1);
    expect(retryAfterOf(withHeader('Sunday, 01-Jan-10 00:00:00 GMT'), late)).toBe(Date.UTC(2110, 0, 1) - late);
    // Exactly fifty years ahead is not more than fifty.
    expect(retryAfterOf(withHeader('Sunday, 01-Jan-30 00:00:00 GMT'), late)).toBe(Date.UTC(2130, 0, 1) - late);
    expect(retryAfterOf(withHeader('Sunday, 01-Jan-31 00:00:00 GMT'), late)).toBe(0);
  });

  it("measures a date from the response's own Date, so that a wrong clock does not matter", () => {
    const headers = { 'retry-after': 'Wed, 15 Jul 2026 12:00:30 GMT', date: ' Wed, 15 Jul 2026 12:00:10 GMT ' };
    expect(retryAfterOf({ headers }, now + 86_400_000)).toBe(20_000);
  });

  it('measures it from the present time where the Date cannot be read', () => {
    const headers = { 'retry-after': 'Wed, 15 Jul 2026 12:00:30 GMT', date: 'today' };
    expect(retryAfterOf({ headers }, now)).toBe(30_000);
  });

  it('asks for nothing where a foreign getter throws', () => {
    const thrower = {
      get headers(): never {
        throw new Error('no');
      },
    };
    expect(retryAfterOf(thrower, now)).toBe(undefined);
  });
});
