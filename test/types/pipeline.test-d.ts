import { EMPTY, type Observable, of } from 'rxjs';
import {
  attempt, type Bulkhead, bulkhead, type BreakerMetrics, type CircuitBreaker, circuitBreaker, type DeadlinePolicy, exponential,
  fallbackTo, fallbackToLast, fallbackToValue, type Health, type LoadShed, type RetryMetrics, type RetryPolicy, retryWithBackoff,
} from 'rxjs-resilience';
import { expectTypeOf, it } from 'vitest';
import { type PipelineOptions } from '../../src/pipeline/pipeline-options.js';
import { readPipeline, standardPipeline, writePipeline } from '../../src/pipeline/presets.js';
import { protect } from '../../src/pipeline/protect.js';
import { type PipelineEvent, type ResiliencePipeline, resiliencePipeline } from '../../src/pipeline/resilience-pipeline.js';
import type { PolicyParts } from '../../src/registry/registry-types.js';

interface Item {
  readonly id: string;
}
declare const items$: Observable<Item>;
declare const given: PipelineOptions;
declare const maybe: { readonly maxRetries: number } | undefined;

const read = resiliencePipeline({ name: 'catalog', deadline: 3_000, retry: { backoff: exponential(), maxRetries: 2 }, breaker: {} });

it('keeps the type of the source', () => {
  expectTypeOf(items$.pipe(read)).toEqualTypeOf<Observable<Item>>();
  expectTypeOf(read.health$).toEqualTypeOf<Observable<Health>>();
  expectTypeOf(read.events$).toEqualTypeOf<Observable<PipelineEvent>>();
  expectTypeOf(read.name).toEqualTypeOf<string>();
});

it('has the parts that were given, and no others', () => {
  expectTypeOf(read.parts.breaker).toEqualTypeOf<CircuitBreaker>();
  expectTypeOf(read.parts.retry).toEqualTypeOf<RetryPolicy>();
  expectTypeOf(read.parts.deadline).toEqualTypeOf<DeadlinePolicy>();
  expectTypeOf<keyof typeof read.parts>().toEqualTypeOf<'deadline' | 'retry' | 'breaker'>();
  expectTypeOf(read.metrics().breaker).toEqualTypeOf<BreakerMetrics>();
  expectTypeOf(read.metrics().retry).toEqualTypeOf<RetryMetrics>();
  const all = resiliencePipeline({
    shed: ({ tags }) => (tags === undefined ? 'critical' : 'sheddable'),
    bulkhead: { maxConcurrent: 10, queue: 20 },
    attemptDeadline: { within: 800, until: 'firstValue' },
    retry: { retryIf: (error, { attempt }) => error instanceof Error && attempt < 2 },
    classify: (error) => (error === undefined ? 'bug' : 'transient'),
    isValue: (value) => value !== undefined,
    fallback: (error, { attempt }) => of(error === undefined ? attempt : 0),
  });
  expectTypeOf(all.parts.shed).toEqualTypeOf<LoadShed>();
  expectTypeOf(all.parts.bulkhead).toEqualTypeOf<Bulkhead>();
  expectTypeOf(items$.pipe(all)).toEqualTypeOf<Observable<Item | number>>();
  const shared = resiliencePipeline({ breaker: circuitBreaker(), retry: retryWithBackoff(), bulkhead: bulkhead(1) });
  expectTypeOf(shared.parts.breaker.state).toEqualTypeOf<CircuitBreaker['state']>();
});

it('says that a part may be missing where it does not know', () => {
  expectTypeOf(resiliencePipeline(given).parts.breaker).toEqualTypeOf<CircuitBreaker | undefined>();
  expectTypeOf(resiliencePipeline({ retry: maybe, breaker: {} }).parts.retry).toEqualTypeOf<RetryPolicy | undefined>();
  expectTypeOf(resiliencePipeline({ ...given, name: 'other' }).parts.retry).toEqualTypeOf<RetryPolicy | undefined>();
});

it('widens by what a fallback gives', () => {
  const piped = <R>(pipeline: ResiliencePipeline<R, object>): Observable<Item | R> => items$.pipe(pipeline);
  expectTypeOf(piped(resiliencePipeline({ fallback: fallbackToValue(null) }))).toEqualTypeOf<Observable<Item | null>>();
  expectTypeOf(piped(resiliencePipeline({ fallback: fallbackTo(of(1)) }))).toEqualTypeOf<Observable<Item | number>>();
  expectTypeOf(piped(resiliencePipeline({ fallback: of(1) }))).toEqualTypeOf<Observable<Item | number>>();
  expectTypeOf(piped(resiliencePipeline({ fallback: Promise.resolve('x') }))).toEqualTypeOf<Observable<Item | string>>();
  expectTypeOf(piped(resiliencePipeline({ fallback: () => Promise.resolve('x') }))).toEqualTypeOf<Observable<Item | string>>();
  expectTypeOf(piped(resiliencePipeline({ fallback: (error) => [String(error)] }))).toEqualTypeOf<Observable<Item | string>>();
  expectTypeOf(piped(resiliencePipeline({ fallback: EMPTY }))).toEqualTypeOf<Observable<Item>>();
  expectTypeOf(piped(resiliencePipeline({ fallback: fallbackToLast({ maxAge: 1 }) }))).toEqualTypeOf<Observable<Item>>();
});

