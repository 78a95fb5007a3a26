import { bareImport } from '../size/bundle.ts';
import { type Case, titleOf } from './case.ts';
import { cases } from './cases/index.ts';
import { memory, type Setting, settings, timing } from './jobs.ts';
import type { Effort, Samples } from './measure.ts';
import { memoryRows } from './memory.ts';
import type { Report } from './report.ts';
import { type CaseResult, memoryResult, type MemoryResult, settingResult, type SettingResult } from './results.ts';
import { versions } from './versions.ts';

export interface RunOptions {
  /** What was built, see build.ts. */
  readonly folder: string;
  /** One process for each row, clean: good for a first look, not for a judgement. */
  readonly quick: boolean;
  /** The rows to measure, by their titles. */
  readonly only: RegExp;
}

interface Plan extends Effort {
  readonly settings: 'clean' | 'clean and mixed';
  /** How many processes measure each row and setting, one after the other. */
  readonly processes: number;
  /** How often memory is measured. */
  readonly repeats: number;
}

const quickly: Plan = { settings: 'clean', processes: 1, rounds: 41, slice: 0.5, warmUp: 250, repeats: 1 };
const thoroughly: Plan = { settings: 'clean and mixed', processes: 2, rounds: 41, slice: 2, warmUp: 250, repeats: 3 };

type Timings = ReadonlyMap<string, readonly Samples[]>;

const keyOf = (one: Case, setting: Setting): string => `${setting} ${titleOf(one)}`;

function progress(message: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${message}`);
}

/** Process by process through all cases, so that none depends on one moment of the machine. */
async function timings(chosen: readonly Case[], folder: string, plan: Plan): Promise<Timings> {
  const { processes, rounds, slice, warmUp } = plan;
  const effort = { rounds, slice, warmUp };
  const found = new Map<string, Samples[]>();
  for (let nth = 1; nth <= processes; nth += 1) {
    for (const one of chosen) {
      for (const setting of settings) {
        if (setting === 'mixed' && (one.cleanOnly === true || plan.settings === 'clean')) continue;
        const key = keyOf(one, setting);
        progress(`${nth} of ${processes}: ${key}`);
        const samples = await timing({ kind: 'timing', title: titleOf(one), setting, effort }, folder);
        found.set(key, [...(found.get(key) ?? []), samples]);
      }
    }
  }
  return found;
}

function caseResult(one: Case, measured: Timings): CaseResult {
  const results = settings.flatMap((setting): [Setting, SettingResult][] => {
    const processes = measured.get(keyOf(one, setting));
    return processes === undefined ? [] : [[setting, settingResult(one, processes)]];
  });
  return { group: one.group, name: one.name, base: one.base, settings: Object.fromEntries(results) };
}

async function memoryResults(names: readonly string[], folder: string, repeats: number): Promise<MemoryResult[]> {
  const found: MemoryResult[] = [];
  for (const row of names) {
    progress(`memory: ${row}`);
    const bytes = await memory({ kind: 'memory', row, repeats }, folder);
    found.push(memoryResult(row, bytes, memoryRows[row]!().atMost));
  }
  return found;
}

export async function report({ folder, quick, only }: RunOptions): Promise<Report> {
  const plan = quick ? quickly : thoroughly;
  const chosen = cases.filter((one) => only.test(titleOf(one)));
  const rows = Object.keys(memoryRows).filter((name) => only.test(`memory: ${name}`));
  const held = await memoryResults(rows, folder, plan.repeats);
  const measured = await timings(chosen, folder, plan);
  progress('');
  return {
    versions: versions(),
    effort: { ...plan },
    cases: chosen.map((one) => caseResult(one, measured)),
    memory: held,
    ...(only.test('size: a bare import') ? { bareImport: await bareImport(folder, './library/index.js') } : {}),
  };
}
