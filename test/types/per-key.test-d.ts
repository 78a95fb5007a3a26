import type { Observable } from 'rxjs';
import {
  type BreakerEvent, bulkhead, type CircuitBreaker, circuitBreaker, fallbackToLast, fallbackToValue, type Health, loadShed, retryWithBackoff,
  withDeadline,
} from 'rxjs-resilience';
import { expectTypeOf, it } from 'vitest';
import { resiliencePipeline } from '../../src/pipeline/resilience-pipeline.js';
import type { HeldClosedEvent, OverflowEvent } from '../../src/registry/keyed-types.js';
import { perKey } from '../../src/registry/per-key.js';

interface Item {
  readonly id: string;
}
declare const items$: Observable<Item>;

const perOrigin = perKey((name) => circuitBreaker({ name }), { maxKeys: 10 });

it('keeps the type of the source', () => {
  expectTypeOf(items$.pipe(perOrigin('a'))).toEqualTypeOf<Observable<Item>>();
  expectTypeOf(items$.pipe(perKey(() => bulkhead(1))('a'))).toEqualTypeOf<Observable<Item>>();
  expectTypeOf(items$.pipe(perKey(() => retryWithBackoff())('a'))).toEqualTypeOf<Observable<Item>>();
  expectTypeOf(items$.pipe(perKey(() => withDeadline(1))('a'))).toEqualTypeOf<Observable<Item>>();
  expectTypeOf(items$.pipe(perKey(() => loadShed('critical'))('a'))).toEqualTypeOf<Observable<Item>>();
  expectTypeOf(items$.pipe(perKey(() => fallbackToLast({ maxAge: 1 }))('a'))).toEqualTypeOf<Observable<Item>>();
  expectTypeOf(items$.pipe(perKey(() => resiliencePipeline({ breaker: {} }))('a'))).toEqualTypeOf<Observable<Item>>();
});

it('widens it by what a fallback answers', () => {
  expectTypeOf(items$.pipe(perKey(() => fallbackToValue(null))('a'))).toEqualTypeOf<Observable<Item | null>>();
  const pipelines = perKey((name) => resiliencePipeline({ name, breaker: {}, fallback: fallbackToValue(null) }));
  expectTypeOf(items$.pipe(pipelines('a'))).toEqualTypeOf<Observable<Item | null>>();
});

it('gives back what the factory makes', () => {
  expectTypeOf(perOrigin.get('a')).toEqualTypeOf<CircuitBreaker | undefined>();
  expectTypeOf(perOrigin.health$).toEqualTypeOf<Observable<Health>>();
  expectTypeOf(perOrigin.events$).toEqualTypeOf<Observable<BreakerEvent | HeldClosedEvent | OverflowEvent>>();
});

it('refuses what is no policy', () => {
  // @ts-expect-error it has no streams
  perKey(() => (source: Observable<number>) => source);
  // @ts-expect-error a key is a string
  perOrigin(1);
  // @ts-expect-error no such option
  perKey(() => bulkhead(1), { max: 1 });
});
