import { byFrame } from './differences.js';
import { toMicro } from './moment.js';

/** Signs of one line of a picture, in the order in which they happen. */
export type Signs = readonly (readonly [frame: number, sign: string])[];

/** A quiet time of this length is written as a number. */
const longQuiet = 15;

interface Line {
  text: string;
  /** The first frame after what has been drawn. */
  end: number;
}

export interface Picture {
  /** The lines, each a valid marble diagram; undefined where none can show what happened. */
  readonly lines: readonly (string | undefined)[];
  /** Where a frame stands in the text, if it does. */
  column(frame: number): number | undefined;
}

/**
 * Draws lines one below the other, so that what happens at one time stands in one column. A long time in which nothing
 * happens in any of them is written as `30ms`. What happens in one frame stands in brackets, and as in every marble
 * diagram the brackets take time: what happens meanwhile cannot be drawn. Where something happens between two
 * milliseconds, each line stands for itself.
 */
export function draw(lines: readonly Signs[]): Picture {
  if (lines.flat().every(([frame]) => Number.isInteger(frame))) return drawTogether(lines);
  return { lines: lines.map((signs) => drawTogether([signs]).lines[0]), column: () => undefined };
}

function drawTogether(lines: readonly Signs[]): Picture {
  const drawn = lines.map((): Line => ({ text: '', end: 0 }));
  const possible = lines.map(isDrawable);
  const shown = lines.filter((_, i) => possible[i]);
  const frames = [...new Set(shown.flatMap((signs) => signs.map(([frame]) => frame)))].sort((a, b) => a - b);
  const signsAt = lines.map((signs) => byFrame(signs, ([frame]) => frame));
  const columns = new Map<number, number>();
  for (const frame of frames) {
    const end = Math.max(...drawn.map((line) => line.end));
    if (frame - end >= longQuiet || !Number.isInteger(frame - end)) {
      lines.forEach((signs, i) => {
        // Nothing is written behind the last sign of a line.
        if ((signs.at(-1)?.[0] ?? -1) >= frame) skip(drawn[i]!, end, frame);
      });
    }
    const [last] = [...drawn].sort((a, b) => b.end - a.end);
    columns.set(frame, last!.text.length + frame - last!.end);
    lines.forEach((_, i) => {
      if (possible[i]) put(drawn[i]!, frame, (signsAt[i]!.get(frame) ?? []).map(([, sign]) => sign));
    });
  }
  return {
    lines: drawn.map(({ text }, i) => (possible[i] ? text || '-' : undefined)),
    column: (frame) => columns.get(frame),
  };
}

function skip(line: Line, end: number, frame: number): void {
  dashes(line, end);
  line.text += `${line.text === '' ? '' : ' '}${toMicro(frame - end)}ms `;
  line.end = frame;
}

function put(line: Line, frame: number, signs: readonly string[]): void {
  if (signs.length === 0) return;
  dashes(line, frame);
  const text = signs.length === 1 ? signs[0]! : `(${signs.join('')})`;
  line.text += text;
  line.end = frame + text.length;
}

function dashes(line: Line, until: number): void {
  line.text += '-'.repeat(until - line.end);
  line.end = until;
}

/** From 0 on, and nothing within the brackets of what happened before. */
function isDrawable(signs: Signs): boolean {
  let free = 0;
  for (const [frame, { length: count }] of byFrame(signs, ([at]) => at)) {
    if (frame < free) return false;
    free = frame + (count === 1 ? 1 : count + 2);
  }
  return true;
}
