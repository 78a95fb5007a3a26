import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

/**
 * Runs a program of this folder in a process of its own, for zone.js changes the globals of its process: `first` is what
 * is loaded before the other. What the program prints is JSON.
 */
export async function inZones<T>(program: string, first: 'zone.js' | 'the library'): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'zones-'));
  try {
    const outfile = path.join(folder, 'bundled.mjs');
    const imports = ["import 'zone.js';", `import '../../src/index.ts';`];
    if (first === 'the library') imports.reverse();
    await build({
      stdin: { contents: `${imports.join('\n')}\nimport './${program}';`, resolveDir: import.meta.dirname, loader: 'ts' },
      ...{ outfile, bundle: true, ignoreAnnotations: true, platform: 'node', format: 'esm' },
    });
    const { stdout } = await promisify(execFile)(process.execPath, [outfile]);
    return JSON.parse(stdout) as T;
  } finally {
    await rm(folder, { recursive: true });
  }
}
