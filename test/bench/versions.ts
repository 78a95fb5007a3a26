import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from './build.ts';

export type Versions = Readonly<Record<string, string>>;

const versionOf = (folder: string): string =>
  (JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8')) as { version: string }).version;

/** The commit that was measured; with a `+` where files differ from it. */
function commit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  try {
    return git('rev-parse', '--short=10', 'HEAD') + (git('status', '--porcelain', '--', 'src') === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}

/** What was measured, and on what. */
export function versions(): Versions {
  return {
    'rxjs-resilience': `${versionOf('.')} (${commit()})`,
    ...Object.fromEntries(['rxjs', 'cockatiel', 'opossum'].map((name) => [name, versionOf(`node_modules/${name}`)])),
    node: process.versions.node,
    v8: process.versions.v8,
    machine: `${os.cpus().length} x ${os.cpus()[0]?.model.trim() ?? 'unknown'}, ${os.platform()} ${os.arch()}`,
  };
}
