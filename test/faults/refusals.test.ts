import { of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  attempt, bulkhead, circuitBreaker, consecutiveFailures, constant, Deadline, decorrelatedJitter, exponential, failureRate, fallbackTo, fallbackToLast,
  fibonacci, healthCheck, linear, loadShed, perKey, protect, resiliencePipeline, retryWithBackoff, runInContext, standardPipeline, withDeadline,
  writePipeline,
} from 'rxjs-resilience';

const call = (): Promise<number> => Promise.resolve(1);

/** What people write first, and what they are told. */
it.each<[string, () => unknown]>([
  ["withDeadline takes milliseconds as a number, a Deadline or settings, got '800'; write withDeadline(800)", () => withDeadline('800' as never)],
  ['withDeadline takes milliseconds as a number, a Deadline or settings, got undefined; write withDeadline(800) for 800 ms', () => withDeadline(undefined)],
  ['withDeadline: within must be of at least 0 and finite, got Infinity', () => withDeadline(Infinity)],
  ["withDeadline: within must be a number of at least 0 and finite, got '800'; write 800", () => withDeadline({ within: '800' as never })],
  ['attempt takes a function (make) that begins the call, got a promise; write attempt(() => call())', () => attempt(call() as never)],
  ['attempt takes a function (make) that begins the call, got an observable; write attempt(() => call())', () => attempt(of(1) as never)],
  ['attempt: make must be a function, got 5', () => attempt(5 as never)],
  ['protect takes a function (fn) that begins the call, got a promise; write protect(() => call())', () => protect(call() as never, circuitBreaker())],
  ['protect: policy must be a policy or a pipeline, got function call', () => protect(call, call as never)],
  ['retryWithBackoff: strategy takes a strategy, got function exponential; write retryWithBackoff(exponential())', () => retryWithBackoff(exponential as never)],
  ['retryWithBackoff: strategy takes a strategy, got function linear; write retryWithBackoff(linear())', () => retryWithBackoff(linear as never)],
  ['retryWithBackoff: strategy takes a strategy, got function fibonacci; write retryWithBackoff(fibonacci())', () => retryWithBackoff(fibonacci as never)],
  ['retryWithBackoff: strategy takes a strategy, got function decorrelatedJitter; write retryWithBackoff(decorrelatedJitter())', () => retryWithBackoff(decorrelatedJitter as never)],
  ['retryWithBackoff: strategy takes a strategy, got function constant; write retryWithBackoff(constant(200))', () => retryWithBackoff(constant as never)],
  ['retryWithBackoff: backoff takes a strategy, got function exponential; write backoff: exponential()', () => retryWithBackoff({ backoff: exponential as never })],
  ['resiliencePipeline: retry.backoff takes a strategy, got function exponential; write backoff: exponential()', () => resiliencePipeline({ retry: { backoff: exponential as never } })],
  ['circuitBreaker: breakDuration takes a strategy, got function exponential; write breakDuration: exponential()', () => circuitBreaker({ breakDuration: exponential as never })],
  ['retryWithBackoff takes a strategy or options, got 3; write retryWithBackoff({ maxRetries: 3 }) for so many tries, or constant(3) for a delay', () => retryWithBackoff(3 as never)],
  ['retryWithBackoff has no option \'retries\'; did you mean \'maxRetries\'?', () => retryWithBackoff({ retries: 3 } as never)],
  ["fallbackTo takes a source (an observable, a promise or a function), got 'text'; write fallbackToValue('text') for a value", () => fallbackTo('text' as never)],
  ['fallbackTo takes a source (an observable, a promise or a function), got an array; write fallbackToValue(value) for a value', () => fallbackTo([1] as never)],
  ["fallbackToLast takes a key only after lastValues(), got 'key'; write fallbackToLast(last, key)", () => (fallbackToLast as (...given: unknown[]) => unknown)({ maxAge: 1 }, 'key')],
  ['bulkhead: maxConcurrent must be a whole number of at least 1 or an observable of such, got an object; write bulkhead(5, queue, options)', () => bulkhead({ maxConcurrent: 5 } as never)],
  ["bulkhead: maxConcurrent must be a whole number of at least 1 or an observable of such, got '10'; write 10", () => bulkhead('10' as never)],
  ['bulkhead: queue.size must be of at least 0 and finite, got -1', () => bulkhead(1, { size: -1 })],
  ["bulkhead: queue has no option 'siz'; did you mean 'size'?", () => bulkhead(1, { siz: 1 } as never)],
  ["loadShed: priority must be one of 'criticalPlus', 'critical', 'sheddablePlus', 'sheddable', got 'high'", () => loadShed('high' as never)],
  ['circuitBreaker takes options, got 5; write circuitBreaker({ failureThreshold: 5 })', () => circuitBreaker(5 as never)],
  ["circuitBreaker has no option 'failureTreshold'; did you mean 'failureThreshold'?", () => circuitBreaker({ failureTreshold: 5 } as never)],
  ["circuitBreaker has no option 'failurethreshold'; did you mean 'failureThreshold'?", () => circuitBreaker({ failurethreshold: 5 } as never)],
  ['circuitBreaker: maxProbes must be of at least 1 and finite, got 0', () => circuitBreaker({ maxProbes: 0 })],
  ['circuitBreaker: options must be an object, got null', () => circuitBreaker(null as never)],
  ["circuitBreaker.update has no option 'maxProbe'; did you mean 'maxProbes'?", () => circuitBreaker().update({ maxProbe: 1 } as never)],
  ['retry.update: maxRetries must be of at least 0, got -1', () => retryWithBackoff().update({ maxRetries: -1 })],
  ["failureRate: window.time must be a number of at least 1 and finite, got '1000'; write 1000", () => failureRate({ threshold: 1, window: { time: '1000' as never } })],
  ['consecutiveFailures: failures must be of at least 1 and finite, got 0', () => consecutiveFailures(0)],
  ['Deadline.after: ms must be of at least 0 and finite, got -1', () => Deadline.after(-1)],
  ['runInContext: context.attempt must be of at least 1 and finite, got 0', () => runInContext({ attempt: 0 }, () => 0)],
  ['resiliencePipeline: retry must be options or a policy, got 3; write retry: { maxRetries: 3 }', () => resiliencePipeline({ retry: 3 as never })],
  ['resiliencePipeline: retry must be options or a policy, got true; write retry: {}', () => resiliencePipeline({ retry: true as never })],
  ['resiliencePipeline: breaker must be options or a policy, got 5; write breaker: { failureThreshold: 5 }', () => resiliencePipeline({ breaker: 5 as never })],
  ["resiliencePipeline: deadline must be options or a policy, got '3000'; write deadline: 3000", () => resiliencePipeline({ deadline: '3000' as never })],
  ["resiliencePipeline: fallback takes a source (an observable, a promise or a function), got 'text'; write fallbackToValue('text') for a value", () => resiliencePipeline({ fallback: 'text' as never })],
  ['resiliencePipeline: breaker.failureThreshold must be of at least 1 and finite, got 0', () => resiliencePipeline({ breaker: { failureThreshold: 0 } })],
  ['resiliencePipeline: bulkhead.queue.size must be of at least 0 and finite, got -1', () => resiliencePipeline({ bulkhead: { maxConcurrent: 1, queue: { size: -1 } } })],
  ["resiliencePipeline: breaker has no option 'failureTreshold'; did you mean 'failureThreshold'?", () => resiliencePipeline({ breaker: { failureTreshold: 5 } as never })],
  ["resiliencePipeline has no option 'brekaer'; did you mean 'breaker'?", () => resiliencePipeline({ brekaer: {} } as never)],
  ['standardPipeline: bulkhead.maxConcurrent must be of at least 1 and finite, got 0', () => standardPipeline({ bulkhead: 0 })],
  ["writePipeline has no option 'idempotant'; did you mean 'idempotent'?", () => writePipeline({ idempotant: true } as never)],
  ['perKey: maxKeys must be from 1 to 1000000, got 0', () => perKey(() => circuitBreaker(), { maxKeys: 0 })],
  ["healthCheck: timeout must be a number of at least 1 and finite, got '5'; write 5", () => healthCheck('db', () => true, { timeout: '5' as never })],
])('%s', (message, make) => {
  expect(make).toThrow(new RegExp(`^${message.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`));
});

