import { type Report, type Table, tables } from './report.ts';

function asText({ title, head, rows }: Table): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ').trimEnd();
  return [title, line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function asMarkdown({ title, head, rows }: Table): string {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  return [`### ${title}`, '', line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const entries = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values).map(([name, value]) => `${name} ${value}`).join(', ');

const about = ({ versions, effort }: Report): string => `${entries(versions)}; ${entries(effort)}.`;

export const text = (report: Report): string => [about(report), ...tables(report).map(asText)].join('\n\n');

export const markdown = (report: Report): string => [about(report), ...tables(report).map(asMarkdown)].join('\n\n');
