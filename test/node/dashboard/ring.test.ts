import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Look, looks } from '../../../src/node/dashboard/client/looks.js';
import { type Amounts, Ring, slotCount, slotLength, slotOf } from '../../../src/node/dashboard/client/ring.js';

const start = 1_000;
const add = (ring: Ring, amounts: Amounts, slot: number): void => ring.add(amounts, slot * slotLength, (slot + 1) * slotLength);

/** The looks from the oldest to the latest, as `look*how often`. */
function seenBy(ring: Ring): string {
  const all: Look[] = [];
  ring.each((at) => void all.push(looks[ring.seen[at]!]!));
  const runs: [Look, number][] = [];
  for (const look of all) {
    const last = runs.at(-1);
    if (last?.[0] === look) last[1]++;
    else runs.push([look, 1]);
  }
  return runs.map(([look, count]) => `${look}*${count}`).join(' ');
}
const known = (ring: Ring): string => seenBy(ring).replace(/^\*\d+ /, '');

describe('the ring of the last minutes', () => {
  it('covers three minutes', () => {
    expect(slotCount * slotLength).toBe(180_000);
    expect([slotOf(0), slotOf(slotLength - 1), slotOf(slotLength)]).toStrictEqual([0, 0, 1]);
  });

  it('knows nothing of the time before it began', () => {
    const ring = new Ring(start);
    ring.look('closed');
    expect(seenBy(ring)).toBe(`*${slotCount - 1} closed*1`);
  });

  it('keeps a look until there is another one', () => {
    const ring = new Ring(start);
    ring.look('closed');
    ring.advance(start + 5);
    ring.look('open');
    ring.advance(start + 7);
    expect(known(ring)).toBe('closed*5 open*3');
  });

  it.each<[string, Look[], Look, Look]>([
    ['worse and back', ['closed', 'open', 'closed'], 'open', 'closed'],
    ['better', ['open', 'half-open', 'closed'], 'open', 'closed'],
    ['worse', ['up', 'degraded', 'down'], 'down', 'down'],
  ])('shows the worst of a slot, and then what it was last: %s', (_, all, then, after) => {
    const ring = new Ring(start);
    for (const look of all) ring.look(look);
    ring.advance(start + 1);
    expect(known(ring)).toBe(then === after ? `${then}*2` : `${then}*1 ${after}*1`);
  });

  it('leaves open what was while nobody listened', () => {
    const ring = new Ring(start);
    ring.look('up');
    ring.skip(start + 4);
    ring.look('down');
    expect(known(ring)).toBe('up*1 *3 down*1');
  });

  it.each<[number, string]>([
    [-2, 'open*2 closed*4'], [0, 'open*1 closed*3'], [2, 'closed*2 open*1 closed*1'], [3, 'closed*3 open*1'], [5, 'closed*5 open*1'],
  ])('shows also what was there for a moment, in slot %i', (offset, expected) => {
    const ring = new Ring(start);
    ring.look('closed');
    ring.advance(start + 3);
    ring.glimpse(start + offset, 'open');
    expect(known(ring)).toBe(expected);
    ring.advance(start + 200);
    ring.glimpse(start + 80, 'open');
    expect(seenBy(ring)).toBe(`closed*${slotCount}`);
  });

  it('takes from events what was before it began', () => {
    const ring = new Ring(start);
    ring.look('closed');
    ring.glimpse(start - 10, 'open');
    ring.glimpse(start - 4, 'closed');
    expect(known(ring)).toBe('open*6 closed*5');
  });

  it('takes no more from events than it can hold, and nothing of what it has seen itself', () => {
    const ring = new Ring(start);
    ring.look('closed');
    ring.advance(start + 3);
    ring.glimpse(0, 'open');
    expect(seenBy(ring)).toBe(`open*${slotCount - 4} closed*4`);
  });

  it('gives the rate of the slots that are complete', () => {
    const ring = new Ring(start);
    ring.look('up');
    expect(ring.rate(ring.calls)).toBe(0);
    add(ring, { calls: 1_000, bad: 0, other: 0 }, start);
    ring.advance(start + 1);
    add(ring, { calls: 30, bad: 3, other: 0 }, start + 1);
    ring.advance(start + 3);
    expect(ring.rate(ring.calls)).toBe(20);
    add(ring, { calls: 60, bad: 0, other: 6 }, start + 2);
    ring.advance(start + 4);
    expect([ring.rate(ring.calls), ring.rate(ring.bad), ring.rate(ring.other)]).toStrictEqual([30, 1, 2]);
    ring.advance(start + 9);
    expect(ring.rate(ring.calls)).toBe(0);
  });

  it.each([100, 700, 1_000, 1_400, 2_900])('gives the true rate where reports come every %i ms', (every) => {
    const ring = new Ring(start);
    const began = start * slotLength;
    let last = began;
    for (let at = began + every; at < began + 60_000; at += every) {
      ring.advance(slotOf(at));
      ring.look('up');
      ring.add({ calls: (40 * every) / 1_000, bad: 0, other: 0 }, last, at);
      last = at;
      if (at > began + 10_000 && every <= slotLength) expect(ring.rate(ring.calls)).toBeCloseTo(40, 3);
    }
    const held: number[] = [];
    ring.each((at) => void held.push(ring.calls[at]!));
    expect(held.reduce((sum, calls) => sum + calls)).toBeCloseTo((40 * (last - began)) / 1_000, 2);
  });

  it('keeps the worst latency of a slot, and forgets the latest one after a while', () => {
    const ring = new Ring(start);
    ring.look('up');
    ring.took(5, 9);
    ring.took(3, 20);
    expect([ring.recent(ring.p50), ring.recent(ring.p99)]).toStrictEqual([5, 20]);
    ring.advance(start + 4);
    expect(ring.recent(ring.p99)).toBe(20);
    ring.advance(start + 5);
    expect(ring.recent(ring.p99)).toBeNaN();
  });

  it('never remembers more than its slots, whatever the steps', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(300), fc.nat(1_000))), (steps) => {
        const ring = new Ring(start);
        ring.look('up');
        const added = new Map<number, number>();
        let slot = start;
        for (const [by, calls] of steps) {
          slot += by;
          ring.advance(slot);
          add(ring, { calls, bad: 0, other: 0 }, slot);
          added.set(slot, (added.get(slot) ?? 0) + calls);
        }
        const held: number[] = [];
        ring.each((at) => void held.push(ring.calls[at]!));
        const expected = Array.from({ length: slotCount }, (_, i) => added.get(slot - slotCount + 1 + i) ?? 0);
        expect(held).toStrictEqual(expected);
      }),
    );
  });
});
