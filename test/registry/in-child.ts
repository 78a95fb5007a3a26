import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

/** Runs a file of this folder in a process of its own, with these flags of the engine: what it prints are figures as JSON. */
export async function inChild(file: string, flags: readonly string[]): Promise<Readonly<Record<string, number>>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'figures-'));
  try {
    const outfile = path.join(folder, 'bundled.mjs');
    await build({ entryPoints: [path.join(import.meta.dirname, file)], outfile, bundle: true, platform: 'node', format: 'esm' });
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, outfile]);
    return JSON.parse(stdout) as Record<string, number>;
  } finally {
    await rm(folder, { recursive: true });
  }
}
