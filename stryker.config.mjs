/**
 * Mutation tests of the machines in src/core, against their own tests. `npm run mutation`; test/mutation/README.md.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: ['src/core/**/*.ts'],
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutation/core.vitest.ts', related: true },
  coverageAnalysis: 'perTest',
  plugins: ['@stryker-mutator/vitest-runner', './test/mutation/accessor-names.mjs'],
  ignorers: ['accessor-names'],
  ignorePatterns: ['/dist', '/docs', '/.ci', '/coverage', '/test/bench', '/test/package'],
  concurrency: 1,
  timeoutMS: 20_000,
  tempDirName: '.stryker/tmp',
  incremental: true,
  incrementalFile: '.stryker/core.json',
  reporters: ['clear-text', 'progress-append-only', 'json'],
  jsonReporter: { fileName: '.stryker/core-report.json' },
  clearTextReporter: { allowColor: false, allowEmojis: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
};
