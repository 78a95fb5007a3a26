import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build as esbuild } from 'esbuild';
import { rollup } from 'rollup';
import { describe, expect, inject, test } from 'vitest';
import entries from '../../entries.json' with { type: 'json' };
import manifest from '../../package.json' with { type: 'json' };
import { output, root, tool } from './process.js';

const nameOf = (entry: string): string => (entry === '.' ? 'index' : entry.slice(2));
const names = Object.keys(entries).map(nameOf);
const tarball = inject('tarball');

describe('package.json', () => {
  test('exports each entry once for import and once for require, its types first', () => {
    const expected = Object.keys(entries).map((entry): [string, unknown] => {
      const file = `./dist/${nameOf(entry)}`;
      const conditions = {
        import: { types: `${file}.d.ts`, default: `${file}.js` },
        require: { types: `${file}.d.cts`, default: `${file}.cjs` },
      };
      return [entry, conditions];
    });
    // As text, because the order of the conditions decides.
    expect(JSON.stringify(manifest.exports)).toBe(
      JSON.stringify({ ...Object.fromEntries(expected), './package.json': './package.json' }),
    );
  });

  test('names files that the build leaves', () => {
    const endings = ['.js', '.cjs', '.d.ts', '.d.cts'];
    const wanted = names.flatMap((name) => endings.map((ending) => `dist/${name}${ending}`));
    const named = [manifest.main, manifest.module, manifest.types];
    expect([...wanted, ...named].filter((file) => !existsSync(path.join(root, file)))).toStrictEqual([]);
  });

  test('leads nobody to the types of an adapter that is not theirs', async () => {
    const adapters = names.filter((name) => name !== 'index');
    // Nest runs on Node, and its options are those of that entry.
    const allowed: Readonly<Record<string, readonly string[]>> = { nestjs: ['node'] };
    for (const name of names) {
      const text = await readFile(path.join(root, `dist/${name}.d.ts`), 'utf8');
      const others = adapters.filter((other) => other !== name && new RegExp(`from ['"]\\./${other}\\.js['"]`).test(text));
      expect([name, others.filter((other) => !allowed[name]?.includes(other))]).toStrictEqual([name, []]);
    }
  });

  test('is clean for publint', async () => {
    const { code, stdout, stderr } = await tool('publint/src/cli.js', ['run', tarball, '--strict']);
    expect({ code, text: stdout + stderr }).toMatchObject({ code: 0, text: expect.stringContaining('All good!') });
  });

  test('resolves with its types in every mode of TypeScript', async () => {
    const { code, stdout } = await tool('@arethetypeswrong/cli/dist/index.js', [tarball, '--format', 'ascii']);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('No problems found') });
  });

  test('packs what the build left and nothing else', async () => {
    const listing = await output('tar', ['-tzf', tarball], root);
    const outside = listing
      .trim()
      .split('\n')
      .filter((file) => !file.startsWith('package/dist/'));
    expect(outside.filter((file) => file !== 'package/README.md').sort()).toStrictEqual([
      'package/LICENSE',
      'package/package.json',
    ]);
  });
});

/** What esbuild leaves of an application whose only line is the import of an entry. */
async function byEsbuild(specifier: string, resolveDir: string): Promise<string> {
  const { outputFiles } = await esbuild({
    stdin: { contents: `import '${specifier}';`, resolveDir },
    bundle: true,
    minify: true,
    treeShaking: true,
    external: [...Object.keys(manifest.peerDependencies), 'node:*'],
    format: 'esm',
    // That package.json declares no side effects, and the line is dropped for it, is what is wanted.
    logOverride: { 'ignored-bare-import': 'silent' },
    write: false,
  });
  return outputFiles.map((file) => file.text).join('');
}

/** What rollup leaves of a file, without hearing of package.json: the code itself has to show that it does nothing. */
async function byRollup(file: string): Promise<string> {
  const moduleSideEffects = (_id: string, external: boolean): boolean => !external;
  const bundle = await rollup({ input: file, external: /^rxjs/, treeshake: { moduleSideEffects }, onwarn: () => {} });
  const { output: chunks } = await bundle.generate({ format: 'es' });
  return chunks.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('').trim();
}

/** What an entry does where it is only imported. */
const carries = ['./node'];

/** Its classes are decorated, which is a call: bundlers keep that unless package.json says otherwise. */
const decorates = ['./nestjs'];

describe.each(Object.keys(entries).filter((entry) => !carries.includes(entry)))('a bare import of %s', (entry) => {
  test('bundles to nothing', async () => {
    expect(await byEsbuild(path.posix.join('rxjs-resilience', entry), inject('newest'))).toBe('');
  });

  test.skipIf(decorates.includes(entry))('bundles to nothing where nobody hears of `sideEffects`', async () => {
    const folder = await mkdtemp(path.join(inject('newest'), 'bare-'));
    await cp(path.join(root, 'dist'), folder, { recursive: true });
    await writeFile(path.join(folder, 'bare.js'), `import './${nameOf(entry)}.js';`);
    expect(await byRollup(path.join(folder, 'bare.js'))).toBe('');
  });
});

describe.each(carries)('a bare import of %s', (entry) => {
  test('keeps what carries contexts across await, and nothing else', async () => {
    const text = await byEsbuild(path.posix.join('rxjs-resilience', entry), inject('newest'));
    expect(text).toContain('AsyncLocalStorage');
    expect(text.length).toBeLessThan(1_500);
  });
});
