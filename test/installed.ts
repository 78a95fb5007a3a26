import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/**
 * Where a program of the machine is, or undefined where it is not there and the tests that need it are left out. With
 * RESILIENCE_ALL, which .ci/run sets, nothing is left out.
 */
export function installed(program: string): string | undefined {
  const found = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, program))
    .find(isProgram);
  if (found === undefined && process.env['RESILIENCE_ALL'] !== undefined) {
    throw new Error(`${program} is not installed: apt-get install ${program}`);
  }
  return found;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
