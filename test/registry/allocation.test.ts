import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

it('a call allocates not a byte more in a registry, nor where a hundred look at health and state', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'allocated-'));
  try {
    const outfile = path.join(folder, 'allocated.mjs');
    const entry = path.join(import.meta.dirname, 'allocated.ts');
    await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm' });
    // Without a compiler, which allocates when it likes and removes allocations when it can, the figures are exact.
    const flags = ['--jitless', '--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512'];
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, outfile]);
    const { outside, registered, watched } = JSON.parse(stdout) as Record<string, number>;
    expect(outside).toBeGreaterThan(500);
    expect({ registered, watched }).toStrictEqual({ registered: outside, watched: outside });
  } finally {
    await rm(folder, { recursive: true });
  }
}, 60_000);
