import * as fc from 'fast-check';
import { Observable, type Subscription } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { circuitBreaker } from '../../../src/circuit-breaker/circuit-breaker.js';
import type { Isolation } from '../../../src/circuit-breaker/watched-circuit.js';
import { withDeadline } from '../../../src/deadline/with-deadline.js';
import { asksFor, type End, granted, type ModelCall, type ModelSettings, within } from './circuit-call.js';
import { breakOf, ModelCircuit } from './circuit-model.js';
import { type Kind, kinds, pairOfRules } from './rules.js';
import { runs } from './runs.js';
import { type ModelRule, ruleOf } from './trip-model.js';

const few = fc.integer({ min: 1, max: 3 });
const probeTimeout = fc.integer({ min: 1, max: 8 });

const settings = fc.record({
  successThreshold: few,
  maxProbes: few,
  probeTimeout,
  hungAfter: fc.constantFrom(undefined, undefined, 2, 5, 6, 9),
  settleOn: fc.constantFrom('complete' as const, 'complete' as const, 'firstValue' as const),
});

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('call' as const), deadline: fc.constantFrom(false, false, true) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('value' as const), which: fc.nat(20), bad: fc.constantFrom(false, false, false, true) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(20), end: fc.constantFrom<Said>('complete', 'complete', 'fail', 'fail', 'busy', 'permanent', 'bug', 'leave') }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('time' as const), by: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('isolate' as const, 'release' as const, 'reset' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('update' as const), to: fc.record({ successThreshold: few, maxProbes: few, probeTimeout }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rule' as const), other: fc.boolean() }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

type Said = Exclude<End, 'cut'>;

interface Live {
  readonly expected: ModelCall;
  readonly subscription: Subscription;
  readonly say: (what: number | Said) => void;
}

interface Manner {
  readonly open: boolean;
  /** Somebody listens to state, health and events. */
  readonly observed: boolean;
  /** They are read after each step, not only in the end. */
  readonly looked: boolean;
}

const errors: Readonly<Record<Exclude<Said, 'complete' | 'leave'>, unknown>> = {
  fail: new Error('down'),
  busy: { retryAfter: asksFor },
  permanent: { status: 404 },
  bug: new TypeError('x is not a function'),
};

let made = 0;

function play(steps: readonly Step[], rules: readonly [ModelRule, ModelRule], first: Omit<ModelSettings, 'rule'>, manner: Manner): void {
  const { looked, observed, open } = manner;
  const scheduler = new TestScheduler(() => undefined);
  const breaker = circuitBreaker({
    ...first,
    trip: ruleOf(rules[0]),
    breakDuration: ({ attempt }) => breakOf(attempt),
    maxBreakDuration: granted,
    isFailureValue: (value) => value === -1,
    initialState: open ? 'open' : 'closed',
    name: `breaker ${made++}`,
    scheduler,
    random: () => 0,
  });
  const model = new ModelCircuit({ ...first, rule: rules[0] }, open);
  const told: string[] = [];
  let tally: Record<string, number> = {};
  const limited = withDeadline(within, { scheduler });
  let live: Live[] = [];
  const holds: Isolation[] = [];
  if (observed) {
    breaker.state$.subscribe((state) => told.push(`${scheduler.now()} ${state}`));
    breaker.health$.subscribe();
    breaker.events$.subscribe(({ type }) => {
      if (type === 'reset') tally = {};
      tally[type] = (tally[type] ?? 0) + 1;
    });
  }

  const call = (deadline: boolean): void => {
    const expected = model.call(deadline);
    let say: Live['say'] | undefined;
    const source = new Observable<number>((subscriber) => {
      say = (what) => {
        if (typeof what === 'number') subscriber.next(what);
        else if (what === 'complete') subscriber.complete();
        else if (what === 'leave') subscription.unsubscribe();
        else subscriber.error(errors[what]);
      };
    });
    const piped = source.pipe(breaker);
    const subscription = (deadline ? piped.pipe(limited) : piped).subscribe({ error: () => undefined });
    expect(say !== undefined).toBe(expected !== undefined);
    if (expected !== undefined) live.push({ expected, subscription, say: say! });
  };

  const act = (taken: Step): void => {
    switch (taken.do) {
      case 'call':
        return call(taken.deadline);
      case 'time':
        scheduler.maxFrames = scheduler.frame + taken.by;
        scheduler.schedule(() => undefined, taken.by);
        scheduler.flush();
        model.pass(taken.by);
        live = live.filter(({ subscription }) => !subscription.closed);
        return undefined;
      case 'isolate':
        holds.push(breaker.isolate());
        return model.isolate();
      case 'release':
        if (holds.length === 0) return undefined;
        holds.pop()!.release();
        return model.release();
      case 'reset':
        breaker.reset();
        return model.reset();
      case 'update':
        breaker.update(taken.to);
        return model.update(taken.to);
      case 'rule': {
        const rule = rules[taken.other ? 1 : 0];
        breaker.update({ trip: ruleOf(rule) });
        return model.update({ rule });
      }
    }
    const at = taken.which % Math.max(1, live.length);
    const one = live[at];
    if (one === undefined) return undefined;
    if (taken.do === 'value') {
      one.say(taken.bad ? -1 : 1);
      return model.value(one.expected, taken.bad);
    }
    live.splice(at, 1);
    one.say(taken.end);
    return model.end(one.expected, taken.end);
  };

  const compare = (): void => {
    const { openings, remaining, state } = breaker.snapshot();
    expect({ state: breaker.state, of: state, remaining }).toStrictEqual({ state: model.state, of: model.state, remaining: model.remaining });
    expect(openings).toBe(model.openings);
    const metrics = breaker.metrics();
    expect(metrics).toStrictEqual({ ...model.counts, rate: model.rate });
    const { abandoned, calls, failures, ignored, late, refused, successes } = metrics;
    const running = live.filter(({ expected }) => !expected.settled).length;
    expect(calls).toBe(successes + failures + ignored + abandoned + late + refused + running);
    if (observed) {
      const { abandoned: left = 0, failed = 0, ignored: passed = 0, late: old = 0, refused: shut = 0, succeeded = 0 } = tally;
      expect([succeeded, failed, passed, left, old, shut]).toStrictEqual([successes, failures, ignored, abandoned, late, refused]);
    }
    let since: number | undefined;
    breaker.health$.subscribe((health) => (since = health.since)).unsubscribe();
    expect(since).toBe(model.since);
  };

  for (const taken of steps) {
    act(taken);
    if (looked) compare();
  }
  compare();
  // Of what happens within one millisecond only the last is the same for both.
  if (observed) expect(lastOfEach(told)).toStrictEqual(lastOfEach(model.told));
}

function lastOfEach(told: readonly string[]): readonly string[] {
  const last = new Map(told.map((entry) => entry.split(' ') as [string, string]));
  const states = [...last].map(([time, state]) => ({ time, state }));
  return states.filter(({ state }, at) => state !== states[at - 1]?.state).map(({ time, state }) => `${time} ${state}`);
}

describe('a circuit, whatever calls, endings, times, holds, resets and updates there are', () => {
  it.each(Object.keys(kinds) as Kind[])('moves and counts as one that looks at every millisecond: %s', (kind) => {
    const manner = fc.record({ open: fc.constantFrom(false, false, false, true), observed: fc.boolean(), looked: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }), pairOfRules(kind), settings, manner, play),
      runs(200),
    );
  });
});
