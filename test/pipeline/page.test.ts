import { describe, expect, it } from 'vitest';
import { pipelineScenarios } from '../../marbles/pipeline.marbles.js';
import { type PipelineOptions, partNames } from '../../src/pipeline/pipeline-options.js';
import { writePipeline } from '../../src/pipeline/presets.js';
import { resiliencePipeline } from '../../src/pipeline/resilience-pipeline.js';
import { membersOf } from '../docs/options-of.js';
import { blocks, optionTable, read } from '../docs/page.js';
import { draw } from '../docs/picture.js';

const page = 'docs/pipeline.md';
const namesOf = (...interfaces: readonly (readonly [file: string, name: string])[]): readonly string[] =>
  [...new Set(interfaces.flatMap(([file, name]) => membersOf(file, name).map((member) => member.name)))].sort();

const options = 'src/pipeline/pipeline-options.ts';
const policy = 'src/operator/policy-types.ts';

describe('docs/pipeline.md', () => {
  it('draws only what the scenarios prove', () => {
    const pictures = blocks(page, '').map((picture) => picture.trimEnd());
    expect(pictures.length).toBeGreaterThan(3);
    for (const picture of pictures) {
      const scenario = pipelineScenarios.find(({ title }) => title === picture.split('\n')[0]);
      expect(scenario === undefined ? 'no such scenario' : draw(scenario)).toBe(picture);
    }
  });

  it('has the parts in their order, in the picture and in the table', () => {
    const [picture] = blocks(page, 'text');
    const drawn = picture!.split('\n')[0]!.split(' ─▶ ').map((word) => word.trim());
    expect(drawn.slice(1, -1)).toStrictEqual(partNames);
    expect(optionTable(page, '## Options').map(({ name }) => name).slice(0, partNames.length)).toStrictEqual(partNames);
  });

  it('names every option and no other', () => {
    const named = optionTable(page, '## Options').map(({ name }) => name);
    expect([...named].sort()).toStrictEqual(namesOf([options, 'PipelineOptions'], [options, 'PipelineCommon'], [policy, 'PolicyOptions']));
  });

  it.each(optionTable(page, '## Options').map((row) => [row.name, row] as const))('%s has the default and the range that it says', (name, { byDefault, range }) => {
    const members = [...membersOf(options, 'PipelineOptions'), ...membersOf(options, 'PipelineCommon'), ...membersOf(policy, 'PolicyOptions')];
    const { told } = members.find((member) => member.name === name)!;
    expect(told).toContain(byDefault.replaceAll('`', ''));
    const make = (value: unknown) => () => resiliencePipeline({ [name]: value } as PipelineOptions);
    expect(make(Symbol('none'))).toThrow(/./);
    if (range.startsWith('at least')) {
      const least = Number(/\d+/.exec(range));
      expect(make(least)).not.toThrow();
      expect(make(least - 1)).toThrow(RangeError);
    }
    if (range.includes('a function')) expect(make(() => 'critical')).not.toThrow();
    if (range.includes('an object') && name !== 'bulkhead' && name !== 'shed') expect(make({})).not.toThrow();
    for (const [, mode] of range.matchAll(/`(\w+)`/g)) if (name === 'mode') expect(make(mode)).not.toThrow();
  });

  it('has the presets as their docstring says, whose figures the tests of the presets measure', () => {
    const source = read('src/pipeline/presets.ts');
    const rows = [...source.matchAll(/^ \* (\|.*\|)$/gm)].map(([, row]) => row!);
    expect(rows.length).toBe(9);
    const text = read(page);
    for (const row of rows) expect(text).toContain(`\n${row}\n`);
  });

  it('names the options of the presets', () => {
    const named = optionTable(page, '### Options of the presets').map(({ name }) => name);
    expect([...named].sort()).toStrictEqual(namesOf(['src/pipeline/presets.ts', 'PresetOptions'], ['src/pipeline/presets.ts', 'WritePresetOptions']));
    for (const name of named) expect(() => writePipeline({ [name]: undefined })).not.toThrow();
  });

  it('names every member', () => {
    const members = optionTable(page, '## Members').map(({ name }) => /^\w+\$?/.exec(name)![0]);
    expect(members.sort()).toStrictEqual(Object.keys(resiliencePipeline({})).sort());
  });

  it('can be read in one sitting', () => {
    expect(read(page).split('\n').length).toBeLessThanOrEqual(330);
  });
});
