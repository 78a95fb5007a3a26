import { type Observable, of } from 'rxjs';
import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import { bulkhead, circuitBreaker, type CircuitState, type Health } from 'rxjs-resilience';
import { brownout, failed, flaky, hang, type MarbleHelpers, marbles, type Match, outage, seededRandom, slow } from 'rxjs-resilience/testing';
import { expectTypeOf, it } from 'vitest';

interface Item {
  readonly id: string;
}
declare const items$: Observable<Item>;
declare const health$: Observable<Health>;
declare const state$: Observable<CircuitState>;

it('makes a test function of a body', () => {
  expectTypeOf(marbles(() => undefined)).toEqualTypeOf<() => void>();
  expectTypeOf(marbles).parameter(0).parameter(0).toEqualTypeOf<MarbleHelpers>();
  expectTypeOf<MarbleHelpers>().toExtend<RunHelpers>();
  expectTypeOf(marbles).toBeCallableWith(() => undefined, { unfinished: true, maxSteps: 10 });
  // @ts-expect-error: an unknown option
  marbles(() => undefined, { timeout: 10 });
  // @ts-expect-error: the body comes first
  marbles({ unfinished: true }, () => undefined);
});

it('lets a body that takes the helpers of RxJS stand in it', () => {
  const body = ({ cold, expectObservable }: RunHelpers): void => expectObservable(cold('a')).toBe('a');
  expectTypeOf(marbles).toBeCallableWith(body);
  new TestScheduler(() => undefined).run(body);
});

it('infers what sources emit', () => {
  expectTypeOf(outage({ from: 1, to: 2 }, 'a|', '#')).toEqualTypeOf<Observable<string>>();
  expectTypeOf(outage({ from: 1, to: 2 }, items$, '#')).toEqualTypeOf<Observable<Item>>();
  expectTypeOf(flaky(2, '#', 'a|', { values: { a: 1 } })).toEqualTypeOf<Observable<number>>();
  expectTypeOf(slow(5, items$)).toEqualTypeOf<Observable<Item>>();
  expectTypeOf(hang()).toEqualTypeOf<Observable<never>>();
  expectTypeOf(flaky(2, hang(), items$)).toEqualTypeOf<Observable<Item>>();
  expectTypeOf(brownout(0.5, items$, '#', { random: seededRandom(1) })).toEqualTypeOf<Observable<Item>>();
  expectTypeOf(seededRandom(1)()).toEqualTypeOf<number>();
  // @ts-expect-error: a window has two ends
  outage({ from: 1 }, 'a|', '#');
  // @ts-expect-error: a promise does not run in virtual time
  slow(5, Promise.resolve(1));
  // @ts-expect-error: chance is for brownout
  flaky(1, 'a|', '#', { random: Math.random });
});

it('takes policies and streams where it expects their status', () => {
  marbles(({ calls, expectHealth, expectState }) => {
    expectState(circuitBreaker()).toBe('c');
    expectState(state$, '^--!').toBe('c');
    expectHealth(bulkhead(1)).toBe('u');
    expectHealth(health$).toBe('u');
    expectHealth(of('up' as const)).toBe('u');
    expectTypeOf(calls('x|', (mark, index) => of(mark, index))).toEqualTypeOf<Observable<unknown>>();
    // @ts-expect-error: a bulkhead has no states
    expectState(bulkhead(1));
    // @ts-expect-error: a call is an observable
    calls('x|', () => 7);
    // @ts-expect-error: letters have their meaning
    expectState(circuitBreaker()).toBe('c', { c: 'closed' });
  });
});

it('has matches for the place of anything', () => {
  expectTypeOf(failed).toEqualTypeOf<Match>();
});
