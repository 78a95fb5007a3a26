import path from 'node:path';
import { ESLint } from 'eslint';
import { describe, expect, test } from 'vitest';
import { layers } from '../../.ci/lint-layers.mjs';
import { root } from './process.js';

/** The house rules as eslint.config.js sets them for each folder; types are not needed and would need files. */
const eslint = new ESLint({
  cwd: root,
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
  ruleFilter: ({ ruleId }) => ruleId.startsWith('house/'),
});

async function broken(file: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: path.join(root, file) });
  return (result?.messages ?? []).map(({ ruleId, message, fatal }) => (fatal === true ? message : (ruleId ?? message)));
}

interface Case {
  readonly rule: string;
  readonly file: string;
  readonly bad: readonly string[];
  readonly good: readonly string[];
}

const cases: readonly Case[] = [
  {
    rule: 'no-ambient-time',
    file: 'src/retry/retry.ts',
    bad: [
      'export const a = Date.now();',
      'export const a = Date.now;',
      'export const a = new Date();',
      'export const a = Date();',
      'const { now } = Date; export { now };',
      'export const a = performance.now();',
      "import { performance as p } from 'node:perf_hooks'; export { p };",
      'setTimeout(() => {}, 1);',
      'setInterval(() => {}, 1);',
      'setImmediate(() => {});',
      'queueMicrotask(() => {});',
      'process.nextTick(() => {});',
      'globalThis.setTimeout(() => {}, 1);',
      'globalThis.Date.now();',
      "import { setTimeout as wait } from 'node:timers/promises'; export { wait };",
    ],
    good: [
      'export const a = new Date(0).getTime() + Date.parse(`1970`) + Date.UTC(1970);',
      'export const a = (x: unknown): x is Date => x instanceof Date;',
      'export const a = (scheduler: { now(): number }): number => scheduler.now();',
      'export const a = (setTimeout: () => void): void => setTimeout();',
      "export const a = process.getBuiltinModule('node:async_hooks');",
    ],
  },
  {
    rule: 'no-ambient-random',
    file: 'src/core/backoff.ts',
    bad: [
      'export const a = Math.random();',
      'export const random = Math.random;',
      'export const a = (o: { r?: () => number }): unknown => o.r ?? Math.random;',
      'const { random } = Math; export { random };',
      'export const a = globalThis.Math.random();',
    ],
    good: [
      'export const a = (random = Math.random): number => random();',
      'export const a = ({ random = Math.random }: { random?: () => number }): number => random();',
      'export const a = (o: { random?: () => number }): unknown => o.random ?? Math.random;',
      'export const a = Math.floor(Math.max(1.5, 2));',
    ],
  },
  {
    rule: 'no-promise',
    file: 'src/operator/attempt.ts',
    bad: [
      'export const a = Promise.resolve(1);',
      'export const a = new Promise(() => {});',
      'export async function a() {}',
      'export const a = async () => {};',
      'export async function a(x: AsyncIterable<1>) { for await (const y of x) y; }',
    ],
    good: ['export const a = (x: PromiseLike<1> | Promise<1>): unknown => x;'],
  },
  { rule: 'no-promise', file: 'src/bulkhead/a.ts', bad: ['export const a = Promise.resolve(1);'], good: [] },
  { rule: 'no-promise', file: 'src/redis/a.ts', bad: [], good: ['export const a = async () => {};'] },
  {
    rule: 'no-subscriber',
    file: 'src/bulkhead/a.ts',
    bad: [
      "import { Subscriber } from 'rxjs'; export const a = new Subscriber();",
      "import { Subscriber } from 'rxjs'; export class A extends Subscriber<1> {}",
      "import { Subscriber as S } from 'rxjs'; export class A extends S<1> {}",
      "import * as rxjs from 'rxjs'; export const a = new rxjs.Subscriber();",
    ],
    good: ["import type { Subscriber } from 'rxjs'; export const a = (s: Subscriber<1>): void => s.next(1);"],
  },
  {
    rule: 'no-lift',
    file: 'src/bulkhead/a.ts',
    bad: [
      'export const a = (s: any) => s.lift(1);',
      'export const a = (s: any) => s.operator;',
      'export const a = ({ operator }: any) => operator;',
    ],
    good: ['export const a = (s: { pipe(): 1 }): 1 => s.pipe();'],
  },
  {
    rule: 'no-subscriber',
    file: 'src/operator/call.ts',
    bad: [],
    good: ["import { Subscriber } from 'rxjs'; export class A extends Subscriber<1> {}"],
  },
  { rule: 'no-lift', file: 'src/operator/fuse.ts', bad: [], good: ['export const a = (s: any) => s.lift(1);'] },
  {
    rule: 'no-instanceof-error',
    file: 'src/core/classify.ts',
    bad: [
      'export const a = (e: unknown) => e instanceof Error;',
      "import { AError } from './a.js'; export const a = (e: unknown) => e instanceof AError;",
    ],
    good: ['export const a = (e: unknown): boolean => e instanceof TypeError;'],
  },
  {
    rule: 'no-deep-rxjs',
    file: 'src/operator/a.ts',
    bad: [
      "import { x } from 'rxjs/internal/Observable'; export { x };",
      "export * from 'rxjs/dist/types';",
      "export const a = import('rxjs/internal/x');",
    ],
    good: ["import { x } from 'rxjs/operators'; export { x };"],
  },
  {
    rule: 'no-decorators',
    file: 'src/angular/a.ts',
    bad: ['declare const d: any; @d() export class A {}'],
    good: ['export class A {}'],
  },
];

