import type { CircuitName } from './client.ts';
import type { Report } from './report.ts';
import { backendNames, clientNames, type PhaseSpan } from './scenario.ts';
import { type Paint, toneOf } from './terminal.ts';

const levels = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

const circuitSigns: Readonly<Record<CircuitName, string>> = { closed: '─', 'half-open': '┄', open: '╳', isolated: '╳' };

const labelWidth = 18;

/** A bar as high as the share; full only where nothing is missing, at the bottom only where there is nothing. */
export function bar(share: number | null): string {
  if (share === null) return ' ';
  if (share === 0 || share === 1) return levels[share * 7]!;
  return levels[1 + Math.min(5, Math.floor(share * 6))]!;
}

/** Column by column what went well, with the state of the circuit, within so many columns. */
export function timelineLines({ timeline, phases }: Report, columns: number, paint: Paint): string[] {
  const { slice, success, circuits } = timeline;
  const count = circuits.payments.length;
  const wide = Math.max(1, Math.min(3, Math.floor((columns - labelWidth) / count)));
  const line = (label: string, cells: readonly string[]): string => label.padEnd(labelWidth) + cells.join('');
  const lines = [
    line('seconds', [axis(count, slice, wide)]),
    line('phase of payments', [phaseRow(phases, slice, wide)]),
  ];
  for (const name of backendNames) {
    lines.push(paint(name, 'bold'));
    for (const client of clientNames) {
      const cells = success[name][client].map((share) => paint(bar(share).repeat(wide), toneOf(share ?? undefined)));
      lines.push(line(`  ${client}`, cells));
    }
    const states = circuits[name].map((state) =>
      paint(circuitSigns[state].repeat(wide), state === 'closed' ? 'dim' : state === 'half-open' ? 'fair' : 'bad'));
    lines.push(line('  its circuit', states));
  }
  return [...lines, 'bars: answered, 0 to 100 %   circuit: ─ closed  ╳ open  ┄ half-open'];
}

function axis(count: number, slice: number, wide: number): string {
  let text = '';
  for (let column = 0; column < count; column += 5) {
    text = text.padEnd(column * wide) + `${Math.round((column * slice) / 1_000)}`;
  }
  return text;
}

/** The names of the phases, each behind a stroke where it begins, cut to the room that it has. */
function phaseRow(phases: readonly PhaseSpan[], slice: number, wide: number): string {
  let text = '';
  for (const { name, from, to } of phases) {
    const start = Math.round(from / slice) * wide;
    const end = Math.round(to / slice) * wide;
    text = text.padEnd(start) + `│${name}`.slice(0, Math.max(0, end - start));
  }
  return text;
}
