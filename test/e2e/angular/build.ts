import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { output } from '../../package/process.ts';

const folderOf = (app: string): string => path.join(import.meta.dirname, app);

interface LockedPackage {
  readonly version?: string;
  readonly optional?: boolean;
}
const packagesOf = (file: string): Readonly<Record<string, LockedPackage>> =>
  (JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, LockedPackage> }).packages;

/** Whether what is installed is what the lock says. The library is beside it, and not in the lock. */
function isInstalled(folder: string): boolean {
  const file = path.join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(file)) return false;
  const found = packagesOf(file);
  return Object.entries(packagesOf(path.join(folder, 'package-lock.json'))).every(
    ([name, { version, optional = false }]) => name === '' || (found[name] === undefined ? optional : found[name].version === version),
  );
}

/**
 * Builds an application by the Angular CLI with a packed library in it, and gives where it is. What the lock names is
 * installed first, where it is not.
 */
export async function build(app: 'app' | 'app20', tarball: string): Promise<string> {
  const folder = folderOf(app);
  if (!isInstalled(folder)) {
    await output('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], folder);
  }
  const library = path.join(folder, 'node_modules', 'rxjs-resilience');
  await rm(library, { recursive: true, force: true });
  await mkdir(library, { recursive: true });
  await output('tar', ['-xzf', tarball, '-C', library, '--strip-components=1'], folder);
  if (app !== 'app') {
    // One set of sources. A link would look for its packages where it points to.
    await rm(path.join(folder, 'src'), { recursive: true, force: true });
    await cp(path.join(folderOf('app'), 'src'), path.join(folder, 'src'), { recursive: true });
  }
  await rm(path.join(folder, 'dist'), { recursive: true, force: true });
  await output(process.execPath, ['node_modules/@angular/cli/bin/ng.js', 'build', '--no-progress'], folder);
  return path.join(folder, 'dist', 'shop');
}
