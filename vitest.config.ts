import path from 'node:path';
import { defineConfig } from 'vitest/config';
import entries from './entries.json' with { type: 'json' };

/** Runs of each property; set, they take minutes. */
const long = process.env['RESILIENCE_RUNS'] !== undefined;

/** The library by its own name, from its source: the whole name of each entry, for the first is the beginning of the others. */
export const sources = Object.entries(entries).map(([entry, file]) => ({
  find: new RegExp(`^rxjs-resilience${entry.slice(1)}$`),
  replacement: path.resolve(import.meta.dirname, file),
}));

/** What has to be covered, for each folder by itself. */
const covered = { lines: 95, branches: 95 };
const coveredFolders = [
  ...['core', 'operator', 'bulkhead', 'circuit-breaker', 'deadline', 'fallback', 'load-shed', 'retry'],
  ...['health', 'pipeline', 'registry', 'metrics', 'wire', 'http', 'node', 'prometheus', 'opentelemetry'],
  ...['angular', 'fetch', 'nestjs'],
];

/** Applications with dependencies of their own, which install the packed library. */
const apps = ['test/e2e/{angular,nestjs}/**/*.test.ts'];

export default defineConfig({
  test: {
    testTimeout: long ? 600_000 : 10_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // What runs in a browser is tested there.
      exclude: ['src/node/dashboard/client/**', 'src/node/dashboard/page-content.ts'],
      thresholds: Object.fromEntries(coveredFolders.map((folder) => [`src/${folder}/**`, covered])),
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts', 'marbles/**/*.test.ts', 'docs/{examples,recipes}/**/*.test.ts'],
          exclude: ['test/package/**', ...apps, '**/node_modules/**'],
        },
        resolve: { alias: sources },
      },
      {
        extends: true,
        test: {
          name: 'types',
          include: [],
          typecheck: { enabled: true, only: true, include: ['test/types/**/*.test-d.ts'], tsconfig: 'test/tsconfig.json' },
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts', ...apps],
          globalSetup: 'test/package/setup.ts',
          // They build and start browsers: what measures time does not run beside them.
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
        },
      },
    ],
  },
});
