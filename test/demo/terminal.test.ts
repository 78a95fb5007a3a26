import { describe, expect, it } from 'vitest';
import { duration, percent } from '../../docs/demo/format.ts';
import { frameLines, logLine } from '../../docs/demo/frame.ts';
import type { Snapshot } from '../../docs/demo/snapshot.ts';
import { canRedraw, clip, colourful, paintFor, plain } from '../../docs/demo/terminal.ts';
import { bar } from '../../docs/demo/timeline.ts';

const terminal = { isTTY: true, write: () => true };
const pipe = { write: () => true };
const width = (line: string): number => [...line.replaceAll(/\u001b\[[0-9;]*m/g, '')].length;  

const snapshot: Snapshot = {
  time: 12_300,
  length: 20_000,
  phase: 'hanging',
  rows: [
    {
      backend: 'payments', client: 'bare', success: 0, served: 0, inFlight: 200, queued: 341,
      refused: { open: 0, full: 0, shed: 0 }, circuit: undefined,
    },
    {
      backend: 'payments', client: 'resilient', success: 0.01, served: 1, inFlight: 1, queued: 0,
      refused: { open: 400, full: 12, shed: 3 }, circuit: 'open',
    },
  ],
};

describe('the terminal', () => {
  it('is drawn over only where it is one', () => {
    expect(canRedraw(terminal, {})).toBe(true);
    expect(canRedraw(pipe, {})).toBe(false);
    expect(canRedraw(terminal, { TERM: 'dumb' })).toBe(false);
  });

  it.each([
    ['a terminal', terminal, {}, colourful],
    ['a terminal with an empty NO_COLOR', terminal, { NO_COLOR: '' }, colourful],
    ['a terminal with NO_COLOR', terminal, { NO_COLOR: '1' }, plain],
    ['a pipe', pipe, {}, plain],
  ])('paints for %s', (_, output, environment, paint) => {
    expect(paintFor(output, environment)).toBe(paint);
  });

  it('cuts a line without counting its colours, and ends them', () => {
    const line = `ab${colourful('cdef', 'good')}gh`;
    expect(clip(line, 4)).toBe('ab\u001b[32mcd\u001b[0m');
    expect(clip(line, 6)).toBe('ab\u001b[32mcdef\u001b[0m');
    expect(clip(line, 8)).toBe(line);
    expect(clip('█▁', 1)).toBe('█');
    expect(clip('ab', 0)).toBe('');
  });
});

describe('the live view', () => {
  it.each([200, 80, 40, 20, 8, 1])('fits into %i columns', (columns) => {
    for (const line of frameLines(snapshot, columns, colourful)) expect(width(clip(line, columns))).toBeLessThanOrEqual(columns);
  });

  it('needs no more than 80 columns', () => {
    for (const line of frameLines(snapshot, 80, plain)) expect(width(line)).toBeLessThanOrEqual(79);
  });

  it('shows the time, the phase, and each client with its circuit', () => {
    const [, progress, , , bare, resilient] = frameLines(snapshot, 80, plain);
    expect(progress).toMatch(/^█{18}░{12} 12.3 of 20 s {2}payments: hanging$/);
    expect(bare).toMatch(/^payments +bare +0 % +0 % +200 +341 +- +-$/);
    expect(resilient).toMatch(/^ +resilient +1\.0 % +100 % +1 +0 +415 +open$/);
  });

  it('says the same in one line for a log', () => {
    expect(logLine(snapshot)).toBe(
      ' 12 s  hanging    | payments: bare 0 % (200 in flight, 341 queued); ' +
        'resilient 1.0 %, 100 % served (1 in flight, 0 queued, 415 refused, circuit open)',
    );
  });
});

describe('numbers', () => {
  it.each([
    [1, '100 %'], [0, '0 %'], [0.9999, '99.9 %'], [0.0001, '0.1 %'], [0.955, '95.5 %'], [undefined, '-'], [null, '-'],
  ])('writes the share %s as %s', (share, text) => {
    expect(percent(share)).toBe(text);
  });

  it.each([
    [0.4, '< 1 ms'], [12.4, '12 ms'], [999, '999 ms'], [1_500, '1.50 s'], [undefined, '-'],
  ])('writes %s ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it.each([
    [1, '█'], [0.999, '▇'], [0.5, '▅'], [0.001, '▂'], [0, '▁'], [null, ' '],
  ])('draws the share %s as %s', (share, sign) => {
    expect(bar(share)).toBe(sign);
  });
});
