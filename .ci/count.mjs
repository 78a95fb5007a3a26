// Adds up what .ci/run left in a folder, prints `N passed, N failed`, and fails where something did.
// Counted are: each test, each other step of `npm test`, and each demo, whose stdout has to be JSON.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const folder = process.argv[2] ?? '.';
const file = (name) => path.join(folder, name);
const json = (name) => (existsSync(file(name)) ? JSON.parse(readFileSync(file(name), 'utf8')) : undefined);
const code = (name) => Number(readFileSync(file(name), 'utf8'));

let passed = 0;
let failed = 0;
const count = (name, ok) => {
  if (ok) passed++;
  else {
    failed++;
    console.log(`failed: ${name}`);
  }
};

function isJson(name) {
  try {
    return json(name) !== undefined;
  } catch {
    return false;
  }
}

const { tests, ...steps } = json('steps.json') ?? {};
for (const [name, result] of Object.entries(steps)) count(name, result === 0);

const vitest = json('vitest.json');
passed += vitest?.numPassedTests ?? 0;
failed += vitest?.numFailedTests ?? 0;
// A file that does not load has no test that fails.
if (tests !== 0 && !(vitest?.numFailedTests > 0)) count('tests', false);
if (tests === 0 && !(vitest?.numPassedTests > 0)) count('tests (none ran)', false);
if (code('test.code') !== 0 && failed === 0) count('npm test', false);

for (const demo of ['demo', 'shop']) count(demo, code(`${demo}.code`) === 0 && isJson(`${demo}.json`));

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
