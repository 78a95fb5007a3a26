import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { titleOf } from './case.ts';
import { cases } from './cases/index.ts';
import { memoryRows } from './memory.ts';

const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/performance.md'), 'utf8');
const firstCells = [...page.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell]) => cell);

describe('docs/performance.md', () => {
  it.each(cases.map((one) => ({ title: titleOf(one), name: one.name })))('has a row for $title', ({ title, name }) => {
    expect(firstCells.some((cell) => cell === title || cell === name)).toBe(true);
  });

  it.each(Object.keys(memoryRows))('has the memory of %s', (name) => {
    expect(firstCells).toContain(name);
  });
});