describe.each(cases)('house/$rule in $file', ({ rule, file, bad, good }) => {
  test.each(bad)('refuses %s', async (code) => {
    expect(await broken(file, code)).toContain(`house/${rule}`);
  });

  test.each(good)('allows %s', async (code) => {
    expect(await broken(file, code)).toStrictEqual([]);
  });
});

const imports = (specifier: string): string => `import { x } from '${specifier}'; export { x };`;

describe('house/layers', () => {
  const order = Object.entries(layers);
  const pairs = order.flatMap(([from, [room = '']], i) =>
    order.map(([to, rooms], j) => ({ from, to, room, other: rooms.at(-1) ?? '', allowed: j < i })),
  );

  test.each(pairs.filter(({ from, to }) => from !== to))(
    'lets $from import $to: $allowed',
    async ({ room, other, allowed }) => {
      const found = await broken(`src/${room}/a.ts`, imports(`../${other}/b.js`));
      expect(found).toStrictEqual(allowed ? [] : ['house/layers']);
    },
  );

  test.each([
    { file: 'src/retry/a.ts', specifier: '../bulkhead/b.js', why: 'a feature from another' },
    { file: 'src/core/a.ts', specifier: 'rxjs', why: 'rxjs from core' },
    { file: 'src/core/a.ts', specifier: 'node:events', why: 'anything from outside from core' },
    { file: 'src/retry/a.ts', specifier: '../index.js', why: 'the public barrel' },
    { file: 'src/retry/a.ts', specifier: 'rxjs-resilience', why: 'the package by its own name' },
    { file: 'src/retry/a.ts', specifier: '../../test/b.js', why: 'what is outside of src' },
    { file: 'src/retry/a.ts', specifier: '../elsewhere/b.js', why: 'a folder that stands in no layer' },
    { file: 'src/elsewhere/a.ts', specifier: '../core/b.js', why: 'from a folder that stands in no layer' },
    { file: 'src/retry/deep/a.ts', specifier: '../../bulkhead/b.js', why: 'a feature from deep in another' },
  ])('refuses to import $why', async ({ file, specifier }) => {
    expect(await broken(file, imports(specifier))).toStrictEqual(['house/layers']);
  });

  test.each([
    'import type { X } from "../bulkhead/b.js"; export type Y = X;',
    'export * from "../bulkhead/b.js";',
    'export { x } from "../bulkhead/b.js";',
    'export const a = import("../bulkhead/b.js");',
    'export type Y = import("../bulkhead/b.js").X;',
  ])('sees %s', async (code) => {
    expect(await broken('src/retry/a.ts', code)).toStrictEqual(['house/layers']);
  });

  test.each([
    { file: 'src/retry/a.ts', specifier: './b.js' },
    { file: 'src/retry/a.ts', specifier: 'rxjs' },
    { file: 'src/core/a.ts', specifier: './b.js' },
    { file: 'src/pipeline/a.ts', specifier: '../registry/b.js' },
    { file: 'src/index.ts', specifier: './bulkhead/b.js' },
  ])('lets $file import $specifier', async ({ file, specifier }) => {
    expect(await broken(file, imports(specifier))).toStrictEqual([]);
  });
});
