import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { membersOf } from '../docs/options-of.js';
import { optionTable } from '../docs/page.js';

const rows = optionTable('docs/fetch.md', '## Options');
const members = membersOf('src/fetch/fetch-options.ts', 'ResilientFetchOptions');
const plain = (text: string): string => text.replaceAll('`', '').toLowerCase();

describe('the page of fetch', () => {
  it('names every option and no other', () => {
    expect(rows.map(({ name }) => name)).toStrictEqual(members.map(({ name }) => name));
  });

  it.each(rows.map(({ name, byDefault }) => [name, byDefault] as const))('%s: its default is that of its docstring', (option, byDefault) => {
    expect(plain(members.find(({ name }) => name === option)!.told)).toContain(plain(byDefault));
  });
});

it('src/fetch imports nothing but rxjs, and names no Node', () => {
  const folder = path.resolve(import.meta.dirname, '../../src/fetch');
  for (const file of readdirSync(folder)) {
    const text = readFileSync(path.join(folder, file), 'utf8');
    for (const [, from] of text.matchAll(/ from '([^.'][^']*)'/g)) expect([file, from]).toStrictEqual([file, 'rxjs']);
    expect([file, /\b(process|Buffer|require|__dirname)\b[.(]/.test(text)]).toStrictEqual([file, false]);
  }
});
