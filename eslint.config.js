import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { layers } from './.ci/lint-layers.mjs';
import { ambientGlobals, house } from './.ci/lint-rules.mjs';

const off = (...rules) => Object.fromEntries(rules.map((rule) => [rule, 'off']));
const error = (...rules) => Object.fromEntries(rules.map((rule) => [rule, 'error']));

export default defineConfig(
  { ignores: ['dist/', 'coverage/', '**/node_modules/', '.stryker/', 'test/e2e/{angular,nestjs}/app*/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  {
    files: ['src/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      ...off(
        // A callback that only calls something reads best as an arrow.
        '@typescript-eslint/no-confusing-void-expression',
        // With noUncheckedIndexedAccess the alternative is a branch that cannot be taken.
        '@typescript-eslint/no-non-null-assertion',
        '@typescript-eslint/restrict-template-expressions',
        // What comes from JavaScript callers and from user callbacks is not always what its type says.
        '@typescript-eslint/no-unnecessary-condition',
        '@typescript-eslint/no-unnecessary-type-parameters',
        // Calls an assertion unnecessary that a generic call needs for its inference.
        '@typescript-eslint/no-unnecessary-type-assertion',
        '@typescript-eslint/only-throw-error',
        '@typescript-eslint/unbound-method',
      ),
    },
  },
  {
    files: ['src/**/*.ts'],
    plugins: { house },
    languageOptions: { globals: ambientGlobals },
    rules: error(
      'house/layers',
      'house/no-ambient-time',
      'house/no-ambient-random',
      'house/no-subscriber',
      'house/no-lift',
      'house/no-instanceof-error',
      'house/no-deep-rxjs',
    ),
  },
  {
    files: ['operator', ...layers.feature].map((folder) => `src/${folder}/**/*.ts`),
    rules: error('house/no-promise'),
  },
  { files: ['src/angular/**/*.ts'], rules: error('house/no-decorators') },

  // The page of the dashboard runs in a browser, where no scheduler is.
  { files: ['src/node/dashboard/client/**/*.ts'], rules: off('house/no-ambient-time') },

  // The one file that looks at the engine's clocks and timers: to tell a step of the wall clock, and what a test has faked.
  { files: ['src/operator/engine-time.ts'], rules: off('house/no-ambient-time') },

  // The kernel: the only files that may touch what RxJS deprecates.
  {
    files: ['call', 'call-state', 'connection', 'ending-call', 'inward-call', 'last-value', 'outward-call'].map((file) => `src/operator/${file}.ts`),
    rules: off('house/no-subscriber', '@typescript-eslint/no-deprecated'),
  },
  {
    files: ['src/operator/fuse.ts', 'src/operator/inward-call.ts'],
    rules: off('house/no-lift', '@typescript-eslint/no-deprecated'),
  },
  // Tells a refusal, which the library made itself, from `undefined` and `WAIT`.
  { files: ['src/operator/inward-call.ts'], rules: off('house/no-instanceof-error') },

  {
    files: ['test/**/*.ts', 'marbles/**/*.ts', 'docs/**/*.ts', '*.ts'],
    extends: [tseslint.configs.recommended],
    plugins: { house },
    rules: { ...error('house/no-deep-rxjs'), ...off('@typescript-eslint/no-non-null-assertion') },
  },
);
