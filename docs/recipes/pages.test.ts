import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchors, blocks, links, read } from '../../test/docs/page.js';

const root = path.resolve(import.meta.dirname, '../..');
const files = readdirSync(import.meta.dirname);
const pages = files.filter((name) => name.endsWith('.md')).map((name) => `docs/recipes/${name}`);
const recipes = pages.filter((page) => !page.endsWith('README.md'));
const sources = files.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')).map((name) => `docs/recipes/${name}`);

describe.each(recipes)('%s', (page) => {
  it('says when, what each line does, what goes wrong without, and can be read in one sitting', () => {
    const text = read(page);
    expect(text).toMatch(/^# .+\n\n\S/);
    for (const part of ['When', 'What each line does', 'What goes wrong without']) expect(text).toContain(`\n## ${part}\n`);
    expect(text.split('\n').length).toBeLessThanOrEqual(190);
  });

  it('has a test, and names it', () => {
    const test = page.replace(/\.md$/, '.test.ts');
    expect(existsSync(path.join(root, test))).toBe(true);
    expect(links(page).map(([file]) => file)).toContain(test);
  });
});

describe.each(pages)('%s', (page) => {
  it('shows code only as it stands in a file that is tested', () => {
    const shown = sources.map(read);
    for (const block of blocks(page, 'ts')) expect(shown).toContain(block);
  });

  it('has links only to what exists, and fences only of code and pictures', () => {
    for (const [file, heading] of links(page)) {
      expect([file, existsSync(path.join(root, file))]).toStrictEqual([file, true]);
      if (heading !== undefined) expect(anchors(file)).toContain(heading);
    }
    const kinds = [...read(page).matchAll(/^```(\w*)\n[\s\S]*?^```$/gm)].map(([, kind]) => kind);
    expect(kinds.filter((kind) => !['ts', 'text'].includes(kind!))).toStrictEqual([]);
  });
});

describe.each(sources)('%s', (file) => {
  it('is shown on a page, and short enough to copy', () => {
    expect(recipes.filter((page) => blocks(page, 'ts').includes(read(file)))).toHaveLength(1);
    expect(read(file).trimEnd().split('\n').length).toBeLessThanOrEqual(90);
  });

  it('takes the library by its name', () => {
    expect(read(file)).not.toMatch(/from '\.\.\//);
  });
});

it('the list names every recipe', () => {
  expect(links('docs/recipes/README.md').map(([file]) => file)).toStrictEqual(expect.arrayContaining(recipes));
});
