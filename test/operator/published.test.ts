import { describe, expect, it } from 'vitest';
import { Published } from '../../src/operator/published.js';

function published(start: number): { set: (to: number) => void; of: Published<number>; observed: boolean[] } {
  let value = start;
  const observed: boolean[] = [];
  const of = new Published(
    () => value,
    (a, b) => a === b,
    (listening) => observed.push(listening),
  );
  const set = (to: number): void => {
    value = to;
    of.push();
  };
  return { set, of, observed };
}

describe('a published value', () => {
  it('is there at once, and then each change of it', () => {
    const { set, of } = published(1);
    const seen: number[] = [];
    of.stream.subscribe((value) => seen.push(value));
    set(2);
    set(2);
    set(3);
    expect(seen).toStrictEqual([1, 2, 3]);
  });

  it('gives a later subscriber the present value only', () => {
    const { set, of } = published(1);
    of.stream.subscribe();
    set(2);
    const seen: number[] = [];
    of.stream.subscribe((value) => seen.push(value));
    expect(seen).toStrictEqual([2]);
  });

  it('tells every listener in order where one of them causes a change', () => {
    const { set, of } = published(1);
    const [first, second]: number[][] = [[], []];
    of.stream.subscribe((value) => {
      first!.push(value);
      if (value === 2) set(3);
    });
    of.stream.subscribe((value) => second!.push(value));
    set(2);
    expect(first).toStrictEqual([1, 2, 3]);
    expect(second).toStrictEqual([1, 2, 3]);
  });

  it('gives a listener that comes while others are told each value once', () => {
    const { set, of } = published(1);
    const late: number[] = [];
    let joined = false;
    of.stream.subscribe((value) => {
      if (value !== 2 || joined) return;
      joined = true;
      of.stream.subscribe((seen) => late.push(seen));
      set(3);
    });
    set(2);
    expect(late).toStrictEqual([2, 3]);
  });

  it('says with each listener that somebody listens, and when nobody does any more', () => {
    const { of, observed } = published(1);
    const one = of.stream.subscribe();
    const two = of.stream.subscribe();
    one.unsubscribe();
    expect(observed).toStrictEqual([true, true]);
    two.unsubscribe();
    expect(observed).toStrictEqual([true, true, false]);
  });

  it('completes, and gives later subscribers the last value and the completion', () => {
    const { set, of } = published(1);
    const seen: unknown[] = [];
    of.stream.subscribe({ next: (value) => seen.push(value), complete: () => seen.push('complete') });
    set(2);
    of.complete();
    set(3);
    of.stream.subscribe({ next: (value) => seen.push(value), complete: () => seen.push('complete') });
    expect(seen).toStrictEqual([1, 2, 'complete', 2, 'complete']);
  });

  it('gives every listener the last value before the completion that one of them has caused', () => {
    const { set, of } = published(1);
    const seen: unknown[] = [];
    of.stream.subscribe((value) => {
      if (value === 2) of.complete();
    });
    of.stream.subscribe({ next: (value) => seen.push(value), complete: () => seen.push('complete') });
    set(2);
    expect(seen).toStrictEqual([1, 2, 'complete']);
  });

  it('publishes undefined like every other value', () => {
    let value: number | undefined = 1;
    const of = new Published<number | undefined>(() => value, Object.is, () => undefined);
    const seen: unknown[] = [];
    of.stream.subscribe((next) => seen.push(next));
    value = undefined;
    of.push();
    value = 2;
    of.push();
    expect(seen).toStrictEqual([1, undefined, 2]);
  });
});