it('run rejects a promise that has begun already', async () => {
  const pipeline = resiliencePipeline({ retry: {} });
  await expect(pipeline.run(call() as never)).rejects.toThrow(/^run takes a function \(fn\) that begins the call, got a promise; write run\(\(\) => call\(\)\)$/);
});

it('lists what is known where nothing is near', () => {
  expect(() => retryWithBackoff({ colour: 'red' } as never)).toThrow(/^retryWithBackoff has no option 'colour'; known are name, mode, .*exhausted$/);
});

it('takes a strategy of the user by any name', () => {
  const exponential = (): number => 5;
  const constant = ({ attempt }: { readonly attempt: number }): number => attempt;
  expect(() => [retryWithBackoff(exponential), retryWithBackoff({ backoff: constant }), circuitBreaker({ breakDuration: constant })]).not.toThrow();
});

it('does not name a factory for what is refused after it has failed or has returned', () => {
  expect(() => circuitBreaker({ maxProbes: 0 })).toThrow();
  expect(() => resiliencePipeline({ breaker: { maxProbes: 0 } })).toThrow();
  expect(() => loadShed('high' as never)).toThrow(/^loadShed: priority/);
  expect(() => perKey(() => circuitBreaker())(5 as never)).toThrow(new TypeError('key must be a string, got 5'));
});

describe('options that are a value of another kind', () => {
  it.each<[string, () => unknown]>([
    ['a date', () => withDeadline(new Date() as never)],
    ['a promise', () => circuitBreaker(Promise.resolve({}) as never)],
    ['a map', () => retryWithBackoff(new Map() as never)],
    ['an observable', () => (circuitBreaker as (source: unknown) => unknown)(of(1))],
  ])('%s is refused', (_title, make) => {
    expect(make).toThrow(TypeError);
  });
});
