import fc from 'fast-check';
import { Observable, type Subscription } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { circuitBreaker } from '../../src/circuit-breaker/circuit-breaker.js';
import type { Isolation } from '../../src/circuit-breaker/watched-circuit.js';
import { breakOf, type End, type ReferenceCall, ReferenceCircuit, type ReferenceSettings } from './reference-circuit.js';

const numRuns = Number(process.env['RESILIENCE_RUNS'] ?? 300);

const settings = fc.record({
  failureThreshold: fc.integer({ min: 1, max: 2 }),
  successThreshold: fc.integer({ min: 1, max: 3 }),
  maxProbes: fc.integer({ min: 1, max: 3 }),
  probeTimeout: fc.integer({ min: 1, max: 8 }),
});

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('call' as const) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('value' as const), which: fc.nat(20) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(20), end: fc.constantFrom<End>('complete', 'complete', 'fail', 'fail', 'bug', 'leave') }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('time' as const), by: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('isolate' as const, 'release' as const, 'reset' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('update' as const), to: fc.record({ successThreshold: fc.integer({ min: 1, max: 3 }), maxProbes: fc.integer({ min: 1, max: 3 }), probeTimeout: fc.integer({ min: 1, max: 8 }) }) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Live {
  readonly expected: ReferenceCall;
  readonly subscription: Subscription;
  readonly say: (what: 'value' | End) => void;
  valued: boolean;
}

/** `observed`: somebody listens to the state and to health; `looked`: they are read after each step. */
function play(steps: readonly Step[], first: ReferenceSettings, observed: boolean, looked: boolean): void {
  const scheduler = new TestScheduler(() => undefined);
  const random = (): number => 0;
  const breaker = circuitBreaker({ ...first, breakDuration: ({ attempt }) => breakOf(attempt), scheduler, random });
  const model = new ReferenceCircuit(first);
  const told: string[] = [];
  const live: Live[] = [];
  const holds: Isolation[] = [];
  if (observed) {
    breaker.state$.subscribe((state) => told.push(`${scheduler.now()} ${state}`));
    breaker.health$.subscribe();
  }

  const call = (): void => {
    const expected = model.call();
    let say: Live['say'] | undefined;
    const source = new Observable<number>((subscriber) => {
      say = (what) => {
        if (what === 'value') subscriber.next(1);
        else if (what === 'complete') subscriber.complete();
        else subscriber.error(what === 'fail' ? new Error('down') : new TypeError('x is not a function'));
      };
    });
    const subscription = source.pipe(breaker).subscribe({ error: () => undefined });
    expect(say !== undefined).toBe(expected !== undefined);
    if (expected !== undefined) live.push({ expected, subscription, say: say!, valued: false });
  };

  const act = (taken: Step): void => {
    switch (taken.do) {
      case 'call':
        return call();
      case 'time':
        scheduler.maxFrames = scheduler.frame + taken.by;
        scheduler.schedule(() => undefined, taken.by);
        scheduler.flush();
        return model.pass(taken.by);
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
    }
    const at = taken.which % Math.max(1, live.length);
    const one = live[at];
    if (one === undefined) return undefined;
    if (taken.do === 'value') {
      one.say('value');
      one.valued = true;
      return model.value(one.expected);
    }
    live.splice(at, 1);
    if (taken.end === 'leave') one.subscription.unsubscribe();
    else one.say(taken.end);
    return model.end(one.expected, taken.end, one.valued);
  };

  const compare = (): void => {
    const { openings, remaining, state } = breaker.snapshot();
    expect({ state: breaker.state, of: state, remaining }).toStrictEqual({ state: model.state, of: model.state, remaining: model.remaining });
    if (model.state !== 'isolated') expect(openings).toBe(model.openings);
    expect(breaker.metrics()).toMatchObject(model.counts);
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

describe('any sequence of calls, endings, times, holds, resets and updates', () => {
  it.each([
    ['nobody observes, and it is read at the end', false, false],
    ['nobody observes, and it is read all the time', false, true],
    ['somebody observes', true, false],
    ['somebody observes, and it is read all the time', true, true],
  ])('moves the circuit as one that looks at every millisecond, where %s', (_title, observed, looked) => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }), settings, (steps, first) => play(steps, first, observed, looked)),
      { numRuns },
    );
  });
});
