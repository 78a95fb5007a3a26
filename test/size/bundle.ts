import path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { build, type Metafile, type Plugin } from 'esbuild';

export interface Bundle {
  readonly text: string;
  readonly metafile: Metafile;
}

/** It is bundled elsewhere; that its imports do nothing its package.json says, and an import that nobody uses is dropped. */
const withoutRxjs: Plugin = {
  name: 'without rxjs',
  setup: ({ onResolve }) => onResolve({ filter: /^rxjs$/ }, ({ path }) => ({ path, external: true, sideEffects: false })),
};

/** Dependencies of the application, and what of ours it has anyway. */
const without = (shared: ReadonlySet<string>): Plugin => ({
  name: 'own code',
  setup: ({ onResolve }) =>
    onResolve({ filter: /./ }, ({ kind, path: file, resolveDir }) => {
      if (kind === 'entry-point') return undefined;
      const isOurs = file.startsWith('.') && !shared.has(path.resolve(resolveDir, file));
      return isOurs ? undefined : { path: file, external: true, sideEffects: false };
    }),
});

/** What an entry adds to an application that uses the main one: its own code, minified. */
export async function added(entry: string, main: string, resolveDir: string): Promise<Bundle> {
  const { metafile } = await bundle(`export * from '${main}';`, resolveDir);
  const shared = new Set(Object.keys(metafile.inputs).map((file) => path.resolve(file)));
  return bundle(`export * from '${entry}';`, resolveDir, without(shared));
}

/** What an application ships of `contents`: minified, without rxjs, which it has anyway. */
export async function bundle(contents: string, resolveDir: string, external: Plugin = withoutRxjs): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir, sourcefile: 'application.js' },
    bundle: true,
    minify: true,
    treeShaking: true,
    plugins: [external],
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    metafile: true,
    // That package.json declares no side effects, and a bare import is dropped for it, is what is wanted.
    logOverride: { 'ignored-bare-import': 'silent' },
    write: false,
    outdir: path.join(resolveDir, 'bundled'),
  });
  return { text: outputFiles.map((file) => file.text).join(''), metafile };
}

/** As a server would send it at its best. */
export function brotli(text: string): number {
  return brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
}

/** An application that uses these exports and nothing else. */
export const using = (names: readonly string[], specifier: string): string =>
  `export { ${names.join(', ')} } from '${specifier}';`;

/** Bytes that are left of an application whose only line is `import 'rxjs-resilience'`. */
export async function bareImport(resolveDir: string, specifier: string): Promise<number> {
  const { text } = await bundle(`import '${specifier}';`, resolveDir);
  return text.trim().length;
}
