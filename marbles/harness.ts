import { defer, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { type MarbleHelpers, marbles } from 'rxjs-resilience/testing';
import { describe, expect, it } from 'vitest';
import { down, type Policies, type Scenario } from './scenario.js';

interface Log {
  readonly subscribedFrame: number;
  readonly unsubscribedFrame: number;
}

/** Every scenario with policies made inside of virtual time and before it, and once with nobody who looks at their state. */
export function runScenarios(name: string, scenarios: readonly Scenario[]): void {
  describe(name, () => {
    describe.each(scenarios.map((data) => [data.title, data] as const))('%s', (_title, data) => {
      const isObserved = (data.states ?? data.health) !== undefined;
      it('with policies made in virtual time', () => run(data, data.policies, true));
      it('with policies made before it', () => {
        const policies = data.policies();
        run(data, () => policies, true);
      });
      if (isObserved) it('with nobody who observes them', () => run(data, data.policies, false));
    });
  });
}

function run(data: Scenario, make: () => Policies, observed: boolean): void {
  let policies: Policies = {};
  const body = (helpers: MarbleHelpers): void => {
    policies = make();
    play(data, policies, helpers, observed);
  };
  marbles(body)();
  for (const [key, wanted] of Object.entries(data.metrics ?? {})) {
    expect(policies[key]!.metrics(), `metrics of ${key}`).toMatchObject(wanted!);
  }
}

function play(data: Scenario, policies: Policies, helpers: MarbleHelpers, observed: boolean): void {
  const { cold, expectHealth, expectObservable, expectState, flush } = helpers;
  const sources = typeof data.source === 'string' ? [data.source] : data.source;
  const fails = 'fails' in data ? data.fails : down;
  const logs: (readonly Log[])[] = [];
  const source = defer(() => {
    const marble = sources[Math.min(logs.length, sources.length - 1)]!;
    const next = cold(marble, data.values as Record<string, unknown>, fails);
    logs.push(next.subscriptions);
    return next;
  });
  data.calls.forEach(({ call, sees, error = fails, values = data.values }, index) => {
    const piped: Observable<unknown> = defer(() => data.pipe(source, policies, { ...helpers, index }));
    expectObservable(piped, call).toBe(sees, values, error);
  });
  if (observed) {
    for (const [key, marble] of Object.entries(data.states ?? {})) expectState(policies[key]!.state$!).toBe(marble!);
    for (const [key, marble] of Object.entries(data.health ?? {})) expectHealth(policies[key]!).toBe(marble!);
  }
  const wanted = data.subscriptions.map((marble) => TestScheduler.parseMarblesAsSubscriptions(marble, true));
  flush();
  expect(logs.flat().map(frames), 'subscriptions of the source').toStrictEqual(wanted.map(frames));
}

function frames({ subscribedFrame, unsubscribedFrame }: Log): Log {
  return { subscribedFrame, unsubscribedFrame };
}
