import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

export const root: string = path.resolve(import.meta.dirname, '../..');

/** Pure machines that are measured and that the library does not export. */
const machines = ['outcome-window', 'permit-queue', 'retry-budget', 'token-budget'];

/**
 * Builds the library as for publishing, into `library` of a folder of its own: a build that someone makes meanwhile
 * changes nothing in a run. With `from`, takes what was built there instead. The folder lives as long as the process.
 */
export async function builtLibrary(from?: string): Promise<string> {
  const cache = path.join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  // Within the repository, so that rxjs is found from there.
  const folder = await mkdtemp(path.join(cache, 'built-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  process.once('SIGINT', () => process.exit(130));
  const target = path.join(folder, 'library');
  if (from === undefined) {
    const tsup = path.join(root, 'node_modules/tsup/dist/cli-default.js');
    const args = [tsup, '--silent', '--no-dts', '--format', 'esm', '--out-dir', target];
    await promisify(execFile)(process.execPath, args, { cwd: root });
  } else {
    await cp(from, target, { recursive: true });
  }
  return folder;
}

/** Puts the pure machines beside it, into `core`. */
export async function buildMachines(folder: string): Promise<void> {
  await build({
    entryPoints: machines.map((name) => path.join(root, `src/core/${name}.ts`)),
    outdir: path.join(folder, 'core'),
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
  });
}