it('runs what gives a promise, an observable or a value', () => {
  expectTypeOf(read.run(() => Promise.resolve(1))).toEqualTypeOf<Promise<number>>();
  expectTypeOf(read.run(async ({ signal }) => (await Promise.resolve(signal)).aborted)).toEqualTypeOf<Promise<boolean>>();
  expectTypeOf(read.run(() => items$)).toEqualTypeOf<Promise<Item | undefined>>();
  expectTypeOf(read.run(() => attempt(() => Promise.resolve('x')))).toEqualTypeOf<Promise<string | undefined>>();
  expectTypeOf(read.run(() => [1, 2])).toEqualTypeOf<Promise<number[]>>();
  expectTypeOf(read.run(({ attempt, deadline }) => [attempt, deadline?.remaining()] as const, { signal: AbortSignal.abort() })).toEqualTypeOf<
    Promise<readonly [number, number | undefined]>
  >();
  const instead = resiliencePipeline({ fallback: fallbackToValue('none') });
  expectTypeOf(instead.run(() => Promise.resolve(1))).toEqualTypeOf<Promise<number | 'none'>>();
});

it('protects a function as it is', () => {
  const find = protect((id: string, deep?: boolean) => Promise.resolve({ id, deep }), read);
  expectTypeOf(find).toEqualTypeOf<(this: unknown, id: string, deep?: boolean) => Promise<{ id: string; deep: boolean | undefined }>>();
  expectTypeOf(protect((count: number) => count + 1, circuitBreaker())(1)).toEqualTypeOf<Promise<number>>();
  expectTypeOf(protect(() => items$, read)()).toEqualTypeOf<Promise<Item | undefined>>();
  expectTypeOf(protect((id: string) => Promise.resolve(id), fallbackToValue(null))('x')).toEqualTypeOf<Promise<string | null>>();
  const echo = protect(<T>(value: T) => Promise.resolve(value), read);
  expectTypeOf(echo('x')).toEqualTypeOf<Promise<string>>();
  expectTypeOf(echo(1)).toEqualTypeOf<Promise<number>>();
  const client = { base: 'x', get: protect(function (this: { base: string }, path: string) { return Promise.resolve(this.base + path); }, read) };
  expectTypeOf(client.get('/')).toEqualTypeOf<Promise<string>>();
  // @ts-expect-error: an argument of another type
  void find(1);
  // @ts-expect-error: any operator is no policy
  protect(() => 1, (source: Observable<unknown>) => source);
});

it('types the presets', () => {
  expectTypeOf(standardPipeline().parts.breaker).toEqualTypeOf<CircuitBreaker>();
  expectTypeOf(readPipeline({ name: 'x', bulkhead: 3 }).parts.bulkhead).toEqualTypeOf<Bulkhead | undefined>();
  expectTypeOf(readPipeline().parts.retry).toEqualTypeOf<RetryPolicy>();
  expectTypeOf(writePipeline().parts.retry).toEqualTypeOf<RetryPolicy | undefined>();
  // @ts-expect-error: only of writes it is asked
  standardPipeline({ idempotent: true });
  // @ts-expect-error: a tolerance that does not exist
  standardPipeline({ tolerance: 'high' });
});

it('is one of many', () => {
  const kept: ResiliencePipeline[] = [read, standardPipeline(), writePipeline(), resiliencePipeline(given as Omit<PipelineOptions, 'fallback'>)];
  const registered: PolicyParts[] = [read, standardPipeline(), resiliencePipeline(given)];
  expectTypeOf(kept[0]!.parts.breaker).toEqualTypeOf<CircuitBreaker | undefined>();
  void registered;
});

it('does not compile what is no option', () => {
  // @ts-expect-error: an unknown option
  resiliencePipeline({ hedge: {} });
  // @ts-expect-error: an unknown option
  resiliencePipeline({ rateLimit: {} });
  // @ts-expect-error: an unknown option of a part
  resiliencePipeline({ retry: { maxRetry: 3 } });
  // @ts-expect-error: an unknown option of a part
  resiliencePipeline({ breaker: { treshold: 3 }, deadline: 1 });
  // @ts-expect-error: a string is no time
  resiliencePipeline({ deadline: '100' });
  // @ts-expect-error: a priority that does not exist
  resiliencePipeline({ shed: 'urgent' });
  // @ts-expect-error: a policy of another kind
  resiliencePipeline({ breaker: bulkhead(1) });
  // @ts-expect-error: a policy of another kind
  resiliencePipeline({ retry: circuitBreaker() });
  // @ts-expect-error: the number of permits has no default
  resiliencePipeline({ bulkhead: { queue: 1 } });
  // @ts-expect-error: a string would emit its characters
  resiliencePipeline({ fallback: 'none' });
});

it('counts what may be missing', () => {
  expectTypeOf(resiliencePipeline(given).metrics().breaker).toEqualTypeOf<BreakerMetrics | undefined>();
  expectTypeOf(standardPipeline().metrics().breaker).toEqualTypeOf<BreakerMetrics>();
});
