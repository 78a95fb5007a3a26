import { duration, ordinalSecond, percent } from './format.ts';
import type { ClientReport, Report } from './report.ts';
import { backendNames } from './scenario.ts';
import type { Paint } from './terminal.ts';

type Cell = (report: ClientReport) => string;

const rows: readonly (readonly [string, Cell])[] = [
  ['answered before the outage', ({ before }) => percent(before.success)],
  ['answered in the outage', ({ outage }) => percent(outage.success)],
  ['answered in all', ({ whole }) => percent(whole.success)],
  ['answered in all, or by the fallback', ({ whole }) => percent(whole.served)],
  ['p50 before / in the outage', ({ before, outage }) => `${duration(before.p50)} / ${duration(outage.p50)}`],
  ['p99 before / in the outage', ({ before, outage }) => `${duration(before.p99)} / ${duration(outage.p99)}`],
  ['requests to the backend in the outage', ({ requestsInOutage }) => String(requestsInOutage)],
  ['wasted requests', ({ wasted }) => String(wasted)],
  ['recovered', ({ recoverySecond }) => ordinalSecond(recoverySecond)],
];

const labelWidth = Math.max(...rows.map(([label]) => label.length)) + 2;
const cellWidth = 18;
const fullWidth = 2 + labelWidth + 2 * cellWidth;

/** Bare against resilient, for each backend; where that does not fit, the numbers stand below what they are. */
export function tableLines({ backends }: Report, columns: number, paint: Paint): string[] {
  const row = (label: string, bare: string, resilient: string): string[] =>
    columns >= fullWidth
      ? [`  ${label.padEnd(labelWidth)}${bare.padStart(cellWidth)}${resilient.padStart(cellWidth)}`]
      : [`  ${label}`, `${bare.padStart(cellWidth)}${resilient.padStart(cellWidth)}`];
  const lines = row('', 'bare', 'resilient').filter((line) => line.trim() !== '').map((line) => paint(line, 'bold'));
  for (const name of backendNames) {
    const { bare, resilient } = backends[name];
    lines.push(paint(name, 'bold'), ...rows.flatMap(([label, cell]) => row(label, cell(bare), cell(resilient))), '');
  }
  return lines;
}

/** What the words in the table mean. */
export function legendLines({ rate, patience, phases }: Report): string[] {
  const outage = phases.filter(({ name }) => name !== 'healthy' && name !== 'recovering').map(({ name }) => name);
  return [
    `Each client makes ${rate} calls per second to each backend; a caller leaves after ${duration(patience)}.`,
    `answered   the backend itself answered while the caller was there; a fallback's answer is not counted`,
    `outage     payments is ${outage.join(', ')}; inventory is healthy throughout`,
    `p50, p99   time until the caller had an answer, a fallback or an error, or left; of all calls`,
    `requests   what reached the backend, retries included`,
    `wasted     requests that failed, or whose answer nobody awaited any more`,
    `recovered  the first second after the recovery of payments with at least 99 % answered`,
  ];
}
