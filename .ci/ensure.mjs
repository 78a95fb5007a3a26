// Makes a fresh clone ready, then runs a script on the project's own Node:
//   node .ci/ensure.mjs [script.mjs [arguments]]
// Needs Node 20 and npm, nothing else. The script is started from here and not by `&&` in package.json, because a shell
// remembers where it found `node` and would go on with the one of the machine.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { npm, root, run } from './steps.mjs';

const modules = path.join(root, 'node_modules');
const ownNode = path.join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/** Compares what is installed with the lock file; modification times would say nothing after a change of branch. */
function isInstalled() {
  const installedFile = path.join(modules, '.package-lock.json');
  if (!existsSync(installedFile) || !existsSync(ownNode)) return false;
  const installed = packagesOf(installedFile);
  return Object.entries(packagesOf(path.join(root, 'package-lock.json'))).every(([name, wanted]) => {
    if (name === '') return true;
    const found = installed[name];
    return found === undefined ? wanted.optional === true : found.version === wanted.version;
  });
}

async function install() {
  const stdio = ['ignore', process.stderr, process.stderr];
  console.error('Installing the dependencies (npm ci) …');
  const code = await npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], { stdio });
  if (code !== 0) return code;
  if (existsSync(ownNode)) return 0;
  console.error('npm did not run the install script of the package "node": is ignore-scripts set?');
  return 1;
}

const [script, ...args] = process.argv.slice(2);
let code = isInstalled() ? 0 : await install();
if (code === 0 && script !== undefined) code = await run(ownNode, [script, ...args]);
process.exitCode = code;
