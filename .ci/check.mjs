// Types, lint, build, sizes, tests. All of them run, so that one look shows everything that is wrong; arguments go to vitest.
// With CHECK_REPORT=<folder> it leaves there what .ci/run counts, and holds the coverage.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { npm, run, tool } from './steps.mjs';

const report = process.env.CHECK_REPORT;
const coverage = ['--coverage', '--coverage.reporter=text-summary'];
const json =
  report === undefined
    ? []
    : ['--reporter=default', '--reporter=json', `--outputFile=${path.join(report, 'vitest.json')}`, ...coverage];
const npmScript = (name) => () => npm(['run', '--silent', name]);

const steps = {
  types: npmScript('typecheck'),
  lint: npmScript('lint'),
  build: () => tool('tsup/dist/cli-default.js', ['--silent']),
  size: () => run(process.execPath, ['test/size/main.ts', '--built']),
  tests: () =>
    tool('vitest/vitest.mjs', ['run', ...json, ...process.argv.slice(2)], { env: { RESILIENCE_BUILT: '1' } }),
};

const results = {};
for (const [name, step] of Object.entries(steps)) {
  const start = Date.now();
  console.log(`\n== ${name}`);
  results[name] = await step();
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  if (name !== 'tests') console.log(`${results[name] === 0 ? 'ok' : 'FAILED'}, ${seconds} s`);
}

if (report !== undefined) writeFileSync(path.join(report, 'steps.json'), JSON.stringify(results));
const failed = Object.keys(results).filter((name) => results[name] !== 0);
console.log(failed.length === 0 ? '\nAll steps passed.' : `\nFailed: ${failed.join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
