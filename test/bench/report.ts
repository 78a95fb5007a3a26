import { titleOf } from './case.ts';
import { type Setting, settings } from './jobs.ts';
import type { CaseResult, MemoryResult } from './results.ts';
import { inFlight } from './sources.ts';
import type { Estimate } from './statistics.ts';
import type { Versions } from './versions.ts';

/** Everything that a run found: what `--json` prints. */
export interface Report {
  readonly versions: Versions;
  readonly effort: Readonly<Record<string, string | number>>;
  readonly cases: readonly CaseResult[];
  readonly memory: readonly MemoryResult[];
  /** Bytes left of a bare import. */
  readonly bareImport?: number;
}

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Three digits say all that a measurement of time knows. */
export function figure(value: number): string {
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(1);
  return value.toFixed(value < 0.1 ? 3 : 2);
}

const withBounds = ({ median, low, high }: Estimate): string => `${figure(median)} (${figure(low)}-${figure(high)})`;

/** A dash where nothing was measured. */
function both(result: CaseResult, cell: (setting: Setting) => string | undefined): string[] {
  return settings.map((setting) => (result.settings[setting] === undefined ? undefined : cell(setting)) ?? '-');
}

function targetRows(result: CaseResult): string[][] {
  const { targets = [] } = result.settings.clean ?? result.settings.mixed ?? {};
  return targets.map(({ of, atMost }, i) => {
    const at = (setting: Setting) => result.settings[setting]?.targets[i];
    // The cheapest peer may be another one in the other setting.
    const against = [...new Set(both(result, (setting) => at(setting)?.against).filter((name) => name !== '-'))];
    return [
      titleOf(result) + (of === 'ours' ? '' : `, ${of}`),
      against.join(' / '),
      String(atMost),
      ...both(result, (setting) => at(setting) && `${withBounds(at(setting)!.ratio)} ${verdict(at(setting)!.ratio.median, atMost)}`),
    ];
  });
}

/** Says by how much a target is missed. */
export function verdict(found: number, atMost: number): string {
  if (found <= atMost) return 'met';
  return atMost === 0 ? 'MISSED' : `MISSED by ${(100 * (found / atMost - 1)).toFixed(0)} %`;
}

function furtherTargets({ memory, bareImport }: Report): string[][] {
  const rows = memory
    .filter(({ atMost }) => atMost !== undefined)
    .map(({ name, bytes, atMost }) => [
      `memory: held per call in flight, ${name}`, 'bytes', String(atMost), `${bytes.toFixed(0)} ${verdict(bytes, atMost!)}`, '-',
    ]);
  if (bareImport !== undefined) {
    rows.push(['size: a bare import', 'bytes', '0', `${bareImport} ${verdict(bareImport, 0)}`, '-']);
  }
  return rows;
}

/** Columns of the second table; what a case has besides stands in the last one. */
const columns = ['map', 'ours', 'rxjs', 'opossum', 'cockatiel'];

function contenderRow(result: CaseResult): string[] {
  const toBase = (name: string): string => {
    const cells = both(result, (setting) => figure(result.settings[setting]!.toBase[name]!.median));
    return cells.filter((cell) => cell !== '-').join(' / ');
  };
  const { toBase: found = {} } = result.settings.clean ?? result.settings.mixed ?? {};
  const others = Object.keys(found).filter((name) => name !== result.base && !columns.includes(name));
  return [
    titleOf(result),
    ...columns.map((name) => (name in found ? toBase(name) : '')),
    others.map((name) => `${name}: ${toBase(name)}`).join('; '),
  ];
}

export function tables(report: Report): Table[] {
  const { cases, memory } = report;
  const machines = cases.filter(({ group }) => group === 'pure machines');
  const made: Table[] = [
    {
      title: 'Targets',
      head: ['Work', 'against', 'to reach', 'clean', 'mixed'],
      rows: [...cases.flatMap(targetRows), ...furtherTargets(report)],
    },
    {
      title: 'In relation to bare (clean / mixed)',
      head: ['Work', ...columns, 'others'],
      rows: cases.filter(({ base }) => base === 'bare').map(contenderRow),
    },
    {
      title: 'Pure machines: time of an operation in relation to the first size',
      head: ['Machine', ...new Set(machines.flatMap(sizesOf))],
      rows: machines.map(machineRow),
    },
    {
      title: `Bytes held by each call in flight (${inFlight.toLocaleString('en')} in flight)`,
      head: ['What', 'bytes'],
      rows: memory.map(({ name, bytes }) => [name, bytes.toFixed(0)]),
    },
  ];
  return made.filter(({ rows }) => rows.length > 0);
}

const sizesOf = ({ settings: { clean } }: CaseResult): string[] => Object.keys(clean?.toBase ?? {});

function machineRow(result: CaseResult): string[] {
  return [result.name, ...Object.values(result.settings.clean!.toBase).map(({ median }) => figure(median))];
}
