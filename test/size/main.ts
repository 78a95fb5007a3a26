// What an application ships of the library, minified and compressed, against its budgets:
//   npm run size -- [--built]                  --built: of dist/ as it is, without building
//   npm run size -- --modules [export ...]     bytes of each source module in a bundle of these exports, or of all six
import { parseArgs } from 'node:util';
import { builtLibrary, root } from '../bench/build.ts';
import budgets from './budgets.json' with { type: 'json' };
import { moduleSizes } from './modules.ts';
import { type Budget, six, sizes, violations } from './sizes.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { built: { type: 'boolean', default: false }, modules: { type: 'boolean', default: false } },
});

async function printModules(): Promise<void> {
  const found = await moduleSizes(positionals.length === 0 ? six : positionals, root);
  const sum = found.reduce((bytes, one) => bytes + one.bytes, 0);
  for (const { module, bytes } of found) console.log(String(bytes).padStart(7), module);
  console.log(String(sum).padStart(7), 'in all, minified, not compressed');
}

async function checkSizes(): Promise<void> {
  const found = options.built
    ? await sizes('./dist/index.js', root)
    : await sizes('./library/index.js', await builtLibrary());
  const known: Readonly<Record<string, Budget>> = budgets;
  const columns = (name: string, ...cells: unknown[]): string =>
    name.padEnd(18) + cells.map((cell) => String(cell).padStart(10)).join('');
  console.log(columns('bytes', 'minified', 'brotli', 'budget', 'target'));
  for (const { name, minified, brotli } of found) {
    console.log(columns(name, minified, brotli, known[name]?.budget ?? '-', known[name]?.target ?? '-'));
  }
  const wrong = violations(found, known);
  for (const sentence of wrong) console.error(`size: ${sentence}`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

await (options.modules ? printModules() : checkSizes());
