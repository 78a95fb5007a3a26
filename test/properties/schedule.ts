import * as fc from 'fast-check';

/** What stands in a pipe, from the source outwards: an index into the shared policies. */
export type Pipe = readonly number[];

/** What a source does as it is subscribed; `manual` waits for the schedule. */
export type Opening = 'manual' | 'value' | 'complete' | 'value and complete' | 'fail' | 'value and fail';

/** What a consumer does: nothing, leave with the first value, call again as it fails, or call on for its value. */
export type Manner = 'stays' | 'takes one' | 'calls again' | 'calls on';

export type Step =
  | { readonly do: 'call'; readonly pipe: number; readonly manner: Manner }
  | { readonly do: 'leave'; readonly call: number }
  | { readonly do: 'value'; readonly source: number }
  | { readonly do: 'complete'; readonly source: number }
  | { readonly do: 'fail'; readonly source: number; readonly error: number }
  | { readonly do: 'advance'; readonly by: number };

export interface Schedule {
  readonly pipes: readonly Pipe[];
  /** By pipe: whether its source is an `attempt` of a promise, which ends with its value. */
  readonly promised: readonly boolean[];
  /** One for each subscription of a source, in turn. */
  readonly openings: readonly Opening[];
  readonly steps: readonly Step[];
  readonly seed: number;
  /** Somebody listens to states and events. */
  readonly observed: boolean;
}

/** Pipes of one to six of `size` policies; `clash` says which would wait for themselves. */
export function schedules(size: number, clash: (a: number, b: number) => boolean): fc.Arbitrary<Schedule> {
  const pipe = fc
    .array(fc.nat(size - 1), { minLength: 1, maxLength: 6 })
    .map((chosen) => chosen.filter((policy, at) => !chosen.slice(0, at).some((other) => clash(other, policy))));
  const opening = fc.oneof(
    { weight: 4, arbitrary: fc.constant<Opening>('manual') },
    {
      weight: 3,
      arbitrary: fc.constantFrom<Opening>('value', 'complete', 'value and complete', 'fail', 'value and fail'),
    },
  );
  const manner = fc.constantFrom<Manner>('stays', 'stays', 'stays', 'takes one', 'calls again', 'calls on');
  const recent = fc.nat(5);
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('call' as const), pipe: fc.nat(1), manner }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), call: recent }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('value' as const, 'complete' as const), source: recent }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('fail' as const), source: recent, error: fc.nat(3) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('advance' as const), by: fc.constantFrom(1, 2, 5, 10, 40) }) },
  );
  return fc.record({
    pipes: fc.tuple(pipe, pipe),
    promised: fc.tuple(fc.boolean(), fc.boolean()),
    openings: fc.array(opening, { minLength: 1, maxLength: 12 }),
    steps: fc.array(step, { minLength: 3, maxLength: 40 }),
    seed: fc.nat(0xffff),
    observed: fc.boolean(),
  });
}
