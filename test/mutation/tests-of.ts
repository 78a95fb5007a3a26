import path from 'node:path';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** The tests that mutants are run against. Fewer draws than usual, and always the same: else a mutant would live or die by chance. */
export function mutationTests(include: readonly string[]): ViteUserConfig {
  return defineConfig({
    test: {
      include: [...include],
      setupFiles: ['test/mutation/same-draws.ts'],
      env: { RESILIENCE_RUNS: '100' },
    },
    resolve: { alias: { 'rxjs-resilience': path.resolve('src/index.ts') } },
  });
}
