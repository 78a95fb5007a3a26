import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { output, root } from './process.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The packed library. */
    readonly tarball: string;
    /** A project that has installed it, next to the newest rxjs 7. */
    readonly newest: string;
    /** The same, next to the lowest rxjs that is allowed. */
    readonly lowest: string;
  }
}

async function installed(folder: string, tarball: string, rxjs: string): Promise<string> {
  const project = await mkdtemp(path.join(folder, 'project-'));
  await writeFile(path.join(project, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball, `rxjs@${rxjs}`];
  await output('npm', args, project);
  return project;
}

/** Builds, packs and installs once for all files of this project. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxjs-resilience-'));
  if (process.env['RESILIENCE_BUILT'] === undefined) {
    await output(process.execPath, ['node_modules/tsup/dist/cli-default.js', '--silent'], root);
  }
  const packed = await output('npm', ['pack', '--silent', '--pack-destination', folder], root);
  const tarball = path.join(folder, packed.trim());
  provide('tarball', tarball);
  const projects = ['^7.8.2', '7.4.0'].map((rxjs) => installed(folder, tarball, rxjs));
  const [newest = '', lowest = ''] = await Promise.all(projects);
  provide('newest', newest);
  provide('lowest', lowest);
  return () => rm(folder, { recursive: true, force: true });
}
