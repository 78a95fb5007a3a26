import { seededRandom } from 'rxjs-resilience/testing';
import { expect, it } from 'vitest';

const draw = (random: () => number, count: number): readonly number[] => Array.from({ length: count }, random);

it('gives this sequence for this seed, on every engine', () => {
  expect(draw(seededRandom(1), 4).map((number) => number * 2 ** 32)).toStrictEqual([1580013426, 350525680, 3524174333, 3011703609]);
});

it('gives the same sequence for the same seed, and another for another', () => {
  expect(draw(seededRandom(7), 50)).toStrictEqual(draw(seededRandom(7), 50));
  expect(draw(seededRandom(8), 5)).not.toStrictEqual(draw(seededRandom(7), 5));
});

it.each([0, 1, -1, 2 ** 31, -(2 ** 31), 2 ** 32 - 1])('spreads over 0 to 1 evenly from %d', (seed) => {
  const numbers = draw(seededRandom(seed), 10_000);
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  for (let tenth = 0; tenth < 10; tenth++) {
    const count = numbers.filter((number) => Math.floor(number * 10) === tenth).length;
    expect(count).toBeGreaterThan(880);
    expect(count).toBeLessThan(1_120);
  }
});

it('refuses what is no whole number of 32 bits', () => {
  expect(() => seededRandom(1.5)).toThrow(new RangeError('seed must be a whole number from -2147483648 to 4294967295, got 1.5'));
  expect(() => seededRandom(2 ** 32)).toThrow(RangeError);
  expect(() => seededRandom(NaN)).toThrow(RangeError);
  expect(() => seededRandom('a' as never)).toThrow(TypeError);
});
