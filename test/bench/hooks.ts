import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

/** Where the library and the pure machines were built to, see build.ts. */
const folder = process.env['BENCH_BUILT'];
if (folder === undefined) throw new Error('BENCH_BUILT is not set');

const built = (file: string): string => new URL(file, pathToFileURL(`${folder}/`)).href;

// The cases name the library as users do, and machines by their source: both are taken from what was built for this run.
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'rxjs-resilience') return { url: built('library/index.js'), shortCircuit: true };
    const machine = /\/src\/core\/(.+\.js)$/.exec(specifier)?.[1];
    return machine === undefined ? next(specifier, context) : { url: built(`core/${machine}`), shortCircuit: true };
  },
});
