import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { membersOf } from '../docs/options-of.js';
import { blocks, optionTable } from '../docs/page.js';

const page = 'docs/nestjs.md';
const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, 'src/nestjs');

describe.each([
  ['## The module', [['src/nestjs/module-options.ts', 'ResilienceModuleOptions']]],
  ['## HttpService', [['src/nestjs/resilient-http-service.ts', 'ResilientHttpProviderOptions'], ['src/nestjs/propagation.ts', 'PropagationOptions']]],
] as const)('the options under %s', (heading, sources) => {
  const rows = optionTable(page, heading);
  const members = sources.flatMap(([file, name]) => membersOf(file, name));

  it('are all there, and no others', () => {
    expect(rows.map((row) => row.name)).toStrictEqual(members.map((member) => member.name));
  });

  it.each(rows.map((row) => [row.name, row.byDefault] as const))('%s: its default is that of its docstring', (option, byDefault) => {
    const told = members.find((member) => member.name === option)!.told.replaceAll('`', '');
    expect(told.toLowerCase()).toContain(byDefault.replaceAll('`', '').toLowerCase());
  });
});

it('the page shows every example as it is', () => {
  const examples = path.join(root, 'docs/examples/nestjs');
  const shown = blocks(page, 'ts');
  for (const file of readdirSync(examples).filter((name) => name.endsWith('.ts'))) {
    expect([file, shown.includes(readFileSync(path.join(examples, file), 'utf8'))]).toStrictEqual([file, true]);
  }
});

it('src/nestjs imports nothing of Nest but what every application has', () => {
  for (const file of readdirSync(folder)) {
    const text = readFileSync(path.join(folder, file), 'utf8');
    const foreign = [...text.matchAll(/^(?:import|export) .*from '([^.'][^']*)'/gms)].map(([, from]) => from!);
    for (const from of foreign) expect([file, ['rxjs', '@nestjs/common', '@nestjs/core'].includes(from)]).toStrictEqual([file, true]);
    expect(text).not.toMatch(/import\(|require\(/);
  }
});
