import { expect, it } from 'vitest';
import { shadowScenarios } from '../../marbles/shadow.marbles.js';
import { blocks } from '../docs/page.js';
import { draw } from '../docs/picture.js';

const pictures = blocks('docs/shadow-mode.md', '').map((picture) => picture.trimEnd());

it('docs/shadow-mode.md has pictures', () => {
  expect(pictures.length).toBeGreaterThan(3);
});

it.each(pictures)('docs/shadow-mode.md draws what the scenarios prove: %s', (picture) => {
  const [title] = picture.split('\n');
  const scenario = shadowScenarios.find((other) => other.title === title);
  expect(scenario === undefined ? `no scenario '${title}'` : draw(scenario)).toBe(picture);
});
