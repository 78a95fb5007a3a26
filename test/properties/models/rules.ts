import * as fc from 'fast-check';
import type { ModelRule } from './trip-model.js';
import type { ModelWindow } from './window-model.js';

/** Two rules of one shape, which differ in their thresholds: what one has counted, the other goes on with. */
type Pair = readonly [ModelRule, ModelRule];

const twice = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<readonly [T, T]> => fc.tuple(one, one);

const calls = fc.integer({ min: 2, max: 6 }).map((calls) => ({ calls }));
const time = fc.record({ width: fc.integer({ min: 1, max: 6 }), buckets: fc.integer({ min: 1, max: 4 }) });
const timed = time.map(({ buckets, width }) => ({ time: width * buckets, buckets }));

const consecutive = (over: fc.Arbitrary<number>): fc.Arbitrary<Pair> =>
  twice(fc.integer({ min: 1, max: 3 })).chain(([a, b]) =>
    twice(over).map(([overA, overB]) => [
      { kind: 'consecutive', failures: a, over: overA },
      { kind: 'consecutive', failures: b, over: overB },
    ]),
  );

const counted = (windows: fc.Arbitrary<ModelWindow>): fc.Arbitrary<Pair> =>
  fc.tuple(windows, twice(fc.integer({ min: 1, max: 4 }))).map(([window, both]) => {
    const most = 'calls' in window ? window.calls : 4;
    const [a, b] = both.map((failures) => ({ kind: 'count' as const, failures: Math.min(most, failures), window }));
    return [a!, b!];
  });

const rated = (windows: fc.Arbitrary<ModelWindow>, slowerThan: number | undefined): fc.Arbitrary<Pair> => {
  const numbers = fc.record({ threshold: fc.constantFrom(0.2, 0.5, 2 / 3, 1), minimum: fc.integer({ min: 1, max: 4 }) });
  return fc.tuple(windows, twice(numbers)).map(([window, both]) => {
    const most = 'calls' in window ? window.calls : 4;
    const [a, b] = both.map(({ minimum, threshold }): ModelRule => {
      const limits = { threshold, minimum: Math.min(most, minimum), window };
      return slowerThan === undefined ? { kind: 'rate', ...limits } : { kind: 'slow', slowerThan, ...limits };
    });
    return [a!, b!];
  });
};

const any = (...parts: readonly fc.Arbitrary<Pair>[]): fc.Arbitrary<Pair> =>
  fc.tuple(...parts).map((pairs) => [
    { kind: 'any', rules: pairs.map(([a]) => a) },
    { kind: 'any', rules: pairs.map(([, b]) => b) },
  ]);

const windows = fc.oneof<fc.Arbitrary<ModelWindow>[]>(calls, timed);

/** Each kind of rule. */
export const kinds = {
  'failures in a row': consecutive(fc.constant(0)),
  'failures in a row that lasts': consecutive(fc.integer({ min: 1, max: 6 })),
  'failures of the last calls or of a time': counted(windows),
  'share of failures in the last calls': rated(calls, undefined),
  'share of failures in a time': rated(timed, undefined),
  'share of slow calls': fc.constantFrom(1, 3, 5).chain((slowerThan) => rated(windows, slowerThan)),
  'any of them': fc.oneof(
    any(rated(timed, undefined), consecutive(fc.integer({ min: 1, max: 6 }))),
    any(consecutive(fc.constant(0)), rated(windows, 4), counted(windows)),
    any(rated(windows, 3), rated(windows, 5)),
  ),
} satisfies Record<string, fc.Arbitrary<Pair>>;

export type Kind = keyof typeof kinds;

export function pairOfRules(kind: Kind): fc.Arbitrary<Pair> {
  return kinds[kind];
}
