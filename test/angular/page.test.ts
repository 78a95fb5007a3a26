import '@angular/compiler';
import { describe, expect, it } from 'vitest';
import { provideResilience, type RequestResilience, type ResilienceOptions, withResilience } from '../../src/angular/index.js';
import { membersOf } from '../docs/options-of.js';
import { optionTable } from '../docs/page.js';

const sections = [
  ['provideResilience', 'src/angular/resilience-options.ts', 'ResilienceOptions', (options: object) => provideResilience(options as ResilienceOptions)],
  ['withResilience', 'src/angular/request-resilience.ts', 'RequestResilience', (options: object) => withResilience(options as RequestResilience)],
] as const;

describe.each(sections)('docs/angular.md, %s', (heading, file, name, make) => {
  const rows = optionTable('docs/angular.md', `### ${heading}`);
  const members = membersOf(file, name);

  it('names every option and no other', () => {
    expect(rows.map((row) => row.name).sort()).toStrictEqual(members.map((member) => member.name).sort());
  });

  it.each(rows.map((row) => [row.name, row.byDefault] as const))('%s: its default is that of its docstring', (option, byDefault) => {
    const { told } = members.find((member) => member.name === option)!;
    for (const [, literal] of byDefault.matchAll(/`([^`]+)`/g)) expect(told).toContain(literal);
  });

  it.each(rows.map((row) => [row.name, row.range] as const))('%s: what is out of its range is refused', (option, range) => {
    for (const [, literal] of range.matchAll(/`([a-z]\w*)`/g)) expect(() => make({ [option]: literal })).not.toThrow();
    expect(() => make({ [option]: Symbol('none') })).toThrow(TypeError);
  });
});
