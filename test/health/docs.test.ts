import { describe, expect, it } from 'vitest';
import { boardScenarios } from '../../marbles/health-board.marbles.js';
import { checkScenarios } from '../../marbles/health-check.marbles.js';
import { wholeScenarios } from '../../marbles/health-whole.marbles.js';
import { healthBoard } from '../../src/health/health-board.js';
import { healthCheck } from '../../src/health/health-check.js';
import { checkOptionNames } from '../../src/health/health-options.js';
import { membersOf } from '../docs/options-of.js';
import { blocks, optionTable, read } from '../docs/page.js';
import { instances, outage, runFleet } from './fleet/fleet.js';
import { draw } from './picture.js';

const page = 'docs/health.md';
const scenarios = [...checkScenarios, ...wholeScenarios, ...boardScenarios];

describe(page, () => {
  it('draws only what the scenarios prove', () => {
    const pictures = blocks(page, '');
    expect(pictures.length).toBeGreaterThan(5);
    for (const picture of pictures) {
      const [title] = picture.split('\n');
      const scenario = scenarios.find((other) => other.title === title);
      expect(scenario === undefined ? `no scenario '${title}'` : draw(scenario)).toBe(picture.trimEnd());
    }
  });

  it('has the figures of the fleet', () => {
    const seconds = (ms: number): string => `${ms / 1_000} s`;
    const [good, bad] = [runFleet({ liveOf: (board) => board.live$ }), runFleet({ liveOf: (_board, check) => check })];
    const again = bad.pods.filter(({ restarts }) => restarts.length > 1);
    const text = read(page).replace(/\s+/g, ' ');
    expect(text).toContain(`has ${instances} instances and a dependency that is away for ${seconds(outage.to - outage.from)}`);
    expect(text).toContain(`all serve again ${seconds(good.recovered - outage.to)} after it is back`);
    expect(text).toContain(`${again.length} of them again when the dependency has long been back`);
    expect(again.every(({ restarts }) => restarts[1]! > outage.to + 2_000)).toBe(true);
    expect(text).toContain(`the last one serves again ${seconds(bad.recovered - outage.to)} after it`);
    expect(text).toContain(`they are for ${Math.round(0.001 * 30 * 24 * 60)} minutes a month`);
  });
});

describe.each([
  ['## healthCheck', 'src/health/health-options.ts', 'HealthCheckOptions', checkOptionNames, (options: object) => healthCheck('db', () => true, options)],
  ['## healthBoard', 'src/health/health-board-options.ts', 'HealthBoardOptions', ['deepEvery', 'readWithin', 'scheduler'], (options: object) => healthBoard({}, options)],
] as const)('the options of %s', (heading, file, name, names, make) => {
  const members = membersOf(file, name);
  const rows = optionTable(page, heading);

  it('are all there, and no other', () => {
    expect(rows.map((row) => row.name)).toStrictEqual(members.map((member) => member.name));
    expect(rows.map((row) => row.name)).toStrictEqual(names);
  });

  it.each(rows.map((row) => [row.name, row] as const))('%s: default and range are as the code has them', (option, { byDefault, range }) => {
    const { told } = members.find((member) => member.name === option)!;
    expect(told).toContain(/`([^`]+)`/.exec(byDefault)![1]!);
    const taken = (value: unknown): void => expect(() => make({ [option]: value })).not.toThrow();
    const refused = (value: unknown): void => expect(() => make({ [option]: value })).toThrow(option);
    const [, least] = /^at least (\d+)/.exec(range) ?? [];
    const [, from, to] = /^(\d+) to ([\d.]+)$/.exec(range) ?? [];
    if (least !== undefined) {
      taken(Number(least));
      refused(Number(least) - 0.5);
      if (range.includes('whole')) refused(Number(least) + 0.5);
      if (range.includes('Infinity')) taken(Infinity);
      else refused(Infinity);
    } else if (from !== undefined) {
      taken(Number(from));
      taken(Number(to));
      refused(Number(to) + 0.01);
      refused(-0.01);
    } else {
      refused(Symbol('none'));
    }
  });
});
