import * as fc from 'fast-check';

/** How a source ends. */
export type End = 'complete' | 'fail';

/**
 * What a consumer does in the middle of one of its own handlers. `back` names another call: 1 is the one before, -1 the
 * one after. `S` is
 * whatever can be set at the policy.
 */
export type Reaction<S> =
  | { readonly do: 'nothing' | 'leave' | 'call' }
  | { readonly do: 'leave other' | 'end other'; readonly back: number }
  | { readonly do: 'set'; readonly to: S };

/** One call and its consumer. */
export interface Script<S> {
  /** 0 (most important) to 3. */
  readonly rank: number;
  /** Milliseconds from the call to its deadline. */
  readonly within: number | null;
  /** What the source says while it is being subscribed. */
  readonly opening: readonly ('value' | End)[];
  readonly onValue: Reaction<S>;
  /** On an error, a refusal too, and on completion. */
  readonly onEnd: Reaction<S>;
  /** The consumer has left before it subscribes. */
  readonly gone: boolean;
}

export type Step<S> =
  | { readonly do: 'call' }
  | { readonly do: 'value' | 'complete' | 'fail' | 'leave'; readonly which: number }
  | { readonly do: 'time'; readonly by: number }
  | { readonly do: 'set'; readonly to: S };

export function scripts<S>(setting: fc.Arbitrary<S>): fc.Arbitrary<readonly Script<S>[]> {
  const back = fc.constantFrom(1, 2, 3, 4, -1, -2);
  const reaction: fc.Arbitrary<Reaction<S>> = fc.oneof(
    { weight: 5, arbitrary: fc.constant({ do: 'nothing' as const }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('leave' as const, 'call' as const, 'call' as const) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('leave other' as const, 'end other' as const), back }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('set' as const), to: setting }) },
  );
  const opening = fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom('value' as const, 'value' as const, 'complete' as const, 'fail' as const), { maxLength: 3 }) },
  );
  const script = fc.record({
    rank: fc.nat(3),
    within: fc.option(fc.nat(8), { freq: 3 }),
    opening,
    onValue: reaction,
    onEnd: reaction,
    gone: fc.oneof({ weight: 30, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  });
  return fc.array(script, { minLength: 1, maxLength: 8 });
}

export function steps<S>(setting: fc.Arbitrary<S>): fc.Arbitrary<readonly Step<S>[]> {
  const step: fc.Arbitrary<Step<S>> = fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('call' as const) }) },
    { weight: 7, arbitrary: fc.record({ do: fc.constantFrom('value' as const, 'complete' as const, 'complete' as const, 'fail' as const, 'leave' as const), which: fc.nat(12) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('time' as const), by: fc.integer({ min: 1, max: 6 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('set' as const), to: setting }) },
  );
  return fc.array(step, { maxLength: 40, size: 'max' });
}
