import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** The tools of the project, its own Node among them, before those of the machine. */
const toolPath = [path.join(root, 'node_modules', '.bin'), process.env.PATH].join(path.delimiter);

/** Runs a command in the root and gives its exit code. Ctrl-C goes to the command, which decides when to end. */
export function run(command, args, { stdio = 'inherit', env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio, env: { ...process.env, PATH: toolPath, ...env } });
    const wait = () => {};
    process.on('SIGINT', wait);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('SIGINT', wait);
      resolve(signal === null ? code : 1);
    });
  });
}

/** Runs a tool that is a JavaScript file of a dependency, on the Node that runs this. */
export function tool(file, args, options) {
  return run(process.execPath, [path.join(root, 'node_modules', file), ...args], options);
}

/** Runs npm: the one that runs this where there is one. */
export function npm(args, options) {
  const own = process.env.npm_execpath;
  return own === undefined ? run('npm', args, options) : run(process.execPath, [own, ...args], options);
}
