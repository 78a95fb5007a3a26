import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Due, DueHeap } from '../../src/core/due-heap.js';

const numRuns = Number(process.env['RESILIENCE_RUNS'] ?? 300);

const item = (due: number, order: number): Due => ({ due, order, slot: -1 });

const drained = (heap: DueHeap<Due>): string[] => {
  const out: string[] = [];
  for (let { first } = heap; first !== undefined; { first } = heap) {
    out.push(`${first.due} ${first.order}`);
    heap.remove(first);
  }
  return out;
};

describe('a heap of what is due', () => {
  it('gives the first one, and of those that are due together the one that came first', () => {
    const heap = new DueHeap<Due>();
    [5, 3, 5, 9, 3].forEach((due, order) => heap.add(item(due, order)));
    expect(drained(heap)).toStrictEqual(['3 1', '3 4', '5 0', '5 2', '9 3']);
  });

  it('removes nothing that is not in it', () => {
    const [heap, other] = [new DueHeap<Due>(), new DueHeap<Due>()];
    const [one, two] = [item(1, 0), item(2, 1)];
    heap.add(one);
    other.add(two);
    expect([heap.remove(two), heap.remove(one), heap.remove(one), other.first]).toStrictEqual([false, true, false, two]);
  });

  it('agrees with a sorted list, whatever is added and removed', () => {
    const step = fc.record({ due: fc.integer({ min: 0, max: 20 }), leaves: fc.option(fc.nat({ max: 40 }), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const heap = new DueHeap<Due>();
        let model: Due[] = [];
        steps.forEach(({ due, leaves }, order) => {
          const added = item(due, order);
          heap.add(added);
          model.push(added);
          const leaver = leaves === undefined ? undefined : model[leaves];
          if (leaver !== undefined) {
            expect(heap.remove(leaver)).toBe(true);
            model = model.filter((other) => other !== leaver);
          }
          model.sort((a, b) => a.due - b.due || a.order - b.order);
          expect(heap.first).toBe(model[0]);
        });
        expect(drained(heap)).toStrictEqual(model.map(({ due, order }) => `${due} ${order}`));
      }),
      { numRuns },
    );
  });

  it.each([
    ['oldest first', (i: number) => i],
    ['newest first', (i: number) => -i],
    ['in any order', (i: number) => (i * 7_919) % 10_007],
  ])('takes and gives back 10,000 entries that come %s in a few steps each', (_title, dueOf) => {
    let looks = 0;
    class Counted implements Due {
      slot = -1;
      constructor(private readonly at: number, readonly order: number) {}
      get due(): number {
        looks++;
        return this.at;
      }
    }
    const heap = new DueHeap<Due>();
    const all = Array.from({ length: 10_000 }, (_, i) => new Counted(dueOf(i), i));
    for (const one of all) heap.add(one);
    for (const one of all) heap.remove(one);
    expect(heap.first).toBeUndefined();
    // Twice 13 levels, with two comparisons of two entries each, is the most.
    expect(looks / all.length).toBeLessThan(110);
  });
});
