import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bulkheadScenarios } from '../../marbles/bulkhead.marbles.js';
import { circuitBreakerScenarios } from '../../marbles/circuit-breaker.marbles.js';
import { compositionScenarios } from '../../marbles/compositions.marbles.js';
import { deadlineScenarios } from '../../marbles/deadline.marbles.js';
import { fallbackScenarios } from '../../marbles/fallback.marbles.js';
import { loadShedScenarios } from '../../marbles/load-shed.marbles.js';
import { outcomeScenarios } from '../../marbles/outcomes.marbles.js';
import { retryScenarios } from '../../marbles/retry.marbles.js';
import type { Scenario } from '../../marbles/scenario.js';
import { anchors, blocks, links, read } from './page.js';
import { draw } from './picture.js';

const root = path.resolve(import.meta.dirname, '../..');
const namesIn = (folder: string): readonly string[] => readdirSync(path.join(root, folder)).map((name) => `${folder}/${name}`);

const pages = namesIn('docs/operators');
const guides = namesIn('docs').filter((name) => name.endsWith('.md'));
const recipes = readdirSync(path.join(root, 'docs/recipes'), { recursive: true, encoding: 'utf8' })
  .map((name) => `docs/recipes/${name.split(path.sep).join('/')}`);
const recipePages = recipes.filter((name) => name.endsWith('.md'));
const all = [...guides, ...pages, ...recipePages];
const examples = readdirSync(path.join(root, 'docs/examples'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `docs/examples/${name.split(path.sep).join('/')}`);

/** Two operators may have a scenario of one title: a page about one of them means its own. */
const own: Readonly<Record<string, readonly Scenario[]>> = {
  'docs/operators/bulkhead.md': bulkheadScenarios,
  'docs/operators/circuit-breaker.md': circuitBreakerScenarios,
  'docs/operators/fallback-to.md': fallbackScenarios,
  'docs/operators/load-shed.md': loadShedScenarios,
  'docs/operators/retry-with-backoff.md': retryScenarios,
  'docs/operators/with-deadline.md': deadlineScenarios,
};
const others: readonly Scenario[] = [...compositionScenarios, ...outcomeScenarios, ...Object.values(own).flat()];

describe.each(pages)('%s', (page) => {
  it('has every part of a page, and can be read in one sitting', () => {
    const text = read(page);
    expect(text).toMatch(/^# .+\n\n\S/);
    const wanted = page.endsWith('errors.md') ? ['What not to do'] : ['Usage', 'What not to do'];
    for (const part of wanted) expect(text).toContain(`\n## ${part}\n`);
    expect(text.split('\n').length).toBeGreaterThanOrEqual(80);
    expect(text.split('\n').length).toBeLessThanOrEqual(190);
  });

  it('says how it meets the other operators, and has pictures', () => {
    if (page in own) expect(read(page)).toContain('\n## With the other operators\n');
    expect(blocks(page, '').length).toBeGreaterThan(0);
  });

  it('draws only what the scenarios prove', () => {
    for (const picture of blocks(page, '')) {
      const [title] = picture.split('\n');
      const scenario = [...(own[page] ?? []), ...others].find((other) => other.title === title);
      expect(scenario === undefined ? `no scenario '${title}'` : draw(scenario)).toBe(picture.trimEnd());
    }
  });
});

describe.each(all)('%s', (page) => {
  it('shows code only from files that run, as it is', () => {
    const files = [...examples, ...recipes.filter((name) => name.endsWith('.ts'))].map(read);
    for (const block of blocks(page, 'ts')) expect(files).toContain(block);
  });

  it('has links only to what exists', () => {
    for (const [file, heading] of links(page)) {
      expect([file, existsSync(path.join(root, file))]).toStrictEqual([file, true]);
      if (heading !== undefined) expect(anchors(file)).toContain(heading);
    }
  });

  it('has no fence of another kind', () => {
    const kinds = [...read(page).matchAll(/^```(\w*)\n[\s\S]*?^```$/gm)].map(([, kind]) => kind);
    const others = pages.includes(page) ? [] : ['json', 'promql', 'sh', 'yaml'];
    expect(kinds.filter((kind) => !['', 'ts', 'text', ...others].includes(kind!))).toStrictEqual([]);
  });
});

describe('docs/README.md', () => {
  it('names every page', () => {
    const named = links('docs/README.md').map(([file]) => file);
    const wanted = [...guides, ...pages, 'docs/recipes/README.md'].filter((page) => page !== 'docs/README.md');
    expect(named).toStrictEqual(expect.arrayContaining(wanted));
  });
});

describe('docs/recipes/README.md', () => {
  it('names every recipe', () => {
    const named = links('docs/recipes/README.md').map(([file]) => file);
    expect(named).toStrictEqual(expect.arrayContaining(recipePages.filter((page) => page !== 'docs/recipes/README.md')));
  });

  it.each(recipes.filter((name) => /^[^/]+\/[^/]+\/[^/]+(?<!\.test)\.ts$/.test(name)))('%s is shown in a page', (file) => {
    expect(recipePages.some((page) => blocks(page, 'ts').includes(read(file)))).toBe(true);
  });
});

describe('docs/examples', () => {
  it.each(examples)('%s is shown somewhere', (file) => {
    const shown = ['README.md', ...all].some((page) => blocks(page, 'ts').includes(read(file)));
    expect(shown).toBe(true);
  });
});
