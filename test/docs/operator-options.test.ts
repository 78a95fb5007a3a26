import { NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bulkheadOptionNames } from '../../src/bulkhead/bulkhead-options.js';
import { breakerOptionNames } from '../../src/circuit-breaker/breaker-options.js';
import { allowanceNames } from '../../src/deadline/deadline-options.js';
import { decisionNames } from '../../src/fallback/fallback-options.js';
import * as library from '../../src/index.js';
import { loadShedOptionNames } from '../../src/load-shed/load-shed-options.js';
import { policyOptionNames } from '../../src/operator/policy-types.js';
import { retryOptionNames } from '../../src/retry/retry-options.js';
import { checkRange } from './check-range.js';
import { membersOf } from './options-of.js';
import { optionTable } from './page.js';

const { bulkhead, circuitBreaker, fallbackToLast, fallbackToValue, lastValues, loadShed, loadShedder } = library;
const { retryWithBackoff, vegasLimit, withDeadline } = library;

type Options = Record<string, unknown>;

interface Section {
  readonly page: string;
  readonly heading: string;
  readonly interfaces: readonly (readonly [file: string, name: string])[];
  /** The names by which the code refuses others, where it exports them. */
  readonly names?: readonly string[];
  /** Constructs it with some options. */
  readonly make: (options: Options) => unknown;
}

const sections: readonly Section[] = [
  {
    page: 'circuit-breaker',
    heading: '## Options',
    interfaces: [
      ['src/circuit-breaker/breaker-options.ts', 'BreakerSettings'],
      ['src/circuit-breaker/breaker-options.ts', 'CircuitBreakerOptions'],
    ],
    names: [...breakerOptionNames, 'initialState'],
    make: (options) => circuitBreaker(options),
  },
  {
    page: 'retry-with-backoff',
    heading: '## Options',
    interfaces: [['src/retry/retry-options.ts', 'RetrySettings'], ['src/retry/retry-options.ts', 'RetryOptions']],
    names: retryOptionNames,
    make: (options) => retryWithBackoff(options),
  },
  {
    page: 'bulkhead',
    heading: '## Options',
    interfaces: [['src/bulkhead/bulkhead-options.ts', 'BulkheadOptions']],
    names: bulkheadOptionNames,
    make: (options) => bulkhead(1, 0, options),
  },
  {
    page: 'bulkhead',
    heading: '### Queue',
    interfaces: [['src/bulkhead/bulkhead-options.ts', 'BulkheadQueue']],
    make: (options) => bulkhead(1, { size: 1, ...options }),
  },
  {
    page: 'with-deadline',
    heading: '## Options',
    interfaces: [['src/deadline/deadline-options.ts', 'DeadlineSettings']],
    names: [...allowanceNames, 'onExpire', 'until', 'isValue'],
    make: (options) => withDeadline(options),
  },
  {
    page: 'fallback-to',
    heading: '## Options',
    interfaces: [['src/fallback/fallback-options.ts', 'FallbackOptions']],
    names: decisionNames,
    make: (options) => fallbackToValue('instead', options),
  },
  {
    page: 'fallback-to',
    heading: '### Without a key',
    interfaces: [['src/fallback/fallback-to-last.ts', 'FallbackToLastOptions']],
    make: (options) => fallbackToLast({ maxAge: 1, ...options }),
  },
  {
    page: 'fallback-to',
    heading: '### With a key',
    interfaces: [['src/fallback/last-values.ts', 'LastValuesOptions']],
    make: (options) => lastValues({ maxAge: 1, ...options }),
  },
  {
    page: 'load-shed',
    heading: '## Options',
    interfaces: [['src/load-shed/load-shed-options.ts', 'LoadShedOptions']],
    names: loadShedOptionNames,
    make: (options) => loadShed('critical', options),
  },
  {
    page: 'load-shed',
    heading: '### Shedder',
    interfaces: [['src/load-shed/load-shedder.ts', 'LoadShedderOptions']],
    make: (options) => loadShedder(options),
  },
  {
    page: 'load-shed',
    heading: '### Queue of a shedder',
    interfaces: [['src/load-shed/load-shedder.ts', 'ShedderQueue']],
    make: (options) => loadShedder({ queue: { size: 1, ...options } }),
  },
  {
    page: 'load-shed',
    heading: '### vegasLimit',
    interfaces: [['src/core/vegas-limit.ts', 'VegasLimitOptions']],
    make: (options) => vegasLimit(options),
  },
  {
    page: 'observing',
    heading: '## Options of every policy',
    interfaces: [['src/operator/policy-types.ts', 'PolicyOptions']],
    names: policyOptionNames,
    make: (options) => withDeadline(1, options),
  },
];

const pageOf = ({ page }: Section): string => `docs/operators/${page}.md`;

describe.each(sections.map((section) => [`${section.page}, ${section.heading}`, section] as const))('%s', (_title, section) => {
  const members = section.interfaces.flatMap(([file, name]) => membersOf(file, name));
  const rows = optionTable(pageOf(section), section.heading);

  it('names every option and no other', () => {
    const names = rows.map(({ name }) => name).sort();
    expect(names).toStrictEqual(members.map(({ name }) => name).sort());
    if (section.names !== undefined) expect(names).toStrictEqual([...section.names].sort());
  });

  it.each(rows.map((row) => [row.name, row] as const))('%s: its default is that of its docstring', (name, { byDefault }) => {
    const { required, told } = members.find((member) => member.name === name)!;
    expect(byDefault === 'required').toBe(required);
    for (const [, literal] of byDefault.matchAll(/`([^`]+)`/g)) expect(told).toContain(literal);
    if (byDefault === 'none') expect(told).not.toMatch(/default [\d`]/i);
  });

  it.each(rows.map((row) => [row.name, row] as const))('%s: its range is what is taken', (name, { range }) => {
    const make = (value: unknown): unknown => section.make({ [name]: value });
    checkRange(range, make);
  });
});

describe('the arguments of bulkhead', () => {
  const rows = optionTable('docs/operators/bulkhead.md', '## Usage');
  it('are all there', () => expect(rows.map(({ name }) => name)).toStrictEqual(['maxConcurrent', 'queue']));
  it('maxConcurrent has its range', () => checkRange(rows[0]!.range, (value) => bulkhead(value as number)));
  it('queue has its range', () => checkRange(rows[1]!.range, (value) => bulkhead(1, value as number)));
  it('an observable is taken too', () => expect(() => bulkhead(NEVER)).not.toThrow());
});
