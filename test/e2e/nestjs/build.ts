import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { output, root } from '../../package/process.ts';

export const folder: string = path.join(import.meta.dirname, 'app');

interface LockedPackage {
  readonly version?: string;
  readonly optional?: boolean;
}
const packagesOf = (file: string): Readonly<Record<string, LockedPackage>> =>
  (JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, LockedPackage> }).packages;

/** Whether what is installed is what the lock says. The library is beside it, and not in the lock. */
function isInstalled(): boolean {
  const file = path.join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(file)) return false;
  const found = packagesOf(file);
  return Object.entries(packagesOf(path.join(folder, 'package-lock.json'))).every(
    ([name, { version, optional = false }]) => name === '' || (found[name] === undefined ? optional : found[name].version === version),
  );
}

/** Compiles the application with a packed library in it, types and all. What the lock names is installed first, where it is not. */
export async function build(tarball: string): Promise<void> {
  if (!isInstalled()) {
    await output('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], folder);
  }
  const library = path.join(folder, 'node_modules', 'rxjs-resilience');
  await rm(library, { recursive: true, force: true });
  await mkdir(library, { recursive: true });
  await output('tar', ['-xzf', tarball, '-C', library, '--strip-components=1'], folder);
  await rm(path.join(folder, 'dist'), { recursive: true, force: true });
  await output(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'], folder);
}
