import { describe, expect, it } from 'vitest';
import {
  constant, decorrelatedJitter, exponential, failureRate, fibonacci, healthBoard, healthCheck, lastValues, linear, loadShedder, perKey,
  policyRegistry, retryBudget, retryWithBackoff, standardPipeline, tokenBudget,
} from 'rxjs-resilience';
import { resilientFetch } from 'rxjs-resilience/fetch';
import { checkRange } from './check-range.js';
import { optionTable, read } from './page.js';

type Options = Readonly<Record<string, unknown>>;

/** Tables of options that stand on no page of an operator, with what takes them. */
const tables: readonly (readonly [page: string, heading: string, make: (options: never) => unknown])[] = [
  ['docs/health.md', '## healthCheck', (options) => healthCheck('db', () => true, options)],
  ['docs/health.md', '## healthBoard', (options) => healthBoard({}, options)],
  ['docs/per-key.md', '## Options', (options) => perKey(() => retryWithBackoff(), options)],
  ['docs/registry.md', '## Options', policyRegistry],
];

describe.each(tables)('%s, %s', (page, heading, make) => {
  it.each(optionTable(page, heading).map((row) => [row.name, row] as const))('%s: its range is what is taken', (name, { range }) => {
    checkRange(range, (value) => make({ [name]: value } as never));
  });
});

/** Where `Infinity` has a meaning it is taken, and a page says so; elsewhere a number is finite. */
describe('Infinity', () => {
  it.each<[string, string, (options: never) => unknown, Options]>([
    ['the cap of exponential', 'cap', exponential, {}],
    ['the cap of linear', 'cap', linear, {}],
    ['the cap of fibonacci', 'cap', fibonacci, {}],
    ['the cap of decorrelatedJitter', 'cap', decorrelatedJitter, {}],
    ['the ceiling of a priority', 'critical', (ceilings) => loadShedder({ ceilings }), {}],
    ['the age of a last value', 'maxAge', lastValues, {}],
  ])('is taken as %s', (_title, name, make, others) => {
    expect(() => make({ ...others, [name]: Infinity } as never)).not.toThrow();
    expect(() => make({ ...others, [name]: NaN } as never)).toThrow(RangeError);
  });

  it('is said of the cap and of the ceilings', () => {
    expect(read('docs/operators/retry-with-backoff.md')).toContain('a `cap` of `Infinity` is none');
    expect(optionTable('docs/operators/load-shed.md', '### Shedder').find(({ name }) => name === 'ceilings')!.range).toContain('`Infinity`');
  });

  it.each<[string, (value: number) => unknown]>([
    ['constant', constant],
    ['initial', (initial) => exponential({ initial })],
    ['factor', (factor) => exponential({ factor })],
    ['step', (step) => linear({ step })],
    ['base', (base) => decorrelatedJitter({ base })],
    ['ratio', (ratio) => retryBudget({ ratio })],
    ['burst', (burst) => retryBudget({ burst })],
    ['tokenRatio', (tokenRatio) => tokenBudget({ maxTokens: 1, tokenRatio })],
    ['window.time', (time) => failureRate({ threshold: 1, window: { time } })],
    ['window.calls', (calls) => failureRate({ threshold: 1, window: { calls } })],
    ['bulkhead', (bulkhead) => standardPipeline({ bulkhead })],
    ['maxKeys', (maxKeys) => resilientFetch({ maxKeys })],
    ['a share', (critical) => loadShedder({ shares: { critical } })],
  ])('is refused as %s', (_title, make) => {
    expect(() => make(Infinity)).toThrow(RangeError);
  });
});
