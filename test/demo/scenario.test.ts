import { describe, expect, it } from 'vitest';
import { circuitLog } from '../../docs/demo/circuit-log.ts';
import { seeded } from '../../docs/demo/random.ts';
import { compressed, fullScenario, phaseAt, phaseSpans, windowsOf } from '../../docs/demo/scenario.ts';

describe('the scenario of the demo', () => {
  it('leaves room for start, build and table within thirty seconds', () => {
    expect(windowsOf(fullScenario).whole.to + fullScenario.patience).toBeLessThanOrEqual(22_000);
  });

  it('has its phases one after the other', () => {
    const spans = phaseSpans(fullScenario);
    expect(spans[0]!.from).toBe(0);
    for (let i = 1; i < spans.length; i++) expect(spans[i]!.from).toBe(spans[i - 1]!.to);
  });

  it.each([
    [0, 'healthy'], [2_999, 'healthy'], [3_000, 'slow'], [6_000, 'failing'], [9_000, 'hanging'], [13_000, 'recovering'],
    [99_000, 'recovering'],
  ])('is at %i ms in the phase %s', (time, name) => {
    expect(phaseAt(phaseSpans(fullScenario), time).name).toBe(name);
  });

  it('calls everything between healthy and recovering the outage', () => {
    expect(windowsOf(fullScenario)).toStrictEqual({
      before: { from: 0, to: 3_000 },
      outage: { from: 3_000, to: 13_000 },
      after: { from: 13_000, to: 20_000 },
      whole: { from: 0, to: 20_000 },
    });
  });

  it('is the same story in half the time at the same load', () => {
    const half = compressed(fullScenario, 0.5);
    expect(windowsOf(half).whole.to).toBe(10_000);
    expect(half).toMatchObject({ rate: 100, places: 100, patience: 1_000, bareTimeout: 4_500, slowTime: [1_500, 2_000] });
  });
});

describe('seeded', () => {
  it.each([0, 1, -1, 2 ** 31, 20_261_124])('gives numbers from 0 to below 1, the same for the seed %i', (seed) => {
    const [random, again] = [seeded(seed), seeded(seed)];
    const numbers = Array.from({ length: 1_000 }, random);
    expect(numbers).toStrictEqual(Array.from({ length: 1_000 }, again));
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    expect(new Set(numbers).size).toBeGreaterThan(990);
  });
});

describe('circuitLog', () => {
  it('starts closed', () => {
    expect(circuitLog().mostly({ from: 0, to: 1_000 })).toBe('closed');
  });

  it('gives the state that lasted longest in the span, in pieces or whole', () => {
    const log = circuitLog();
    log.note(300, 'open');
    log.note(600, 'half-open');
    log.note(700, 'open');
    log.note(2_600, 'closed');
    expect([0, 1_000, 2_000, 3_000].map((from) => log.mostly({ from, to: from + 1_000 }))).toStrictEqual([
      'open', 'open', 'open', 'closed',
    ]);
  });
});
