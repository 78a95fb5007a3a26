import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

it('20,000 keys come and go: the streams of those that have left are complete, and the heap is level', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'keyed-'));
  try {
    const outfile = path.join(folder, 'heap.mjs');
    const entry = path.join(import.meta.dirname, 'per-key-heap.ts');
    await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm' });
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', outfile]);
    const { grown, left, size } = JSON.parse(stdout) as Record<string, number>;
    expect([size, left]).toStrictEqual([100, 100]);
    // A policy that is kept has some 2,000 bytes: a twentieth of those that have left would be seen.
    expect(grown).toBeLessThan(2_000_000);
  } finally {
    await rm(folder, { recursive: true });
  }
}, 60_000);
