import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

export const root: string = path.resolve(import.meta.dirname, '../..');

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Tests read what a program prints; several colour it as soon as `CI` or `FORCE_COLOR` is set. */
const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };

/** Runs a program to its end. A code other than 0 is an answer, not an error. */
export function finish(file: string, args: readonly string[], cwd: string): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, stderr: error?.code === 'ENOENT' ? error.message : stderr });
    });
  });
}

/** As `finish`, for what has to succeed: gives stdout. */
export async function output(file: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await finish(file, args, cwd);
  if (code !== 0) throw new Error(`${path.basename(file)} ${args.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** Runs a tool that is a JavaScript file of a dependency. */
export function tool(file: string, args: readonly string[], cwd: string = root): Promise<Finished> {
  return finish(process.execPath, [path.join(root, 'node_modules', file), ...args], cwd);
}

/** The Node of the machine, which is the one a user would have, or undefined where there is none. */
export function systemNode(): string | undefined {
  const ending = process.platform === 'win32' ? '.exe' : '';
  return (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder) && !folder.split(path.sep).includes('node_modules'))
    .map((folder) => path.join(folder, `node${ending}`))
    .find((file) => existsSync(file));
}
