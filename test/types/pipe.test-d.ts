import { type Observable, of } from 'rxjs';
import {
  attempt, bulkhead, circuitBreaker, constant, fallbackTo, fallbackToLast, fallbackToValue, lastValues, loadShed, retryWithBackoff, withDeadline,
} from 'rxjs-resilience';
import { expectTypeOf, it } from 'vitest';

interface Item {
  readonly id: string;
}
declare const items$: Observable<Item>;
declare const mixed$: Observable<string | undefined>;

const breaker = circuitBreaker();
const pool = bulkhead(10, 20);
const retry = retryWithBackoff();
const deadline = withDeadline(100);
const shed = loadShed('critical');

it('keeps the type of the source through policies that are kept', () => {
  expectTypeOf(items$.pipe(deadline, pool, breaker, retry, shed)).toEqualTypeOf<Observable<Item>>();
  expectTypeOf(mixed$.pipe(deadline, pool, breaker, retry, shed)).toEqualTypeOf<Observable<string | undefined>>();
  expectTypeOf(breaker(of(1))).toEqualTypeOf<Observable<number>>();
});

it('keeps it through policies written inline', () => {
  const piped = items$.pipe(
    withDeadline(800), bulkhead(1), circuitBreaker({ failureThreshold: 3 }), retryWithBackoff(constant(5)), loadShed('sheddable'),
  );
  expectTypeOf(piped).toEqualTypeOf<Observable<Item>>();
});

it('widens by what a fallback gives', () => {
  expectTypeOf(items$.pipe(fallbackTo(of(1)))).toEqualTypeOf<Observable<Item | number>>();
  expectTypeOf(items$.pipe(fallbackTo(Promise.resolve('x')))).toEqualTypeOf<Observable<Item | string>>();
  expectTypeOf(items$.pipe(fallbackTo(() => [1, 2]))).toEqualTypeOf<Observable<Item | number>>();
  expectTypeOf(items$.pipe(fallbackToValue(null))).toEqualTypeOf<Observable<Item | null>>();
  const kept = fallbackTo(of(1));
  expectTypeOf(of('x').pipe(kept)).toEqualTypeOf<Observable<string | number>>();
  expectTypeOf(mixed$.pipe(breaker, fallbackTo(of(1)), fallbackToValue(null), retry)).toEqualTypeOf<
    Observable<string | undefined | number | null>
  >();
});

it('does not widen by the last value', () => {
  expectTypeOf(items$.pipe(fallbackToLast({ maxAge: 1 }))).toEqualTypeOf<Observable<Item>>();
  const last = lastValues<Item>({ maxAge: 1 });
  expectTypeOf(items$.pipe(fallbackToLast(last, 'key'))).toEqualTypeOf<Observable<Item>>();
  // @ts-expect-error: the memory is of items, and a number is none
  of(1).pipe(fallbackToLast(last, 'key'));
});

it('infers what an attempt emits', () => {
  expectTypeOf(attempt(() => Promise.resolve(1))).toEqualTypeOf<Observable<number>>();
  expectTypeOf(attempt(() => items$)).toEqualTypeOf<Observable<Item>>();
  expectTypeOf(attempt(() => new Set(['x']))).toEqualTypeOf<Observable<string>>();
  expectTypeOf(attempt(async ({ signal }) => (await Promise.resolve(signal)).aborted)).toEqualTypeOf<Observable<boolean>>();
});
