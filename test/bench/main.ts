// Measures the built library and its peers:
//   npm run bench -- [--quick] [--only <regex>] [--json | --markdown] [--library <folder with a built index.js>]
//   npm run bench -- [--markdown] --from <file>     prints again what a run printed with --json
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { builtLibrary, buildMachines } from './build.ts';
import { markdown, text } from './print.ts';
import type { Report } from './report.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    library: { type: 'string' },
    from: { type: 'string' },
  },
});

async function measured(): Promise<Report> {
  const folder = await builtLibrary(options.library);
  await buildMachines(folder);
  process.env['BENCH_BUILT'] = folder;
  await import('./hooks.ts');
  // Only now can the cases be loaded: they import what was built.
  const { report } = await import('./run.ts');
  return report({ folder, quick: options.quick, only: new RegExp(options.only, 'i') });
}

const report = options.from === undefined ? await measured() : (JSON.parse(await readFile(options.from, 'utf8')) as Report);
console.log(options.json ? JSON.stringify(report, null, 2) : options.markdown ? markdown(report) : text(report));
