import path from 'node:path';
import { defineConfig } from 'vitest/config';

/** Runs of each property; set, they take minutes. */
const long = process.env['RESILIENCE_RUNS'] !== undefined;

export default defineConfig({
  test: {
    testTimeout: long ? 600_000 : 10_000,
    coverage: { provider: 'v8', include: ['src/**'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts', 'marbles/**/*.test.ts', 'docs/examples/**/*.test.ts'],
          exclude: ['test/package/**'],
        },
        resolve: { alias: { 'rxjs-resilience': path.resolve(import.meta.dirname, 'src/index.ts') } },
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
          include: ['test/package/**/*.test.ts'],
          globalSetup: 'test/package/setup.ts',
          testTimeout: 120_000,
        },
      },
    ],
  },
});
