import { execFile } from 'node:child_process';
import path from 'node:path';
import type { Effort, Samples } from './measure.ts';

/** A clean process, or one in which thirty other operators of RxJS have run before. */
export type Setting = 'clean' | 'mixed';
export const settings: readonly Setting[] = ['clean', 'mixed'];

export interface TimingJob {
  readonly kind: 'timing';
  readonly title: string;
  readonly setting: Setting;
  readonly effort: Effort;
}

export interface MemoryJob {
  readonly kind: 'memory';
  readonly row: string;
  readonly repeats: number;
}

export type Job = TimingJob | MemoryJob;

const file = (name: string): string => path.join(import.meta.dirname, name);

function inProcess(job: Job, built: string): Promise<unknown> {
  const args = ['--expose-gc', '--import', file('hooks.ts'), file('worker.ts'), JSON.stringify(job)];
  const options = { env: { ...process.env, BENCH_BUILT: built }, maxBuffer: 1 << 26 };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout));
      else reject(new Error(`${JSON.stringify(job)}\n${stderr}`));
    });
  });
}

/** Each job has a process of its own: how one is compiled says nothing of the next. */
export const timing = (job: TimingJob, built: string): Promise<Samples> => inProcess(job, built) as Promise<Samples>;
export const memory = (job: MemoryJob, built: string): Promise<number> => inProcess(job, built) as Promise<number>;
