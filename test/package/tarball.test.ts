import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { finish, systemNode, tool } from './process.js';
import { commonJs, esm, jestTest, printed, twoCopies } from './smoke.js';
import { twoFormats } from './two-formats.js';

const system = systemNode();
const newest = inject('newest');
const lowest = inject('lowest');

async function runs(node: string, project: string, name: string, source: string): Promise<unknown> {
  await writeFile(path.join(project, name), source);
  const { code, stdout, stderr } = await finish(node, [name], project);
  return code === 0 && stderr === '' ? JSON.parse(stdout) : { code, stdout, stderr };
}

const kinds = [
  { how: 'imported', name: 'smoke.mjs', source: esm },
  { how: 'required', name: 'smoke.cjs', source: commonJs },
];

describe('the packed library', () => {
  test.each(kinds)('is $how on the Node of the project', async ({ name, source }) => {
    expect(await runs(process.execPath, newest, name, source)).toStrictEqual(printed);
  });

  const onSystem = system === undefined ? 'is $how on the Node of the machine (skipped: there is none)' : undefined;
  test.skipIf(system === undefined).each(kinds)(
    onSystem ?? 'is $how on the Node of the machine',
    async ({ name, source }) => {
      expect(await runs(system ?? '', newest, `system-${name}`, source)).toStrictEqual(printed);
    },
  );

  test.each(kinds)('is $how next to the lowest rxjs that is allowed', async ({ name, source }) => {
    const rxjs = await readFile(path.join(lowest, 'node_modules/rxjs/package.json'), 'utf8');
    expect(JSON.parse(rxjs)).toMatchObject({ version: '7.4.0' });
    expect(await runs(process.execPath, lowest, name, source)).toStrictEqual(printed);
  });

  test('is required by a CommonJS Jest project without configuration', async () => {
    await writeFile(path.join(newest, 'required.test.js'), jestTest);
    const { code, stderr } = await tool('jest/bin/jest.js', [], newest);
    expect(stderr).toContain('1 passed');
    expect(code).toBe(0);
  });

  test('recognises the errors of its other copy in one process', async () => {
    const expected = { separate: true, esmKnowsCommonJs: true, commonJsKnowsEsm: true };
    expect(await runs(process.execPath, newest, 'copies.mjs', twoCopies)).toStrictEqual(expected);
  });

  test('takes what its other format has made', async () => {
    expect(await runs(process.execPath, newest, 'formats.mjs', twoFormats)).toStrictEqual([]);
  });
});
