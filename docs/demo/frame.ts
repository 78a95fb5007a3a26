import { percent } from './format.ts';
import type { Snapshot, SnapshotRow } from './snapshot.ts';
import { type Paint, type Tone, toneOf } from './terminal.ts';

/** The live picture, line by line. */
export function frameLines(snapshot: Snapshot, columns: number, paint: Paint): string[] {
  const heading = `${'last second'.padEnd(20)}${cells(['answered', 'served', 'in flight', 'queued', 'refused']).join('')}  circuit`;
  return [
    paint('The same load on two clients at once', 'bold'),
    progress(snapshot, columns, paint),
    '',
    paint(heading, 'dim'),
    ...snapshot.rows.map((row) => rowLine(row, paint)),
  ];
}

/** A bar over the whole script, the time, and what the payments backend is like. */
export function progress({ time, length, phase }: Snapshot, columns: number, paint: Paint): string {
  const calm = phase === 'healthy' || phase === 'recovering';
  const text = ` ${(time / 1_000).toFixed(1).padStart(4)} of ${(length / 1_000).toFixed(0)} s  payments: `;
  const room = Math.max(0, Math.min(30, columns - text.length - 12));
  const done = Math.round((room * time) / length);
  return `${'█'.repeat(done)}${'░'.repeat(room - done)}${text}${paint(phase, calm ? 'good' : 'bad')}`;
}

function rowLine(row: SnapshotRow, paint: Paint): string {
  const { backend, client, success, served, inFlight, queued, refused, circuit } = row;
  const label = (client === 'bare' ? backend : '').padEnd(10) + client.padEnd(10);
  const all = refused.open + refused.full + refused.shed;
  const [answers, serves, ...counts] = cells([percent(success), percent(served), inFlight, queued, client === 'bare' ? '-' : all]);
  const shares = paint(answers!, toneOf(success)) + paint(serves!, toneOf(served));
  return `${label}${shares}${counts.join('')}  ${circuit === undefined ? '-' : paint(circuit, circuitTone(circuit))}`;
}

function circuitTone(circuit: string): Tone {
  return circuit === 'closed' ? 'good' : circuit === 'half-open' ? 'fair' : 'bad';
}

const widths = [9, 8, 11, 8, 9];

function cells(values: readonly (string | number)[]): string[] {
  return values.map((value, column) => String(value).padStart(widths[column]!));
}

/** The same in one line, for logs. */
export function logLine({ time, phase, rows }: Snapshot): string {
  const parts = rows.map(({ backend, client, success, served, inFlight, queued, refused, circuit }) => {
    const name = client === 'bare' ? ` | ${backend}: bare` : '; resilient';
    const counts = `${inFlight} in flight, ${queued} queued`;
    if (circuit === undefined) return `${name} ${percent(success)} (${counts})`;
    const all = refused.open + refused.full + refused.shed;
    return `${name} ${percent(success)}, ${percent(served)} served (${counts}, ${all} refused, circuit ${circuit})`;
  });
  return `${(time / 1_000).toFixed(0).padStart(3)} s  ${phase.padEnd(10)}${parts.join('')}`;
}
