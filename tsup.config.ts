import { defineConfig } from 'tsup';
import entries from './entries.json' with { type: 'json' };

/** `.` becomes `index`, `./testing` becomes `testing`. */
const entry = Object.fromEntries(
  Object.entries(entries).map(([path, file]) => [path === '.' ? 'index' : path.slice(2), file]),
);

export default defineConfig(({ dts = true, clean = true }) => ({
  entry,
  format: ['esm', 'cjs'],
  dts,
  clean,
  splitting: true,
  sourcemap: true,
  target: 'es2022',
  platform: 'neutral',
  minify: false,
  // `node:async_hooks` is known where `async_hooks` is not: Deno, workers.
  removeNodeProtocol: false,
  external: [/^node:/],
  // The esbuild pass already drops what no entry reaches; a second one by rollup would rewrite the chunks.
  treeshake: false,
}));
