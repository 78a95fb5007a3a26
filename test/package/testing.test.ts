import { cp, mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { describe, expect, inject, test } from 'vitest';
import { finish, type Finished, root, systemNode, tool } from './process.js';
import { commonJs, esm, jestFailure, jestMatches, nodeTest, printed, twoCopies } from './testing-programs.js';

const newest = inject('newest');
const examples = path.join(root, 'docs/examples/testing');

/** A folder beside the project that has installed the library, with the same packages: other tests look through that. */
async function beside(files: Readonly<Record<string, string>>, project = newest): Promise<string> {
  const folder = await mkdtemp(path.join(path.dirname(project), 'beside-'));
  await symlink(path.join(project, 'node_modules'), path.join(folder, 'node_modules'), 'dir');
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  return folder;
}

async function printsIn(project: string, name: string, text: string, node = process.execPath): Promise<unknown> {
  const { code, stdout, stderr } = await finish(node, [name], await beside({ [name]: text }, project));
  return code === 0 && stderr === '' ? JSON.parse(stdout) : { code, stdout, stderr };
}

describe('the testing entry of the packed library', () => {
  test.each([
    ['is imported', 'test.mjs', esm],
    ['is required', 'test.cjs', commonJs],
    ['sees the calls of the other copy in one process', 'copies.mjs', twoCopies],
  ])('%s, without any runner', async (_how, name, text) => {
    expect(await printsIn(newest, name, text)).toStrictEqual(printed);
    expect(await printsIn(inject('lowest'), name, text)).toStrictEqual(printed);
  });

  const system = systemNode();
  test.skipIf(system === undefined)('is imported on the Node of the machine', async () => {
    expect(await printsIn(newest, 'test.mjs', esm, system)).toStrictEqual(printed);
  });

  test('works with node:test, which shows what is left', async () => {
    const folder = await beside({ 'node.test.mjs': nodeTest });
    const { code, stdout } = await finish(process.execPath, ['--test', '--test-reporter=tap', 'node.test.mjs'], folder);
    expect(code).toBe(1);
    expect(stdout).toContain('# pass 1\n# fail 1\n');
    expect(stdout).toContain(printed[1]);
  });

  test('is in no bundle that does not import it', async () => {
    const contents = "import { circuitBreaker } from 'rxjs-resilience'; circuitBreaker();";
    const stdin = { contents, resolveDir: newest };
    const { outputFiles } = await build({ stdin, bundle: true, external: ['rxjs'], format: 'esm', write: false });
    expect(outputFiles[0]!.text).toContain('circuitBreaker');
    expect(outputFiles[0]!.text).not.toMatch(/rxjs\/testing|virtual time/);
  });
});

/** Jest as a user of TypeScript has it. What the examples import from \`vitest\` comes from Jest. */
const jestProject = {
  'jest.config.cjs': `module.exports = {
    transform: { '\\\\.ts$': '<rootDir>/transform.cjs' },
    moduleNameMapper: { '^vitest$': '<rootDir>/jest-globals.cjs' },
  };`,
  'transform.cjs': `const { transformSync } = require(${JSON.stringify(path.join(root, 'node_modules/esbuild'))});
    exports.process = (text, sourcefile) => transformSync(text, { loader: 'ts', format: 'cjs', sourcefile, sourcemap: 'inline' });`,
  'jest-globals.cjs': "module.exports = require('@jest/globals');",
};

async function jest(folder: string): Promise<Finished> {
  return tool('jest/bin/jest.js', ['--ci', '--rootDir', folder, '--maxWorkers', '1'], folder);
}

describe('under Jest', () => {
  test('the examples of the documentation pass, as they are', async () => {
    const folder = await beside(jestProject);
    await cp(examples, folder, { recursive: true });
    const names = (await readdir(examples)).filter((name) => name.endsWith('.test.ts'));
    const { code, stderr } = await jest(folder);
    expect(names).toHaveLength(4);
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('Test Suites: 4 passed, 4 total') });
  });

  test('failed, refused and expired stand for errors wherever Jest compares', async () => {
    const { code, stderr } = await jest(await beside({ ...jestProject, 'matches.test.js': jestMatches }));
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('Tests:       4 passed, 4 total') });
  });

  test('a mismatch shows both diagrams and the line of the test', async () => {
    const { code, stderr } = await jest(await beside({ ...jestProject, 'failure.test.js': jestFailure }));
    expect(code).toBe(1);
    expect(stderr).toContain('expected  -a-c|\n    actual    -a-b|\n                 ^\n    frame 3: expected the value "c", got the value "b"');
    expect(stderr).toMatch(/> 4 \| {3}expectObservable\(cold\('-a-b\|'\)\)\.toBe\('-a-c\|'\); \/\/ this line/);
  });
});
