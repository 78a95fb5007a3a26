import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

export const root: string = path.resolve(import.meta.dirname, '../..');

/** Pure machines that are measured and that the library does not export. */
const machines = ['outcome-window', 'permit-queue', 'retry-budget'];

export interface Built {
  /** Has `library/index.js` and `core/<machine>.js`. */
  readonly folder: string;
  remove(): Promise<void>;
}

/**
 * Builds the library as for publishing, into a folder of its own: a build that someone makes meanwhile changes nothing
 * in a run. With `library`, takes what was built there instead.
 */
export async function builtLibrary(library?: string): Promise<Built> {
  const cache = path.join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  // Within the repository, so that rxjs is found from there.
  const folder = await mkdtemp(path.join(cache, 'built-'));
  const target = path.join(folder, 'library');
  if (library === undefined) {
    const tsup = path.join(root, 'node_modules/tsup/dist/cli-default.js');
    const args = [tsup, '--silent', '--no-dts', '--format', 'esm', '--out-dir', target];
    await promisify(execFile)(process.execPath, args, { cwd: root });
  } else {
    await cp(library, target, { recursive: true });
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

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
