import { defer, distinctUntilChanged, map, type Observable } from 'rxjs';
import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { down, type Policies, type Scenario } from './scenario.js';

const states = { c: 'closed', o: 'open', h: 'half-open', i: 'isolated' };
const statuses = { u: 'up', g: 'degraded', d: 'down', '?': 'unknown' };

interface Log {
  readonly subscribedFrame: number;
  readonly unsubscribedFrame: number;
}

const testScheduler = (): TestScheduler =>
  new TestScheduler((actual, expected) => expect(actual).toStrictEqual(expected));

/** Every scenario with policies made inside of `run` and before it, and once with nobody who looks at their state. */
export function runScenarios(name: string, scenarios: readonly Scenario[]): void {
  describe(name, () => {
    describe.each(scenarios.map((data) => [data.title, data] as const))('%s', (_title, data) => {
      it('with policies made in virtual time', () => inside(data));
      it('with policies made before it', () => {
        const policies = data.policies();
        testScheduler().run((helpers) => play(data, policies, helpers, true));
        checkEnd(data, policies);
      });
      if ((data.states ?? data.health) === undefined) return;
      it('with nobody who observes them', () => {
        let policies: Policies = {};
        testScheduler().run((helpers) => {
          policies = data.policies();
          play(data, policies, helpers, false);
        });
        checkEnd(data, policies);
      });
    });
  });
}

function inside(data: Scenario): void {
  let policies: Policies = {};
  testScheduler().run((helpers) => {
    policies = data.policies();
    play(data, policies, helpers, true);
  });
  checkEnd(data, policies);
}

function play(data: Scenario, policies: Policies, helpers: RunHelpers, observed: boolean): void {
  const { cold, expectObservable, flush } = helpers;
  const marbles = typeof data.source === 'string' ? [data.source] : data.source;
  const fails = 'fails' in data ? data.fails : down;
  const logs: (readonly Log[])[] = [];
  const source = defer(() => {
    const marble = marbles[Math.min(logs.length, marbles.length - 1)]!;
    const next = cold(marble, data.values as Record<string, unknown>, fails);
    logs.push(next.subscriptions);
    return next;
  });
  data.calls.forEach(({ call, sees, error = fails, values = data.values }, index) => {
    const piped: Observable<unknown> = defer(() => data.pipe(source, policies, { ...helpers, index }));
    expectObservable(piped, call.trim()).toBe(sees.trim(), values, error);
  });
  if (observed) {
    for (const [key, marble] of Object.entries(data.states ?? {})) {
      expectObservable(policies[key]!.state$!).toBe(marble!.trim(), states);
    }
    for (const [key, marble] of Object.entries(data.health ?? {})) {
      const status$ = policies[key]!.health$;
      expectObservable(defer(() => status$.pipe(statusOf))).toBe(marble!.trim(), statuses);
    }
  }
  const wanted = data.subscriptions.map((marble) => TestScheduler.parseMarblesAsSubscriptions(marble.trim(), true));
  flush();
  expect(
    logs.flat().map(({ subscribedFrame, unsubscribedFrame }) => ({ subscribedFrame, unsubscribedFrame })),
    'subscriptions of the source',
  ).toStrictEqual(
    wanted.map(({ subscribedFrame, unsubscribedFrame }) => ({ subscribedFrame, unsubscribedFrame })),
  );
}

function statusOf(source: Observable<{ readonly status: string }>): Observable<string> {
  return source.pipe(
    map(({ status }) => status),
    distinctUntilChanged(),
  );
}

function checkEnd(data: Scenario, policies: Policies): void {
  for (const [key, wanted] of Object.entries(data.metrics ?? {})) {
    expect(policies[key]!.metrics(), `metrics of ${key}`).toMatchObject(wanted!);
  }
  if (data.unfinished === true) return;
  for (const [key, policy] of Object.entries(policies)) {
    const { active = 0, queued = 0, inFlight = 0 } = policy.metrics() as Record<string, number>;
    expect({ active, queued, inFlight }, `left by ${key}`).toStrictEqual({ active: 0, queued: 0, inFlight: 0 });
  }
}
