import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { httpResponseOptionNames } from '../../src/http/to-http-response.js';
import { handlerOptionNames } from '../../src/node/handler-options.js';
import { membersOf } from '../docs/options-of.js';
import { optionTable } from '../docs/page.js';

const page = 'docs/node.md';

describe.each([
  ['## Options', 'src/node/handler-options.ts', 'HealthHandlerOptions', handlerOptionNames],
  ['## Shutdown', 'src/node/shutdown.ts', 'ShutdownOptions', ['wait', 'limit', 'signals', 'scheduler']],
  ['### When to come back', 'src/http/to-http-response.ts', 'HttpResponseOptions', httpResponseOptionNames],
  ['## How busy it is', 'src/node/active-calls.ts', 'ActiveCallsOptions', ['registry', 'header']],
] as const)('%s of the page', (heading, file, name, names) => {
  const rows = optionTable(page, heading);
  const members = membersOf(file, name);

  it('names every option and no other', () => {
    expect(rows.map((row) => row.name)).toStrictEqual(members.map((member) => member.name));
    expect([...names].sort()).toStrictEqual(members.map((member) => member.name).sort());
  });

  it.each(rows.map((row) => [row.name, row.byDefault] as const))('%s: its default is that of its docstring', (option, byDefault) => {
    const told = members.find((member) => member.name === option)!.told.replaceAll('`', '');
    expect(told.toLowerCase()).toContain(byDefault.replaceAll('`', '').toLowerCase());
  });
});

it('src/node imports no framework', () => {
  const folder = path.resolve(import.meta.dirname, '../../src/node');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts'))) {
    const imported = [...readFileSync(path.join(folder, file), 'utf8').matchAll(/^(import|export) (type )?.*from '([^.'][^']*)'/gm)];
    for (const [, , type, from] of imported) expect([file, from === 'rxjs' || from === 'node:async_hooks' || (type !== undefined && from!.startsWith('node:'))]).toStrictEqual([file, true]);
  }
});
