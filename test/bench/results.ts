import type { Case, Target } from './case.ts';
import type { Setting } from './jobs.ts';
import type { Samples } from './measure.ts';
import { type Estimate, estimateOf, median, ratios } from './statistics.ts';

export interface TargetResult {
  readonly of: string;
  readonly against: string;
  readonly atMost: number;
  readonly ratio: Estimate;
  readonly met: boolean;
}

export interface SettingResult {
  /** Time of each contender in relation to that of the base. */
  readonly toBase: Readonly<Record<string, Estimate>>;
  /** Nanoseconds of each operation: differ from machine to machine, and on one machine from hour to hour. */
  readonly nanoseconds: Readonly<Record<string, number>>;
  readonly targets: readonly TargetResult[];
}

export interface CaseResult {
  readonly group: string;
  readonly name: string;
  readonly base: string;
  readonly settings: Readonly<Partial<Record<Setting, SettingResult>>>;
}

export interface MemoryResult {
  readonly name: string;
  readonly bytes: number;
  readonly atMost?: number;
  readonly met?: boolean;
}

/** The ratio of two contenders in every round of every process. */
function ratio(processes: readonly Samples[], of: string, against: string): Estimate {
  return estimateOf(processes.map((samples) => ratios(samples[of]!, samples[against]!)));
}

function nanosecondsOf(processes: readonly Samples[], name: string): number {
  return median(processes.flatMap((samples) => samples[name]!));
}

function cheapestPeer(processes: readonly Samples[], base: string): string {
  const peers = Object.keys(processes[0]!).filter((name) => name !== base && !name.startsWith('ours'));
  return peers.reduce((best, name) => (nanosecondsOf(processes, name) < nanosecondsOf(processes, best) ? name : best));
}

function judge(processes: readonly Samples[], base: string, target: Target): TargetResult {
  const { of = 'ours', atMost } = target;
  const against = target.against === 'cheapest peer' ? cheapestPeer(processes, base) : target.against;
  const found = ratio(processes, of, against);
  return { of, against, atMost, ratio: found, met: found.median <= atMost };
}

/** What the samples of all processes of one case and setting say. */
export function settingResult({ base, targets }: Case, processes: readonly Samples[]): SettingResult {
  const names = Object.keys(processes[0]!);
  return {
    toBase: Object.fromEntries(names.map((name) => [name, ratio(processes, name, base)])),
    nanoseconds: Object.fromEntries(names.map((name) => [name, nanosecondsOf(processes, name)])),
    targets: targets.map((target) => judge(processes, base, target)),
  };
}

export function memoryResult(name: string, bytes: number, atMost: number | undefined): MemoryResult {
  return { name, bytes, ...(atMost === undefined ? {} : { atMost, met: bytes <= atMost }) };
}
