import path from 'node:path';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { sources } from '../../vitest.config.js';

/**
 * The tests that mutants are run against, in the order of `include`: a mutant is done with the first test that fails.
 * Fewer draws than usual, and always the same: else a mutant would live or die by chance.
 */
export function mutationTests(include: readonly string[], runs: number): ViteUserConfig {
  return defineConfig({
    test: {
      include: [...include],
      testTimeout: 60_000,
      setupFiles: ['test/mutation/set-up.ts'],
      env: { RESILIENCE_RUNS: String(runs) },
      sequence: { sequencer: inOrderOf(include) },
    },
    resolve: { alias: sources },
  });
}

function inOrderOf(include: readonly string[]): typeof BaseSequencer {
  const placeOf = ({ moduleId }: TestSpecification): number =>
    include.findIndex((pattern) => path.matchesGlob(path.relative('', moduleId), pattern));
  return class extends BaseSequencer {
    override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      return Promise.resolve([...files].sort((a, b) => placeOf(a) - placeOf(b)));
    }
  };
}
