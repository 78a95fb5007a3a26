import { describe, expect, it } from 'vitest';
import { absoluteDeadline, decodePriority, encodePriority, envoyTimeout, grpcTimeout, type Priority, requestTimeout } from '../../src/index.js';
import { deadlineOptionNames } from '../../src/node/deadline-options.js';
import { membersOf } from '../docs/options-of.js';
import { optionTable, read } from '../docs/page.js';

const page = 'docs/deadlines.md';

describe('the options of the page', () => {
  const rows = optionTable(page, '## Options');
  const members = membersOf('src/node/deadline-options.ts', 'DeadlineMiddlewareOptions');

  it('are all there, and no others', () => {
    const names = members.map(({ name }) => name);
    expect(rows.map(({ name }) => name)).toStrictEqual(names);
    expect(deadlineOptionNames).toStrictEqual(names);
  });

  it.each(rows.map((row) => [row.name, row.byDefault] as const))('%s: its default is that of its docstring', (option, byDefault) => {
    const told = members.find(({ name }) => name === option)!.told.replaceAll('`', '').replaceAll('* ', '').replace(/\s+/g, ' ');
    expect(told.toLowerCase()).toContain(`default${option === 'maximum' || option === 'accept' || option === 'scheduler' ? '' : ':'} ${byDefault.replaceAll('`', '').toLowerCase()}`);
  });
});

describe('the headers of the page', () => {
  const rows = read(page).split('## What goes over the wire')[1]!.split('\n').filter((line) => line.startsWith('|')).map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));

  it.each([['requestTimeout', requestTimeout], ['grpcTimeout', grpcTimeout], ['envoyTimeout', envoyTimeout], ['absoluteDeadline', absoluteDeadline()]] as const)(
    '%s: it is called so, and reads its example',
    (name, codec) => {
      const [, , header, form] = rows.find(([, first]) => first!.startsWith(name))!;
      expect(header).toBe(codec.header);
      expect(codec.decode(form!.split(',')[0]!, 1_800_000_000_000)).toBe(1_500);
    },
  );

  it('write and read priorities as the page says', () => {
    const priorities = rows.filter(([, sent]) => /^u=\d$/.test(sent!));
    expect(priorities).toHaveLength(4);
    for (const [, sent, priority, from] of priorities) {
      expect(encodePriority(priority as Priority)).toBe(sent);
      const ends = [...from!.matchAll(/u=(\d)/g)].map(([, digit]) => Number(digit));
      for (let urgency = ends[0]!; urgency <= ends.at(-1)!; urgency++) expect(decodePriority(`u=${urgency}`)).toBe(priority);
    }
  });
});
