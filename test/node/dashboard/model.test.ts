import { describe, expect, it } from 'vitest';
import { amountsOf, figure, since } from '../../../src/node/dashboard/client/counters.js';
import { count, lasting, milliseconds, rate, short, timeOf, visible } from '../../../src/node/dashboard/client/format.js';
import { lookAfter, lookOf, rankOf } from '../../../src/node/dashboard/client/looks.js';
import { Model } from '../../../src/node/dashboard/client/model.js';
import { slotLength } from '../../../src/node/dashboard/client/ring.js';
import type { EventMessage, PolicyView } from '../../../src/node/stream-messages.js';
import { breaker, health, policies } from '../../e2e/dashboard/told-service.js';

function view(kind: PolicyView['kind'], metrics: PolicyView['metrics']): PolicyView {
  return { policy: 'p', kind, mode: 'enforce', health: health('p'), metrics };
}

describe('what the dashboard reads of the counters', () => {
  it.each<[PolicyView['kind'], PolicyView['metrics'], number, number]>([
    ['circuitBreaker', { calls: 9, failures: 2, refused: 3 }, 2, 3],
    ['bulkhead', { calls: 9, refused: { full: 1, 'queue-timeout': 4 } }, 0, 5],
    ['retry', { calls: 9, retries: 7, exhausted: { attempts: 1, budget: 1 } }, 2, 7],
    ['loadShed', { calls: 9, shed: { critical: 1, sheddable: 2 } }, 0, 3],
    ['deadline', { calls: 9, expired: 4, expiredOnArrival: 1 }, 4, 1],
    ['fallback', { calls: 9, used: 4, failed: 1 }, 1, 4],
  ])('%s', (kind, metrics, bad, other) => {
    expect(amountsOf(view(kind, metrics))).toStrictEqual({ calls: 9, bad, other });
  });

  it.each([[{}], [{ calls: null, refused: null, shed: 'x', failures: NaN }], [{ calls: '7', refused: [null, 'x'] }]])(
    'takes nothing for a number that is none: %j',
    (metrics) => {
      for (const kind of ['circuitBreaker', 'bulkhead', 'loadShed', 'unheardOf'] as never[]) {
        expect(amountsOf(view(kind, metrics as never))).toStrictEqual({ calls: 0, bad: 0, other: 0 });
      }
      expect(figure(metrics as never, 'calls')).toBeUndefined();
      expect(figure(metrics as never, 'constructor')).toBeUndefined();
    },
  );

  it('counts from zero after a reset', () => {
    expect(since({ calls: 12, bad: 3, other: 1 }, { calls: 10, bad: 3, other: 0 })).toStrictEqual({ calls: 2, bad: 0, other: 1 });
    expect(since({ calls: 2, bad: 1, other: 0 }, { calls: 10, bad: 3, other: 0 })).toStrictEqual({ calls: 2, bad: 1, other: 0 });
    expect(since({ calls: 12, bad: 1, other: 0 }, { calls: 10, bad: 3, other: 0 })).toStrictEqual({ calls: 2, bad: 1, other: 0 });
  });
});

