export type Tone = 'good' | 'fair' | 'bad' | 'dim' | 'bold';
export type Paint = (text: string, tone: Tone) => string;

const codes: Readonly<Record<Tone, string>> = { good: '32', fair: '33', bad: '31', dim: '2', bold: '1' };

export const colourful: Paint = (text, tone) => `\u001b[${codes[tone]}m${text}\u001b[0m`;
export const plain: Paint = (text) => text;

export interface Output {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the output can be drawn over. */
export function canRedraw({ isTTY }: Output, { TERM }: Environment): boolean {
  return isTTY === true && TERM !== 'dumb';
}

/** Colours for people at a terminal who have not said that they want none (https://no-color.org). */
export function paintFor(output: Output, environment: Environment): Paint {
  return canRedraw(output, environment) && !environment['NO_COLOR'] ? colourful : plain;
}

// A colour code or one character.
const pieces = /\u001b\[[0-9;]*m|[^]/gu;  

/** The line cut to so many columns; colours take none, and are ended where the line is cut. */
export function clip(line: string, columns: number): string {
  let width = 0;
  let clipped = '';
  let coloured = false;
  for (const piece of line.match(pieces) ?? []) {
    if (piece.length > 1 && piece.startsWith('\u001b')) coloured = !piece.endsWith('[0m');
    else if (++width > columns) return coloured ? `${clipped}\u001b[0m` : clipped;
    clipped += piece;
  }
  return clipped;
}

export function toneOf(share: number | undefined): Tone {
  if (share === undefined) return 'dim';
  if (share >= 0.99) return 'good';
  return share >= 0.5 ? 'fair' : 'bad';
}
