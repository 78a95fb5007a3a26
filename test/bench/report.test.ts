import { describe, expect, it } from 'vitest';
import type { Case } from './case.ts';
import { figure, type Report, tables, verdict } from './report.ts';
import { memoryResult, settingResult } from './results.ts';

const one: Case = {
  group: 'group',
  name: 'row',
  base: 'bare',
  contenders: () => ({}),
  targets: [
    { against: 'rxjs', atMost: 0.4 },
    { against: 'cheapest peer', atMost: 0.9 },
  ],
};

const rounds = (value: number): number[] => Array<number>(9).fill(value);
const samples = { bare: rounds(10), ours: rounds(40), rxjs: rounds(80), opossum: rounds(50), cockatiel: rounds(500) };

describe('the result of a case', () => {
  const result = settingResult(one, [samples, samples]);

  it('sets every contender in relation to the base', () => {
    expect(result.toBase['ours']).toStrictEqual({ median: 4, low: 4, high: 4 });
    expect(result.toBase['bare']).toStrictEqual({ median: 1, low: 1, high: 1 });
    expect(result.nanoseconds['cockatiel']).toBe(500);
  });

  it('holds ours against each target, the cheapest peer by its time', () => {
    expect(result.targets.map(({ against, ratio, met }) => [against, ratio.median, met])).toStrictEqual([
      ['rxjs', 0.5, false],
      ['opossum', 0.8, true],
    ]);
  });

  it('is printed with what is missed, and by how much', () => {
    const report: Report = {
      versions: {},
      effort: {},
      cases: [{ group: 'group', name: 'row', base: 'bare', settings: { clean: result } }],
      memory: [memoryResult('bare', 100, undefined), memoryResult('ours', 220, 200)],
      bareImport: 0,
    };
    const [targets, toBare, memory] = tables(report);
    expect(targets!.rows).toStrictEqual([
      ['group: row', 'rxjs', '0.4', '0.50 (0.50-0.50) MISSED by 25 %', '-'],
      ['group: row', 'opossum', '0.9', '0.80 (0.80-0.80) met', '-'],
      ['memory: held per call in flight, ours', 'bytes', '200', '220 MISSED by 10 %', '-'],
      ['size: a bare import', 'bytes', '0', '0 met', '-'],
    ]);
    expect(toBare!.rows).toStrictEqual([['group: row', '', '4.00', '8.00', '5.00', '50.0', '']]);
    expect(memory!.rows).toStrictEqual([['bare', '100'], ['ours', '220']]);
  });
});

describe('a figure', () => {
  it.each([
    [0.0312, '0.031'],
    [0.312, '0.31'],
    [3.123, '3.12'],
    [31.23, '31.2'],
    [312.3, '312'],
  ])('%d has about three digits', (value, expected) => {
    expect(figure(value)).toBe(expected);
  });

  it.each([
    [0, 0, 'met'],
    [1, 0, 'MISSED'],
    [1.2, 1.2, 'met'],
    [1.8, 1.2, 'MISSED by 50 %'],
  ])('%d of at most %d is %s', (found, atMost, expected) => {
    expect(verdict(found, atMost)).toBe(expected);
  });
});
