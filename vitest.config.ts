import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'marbles/**/*.test.ts'],
    coverage: { provider: 'v8', include: ['src/**'] },
  },
});
