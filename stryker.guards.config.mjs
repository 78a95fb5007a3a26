import core from './stryker.config.mjs';

const features = '{bulkhead,circuit-breaker,deadline,fallback,load-shed,retry}';

/**
 * Mutation tests of what decides in the six operators, against the tests of the operators.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  ...core,
  mutate: [
    `src/${features}/*.ts`,
    // What is checked at construction has tests in tables; the operators themselves only put a stage together.
    `!src/${features}/*-{error,events,options}.ts`,
    '!src/**/{bulkhead,circuit-breaker,with-deadline,fallback-to,fallback-to-last,load-shed,load-shedder,retry-with-backoff}.ts',
  ],
  // Policies that tests make as they are imported: all that they run is run by tests as well.
  ignoreStatic: true,
  vitest: { configFile: 'test/mutation/guards.vitest.ts', related: true },
  incrementalFile: '.stryker/guards.json',
  jsonReporter: { fileName: '.stryker/guards-report.json' },
  thresholds: { high: 95, low: 85, break: 85 },
};
