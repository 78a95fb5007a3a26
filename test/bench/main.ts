// Measures the built library and its peers:
//   npm run bench -- [--quick] [--only <regex>] [--json | --markdown] [--library <folder with a built index.js>]
import { parseArgs } from 'node:util';
import { builtLibrary, buildMachines } from './build.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    library: { type: 'string' },
  },
});

const { folder, remove } = await builtLibrary(options.library);
try {
  await buildMachines(folder);
  process.env['BENCH_BUILT'] = folder;
  await import('./hooks.ts');
  // Only now can the cases be loaded: they import what was built.
  const { report } = await import('./run.ts');
  const { markdown, text } = await import('./print.ts');
  const found = await report({ folder, quick: options.quick, only: new RegExp(options.only, 'i') });
  console.log(options.json ? JSON.stringify(found, null, 2) : options.markdown ? markdown(found) : text(found));
} finally {
  await remove();
}