describe('the model of the dashboard', () => {
  const at = 1_000 * slotLength;
  const event = (type: string, when: number): EventMessage => ({ at: when, policy: 'a', kind: 'circuitBreaker', type, text: '' });

  function model(): { readonly model: Model; readonly changes: string[] } {
    const changes: string[] = [];
    return { model: new Model(({ policy }, look) => void changes.push(`${policy} ${look}`)), changes };
  }
  const names = (one: Model): string[] => one.order().map(({ view: { policy } }) => policy);

  it('has the worst first, then those of one name together, the breaker before the rest', () => {
    const { model: one } = model();
    const bulkhead = { ...view('bulkhead', {}), policy: 'b' };
    one.take(policies([bulkhead, breaker('d', 'half-open'), breaker('b'), breaker('a'), breaker('c', 'open')]), []);
    expect(one.order().map(({ key }) => key)).toStrictEqual([
      'circuitBreaker:c', 'circuitBreaker:d', 'circuitBreaker:a', 'circuitBreaker:b', 'bulkhead:b',
    ]);
  });

  it('tells of a policy that looks different, and not of one that is new', () => {
    const { model: one, changes } = model();
    one.take(policies([breaker('a'), breaker('b')]), []);
    one.take(policies([breaker('a', 'open')], { whole: false }), []);
    one.take(policies([breaker('a', 'open')], { whole: false }), []);
    expect(changes).toStrictEqual(['a open']);
    expect(names(one)).toStrictEqual(['a', 'b']);
  });

  it('lets those go that are gone, and those that a whole message does not name', () => {
    const { model: one } = model();
    one.take(policies(['a', 'b', 'c'].map((name) => breaker(name))), []);
    one.take(policies([], { whole: false, gone: [{ policy: 'b', kind: 'circuitBreaker' }, { policy: 'a', kind: 'retry' }] }), []);
    expect(names(one)).toStrictEqual(['a', 'c']);
    one.take(policies([breaker('c')]), []);
    expect(names(one)).toStrictEqual(['c']);
  });

  it('does not take names for members of objects', () => {
    const { model: one } = model();
    const strange = ['__proto__', 'constructor', 'toString', ''];
    one.take(policies(strange.map((name) => breaker(name))), []);
    expect(names(one)).toStrictEqual(['', '__proto__', 'constructor', 'toString']);
  });

  it('counts what came between two messages, and not what came in a gap', () => {
    const { model: one } = model();
    const counted = (calls: number, whole: boolean, slots: number): void =>
      one.take(policies([breaker('a', 'closed', { metrics: { calls } })], { whole, at: at + slots * slotLength }), []);
    counted(1_000, true, 0);
    counted(1_030, false, 1);
    counted(1_060, false, 2);
    one.advance(at + 3 * slotLength);
    const { ring } = one.order()[0]!;
    expect(ring.rate(ring.calls)).toBe(20);
    counted(9_000, true, 5);
    counted(9_030, false, 6);
    one.advance(at + 7 * slotLength);
    expect(ring.rate(ring.calls)).toBe(10);
  });

  it('learns from events how a circuit looked before the page was opened', () => {
    const { model: one } = model();
    one.take(policies([breaker('a')], { at }), [event('opened', at - 6 * slotLength), event('reset', at - 5 * slotLength), event('closed', at - 2 * slotLength)]);
    const { ring } = one.order()[0]!;
    const seen: number[] = [];
    ring.each((slot) => void seen.push(ring.seen[slot]!));
    expect(seen.slice(-8)).toStrictEqual([0, 7, 7, 7, 7, 5, 5, 5]);
    // The past may also come after the present: it is told at ten messages a second.
    const { model: other } = model();
    other.take(policies([breaker('a')], { at }), []);
    for (const [type, slots] of [['opened', 6], ['closed', 2]] as const) other.note(event(type, at - slots * slotLength));
    other.note({ ...event('opened', at), policy: 'b' });
    const told: number[] = [];
    other.order()[0]!.ring.each((slot) => void told.push(other.order()[0]!.ring.seen[slot]!));
    expect(told).toStrictEqual(seen);
  });
});

describe('the words of the dashboard', () => {
  it.each<[(value: number) => string, number, string]>([
    [lasting, -5, '0 s'], [lasting, 59_999, '59 s'], [lasting, 60_000, '1 min'], [lasting, 3_600_000, '1 h'], [lasting, 200_000_000, '2 days'],
    [count, 9_999, '9,999'], [count, 1_234_567, '1.23M'], [rate, 0, '0'], [rate, 0.34, '0.3'], [rate, 9.94, '9.9'], [rate, 9.96, '10'],
    [milliseconds, 0.4, '< 1 ms'], [milliseconds, 12.6, '13 ms'], [milliseconds, 1_250, '1.3 s'], [milliseconds, 12_500, '13 s'],
  ])('%o of %d is %s', (words, value, expected) => {
    expect(words(value)).toBe(expected);
  });

  it('has no time for what is none, and a name no longer than a sentence may be', () => {
    expect([timeOf(NaN), timeOf(Infinity), timeOf(9e15)]).toStrictEqual(['', '', '']);
    expect(timeOf(0)).toMatch(/^\d\d:\d\d:\d\d$/);
    expect([short('abc', 3), short('abcd', 3)]).toStrictEqual(['abc', 'abc…']);
  });

  it('shows what cannot be seen, and leaves everything else as it is', () => {
    expect(visible('a\u202Eb\u200Bc\u0000\n\u2066\uFEFF')).toBe('a\\u202eb\\u200bc\\u0000\\u000a\\u2066\\ufeff');
    for (const text of ['<b>&amp;', 'Zürich 東京 שלום', '😀 👩‍👩‍👧', '\\u202e']) expect(visible(text)).toBe(text);
    expect(short('\u202Eabc', 2)).toBe('\\u202ea…');
  });

  it('shows a circuit by its state and anything else by its health, and the unheard-of as unknown', () => {
    expect(lookOf(breaker('a', 'isolated'))).toBe('isolated');
    expect(lookOf({ ...view('bulkhead', {}), health: health('p', 'degraded') })).toBe('degraded');
    expect(lookOf({ ...view('bulkhead', {}), health: health('p', 'wobbly' as never) })).toBe('unknown');
    expect(['up', 'degraded', 'unknown', 'down', 'wobbly'].map((status) => rankOf(status as never))).toStrictEqual([0, 1, 2, 3, 0]);
    expect(lookAfter({ at: 0, policy: 'a', kind: 'circuitBreaker', type: 'toString', text: '' })).toBeUndefined();
  });
});
