import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readMarble } from '../../src/testing/moment.js';
import { draw, type Signs } from '../../src/testing/picture.js';

const runs = { numRuns: Number(process.env['RESILIENCE_RUNS'] ?? 300) };

/** Frames that rise, with one to three letters in each; whole ones, or with fractions. */
const signs = (step: fc.Arbitrary<number>): fc.Arbitrary<Signs> =>
  fc.array(fc.tuple(step, fc.array(fc.constantFrom('a', 'b', 'E'), { minLength: 1, maxLength: 3 })), { maxLength: 8 }).map((steps) => {
    let frame = 0;
    return steps.flatMap(([rest, letters]) => {
      frame = Math.round((frame + rest) * 1_000) / 1_000;
      return letters.map((letter) => [frame, letter] as const);
    });
  });
const whole = signs(fc.oneof(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 200 })));
const fractions = signs(fc.integer({ min: 1, max: 40_000 }).map((number) => number / 1_000));

/** What RxJS reads in a drawn line. */
function readBack(line: string): Signs {
  return readMarble(line).map(({ frame, notification }) => {
    if (notification.kind !== 'N') throw new Error(`a sign in ${line}`);
    return [Math.round(frame * 1_000) / 1_000, notification.value as string] as const;
  });
}

/** Whether brackets, which take time, leave room for what comes after them. */
function fits(line: Signs): boolean {
  return line.every(([frame]) => {
    const next = line.find(([other]) => other > frame);
    const count = line.filter(([other]) => other === frame).length;
    return next === undefined || next[0] >= frame + (count === 1 ? 1 : count + 2);
  });
}

it('every line that can be drawn is a marble diagram of just what happened', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(whole, fractions), { minLength: 1, maxLength: 3 }), (lines) => {
      draw(lines).lines.forEach((line, i) => {
        expect(line !== undefined).toBe(fits(lines[i]!));
        if (line !== undefined) expect(readBack(line)).toStrictEqual(lines[i]);
      });
    }),
    runs,
  );
});

it('what happens at one whole millisecond stands in one column of all lines', () => {
  fc.assert(
    fc.property(whole, whole, (first, second) => {
      const { column, lines } = draw([first, second]);
      for (const [i, line] of lines.entries()) {
        for (const [frame, sign] of [first, second][i]!) {
          if (line === undefined) continue;
          const at = column(frame)!;
          const group = /^\(([^)]*)\)/.exec(line.slice(at));
          expect(group?.[1] ?? line[at]).toContain(sign);
        }
      }
    }),
    runs,
  );
});
