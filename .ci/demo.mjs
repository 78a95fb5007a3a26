// Builds the JavaScript and runs a demo: its file, and arguments for it. Stdout belongs to the demo.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { root, run } from './steps.mjs';

const tsup = path.join(root, 'node_modules', 'tsup', 'dist', 'cli-default.js');
const built = spawnSync(process.execPath, [tsup, '--no-dts', '--no-clean'], { cwd: root, encoding: 'utf8' });
if (built.status !== 0) {
  console.error(built.stdout + built.stderr);
  process.exitCode = 1;
} else {
  process.exitCode = await run(process.execPath, process.argv.slice(2));
}
