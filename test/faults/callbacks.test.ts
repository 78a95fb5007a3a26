import { config, Observable, of, Subject, throwError } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import {
  bulkhead, circuitBreaker, constant, fallbackTo, fallbackToLast, fallbackToValue, fixedLimit, loadShed, loadShedder, retryWithBackoff, withDeadline,
} from 'rxjs-resilience';

type Pipe = <T>(source: Observable<T>) => Observable<T>;

const thrown = new Error('thrown by a callback');
let throws = true;
/** Throws while the test wants it to, and then answers. */
const callback = <R>(answer: R): (() => R) => () => {
  if (throws) throw thrown;
  return answer;
};
const down = throwError(() => new Error('down'));

/** The policy, and a source for which its callback is asked. */
const cases: readonly (readonly [string, () => unknown, Observable<unknown>])[] = [
  ['circuitBreaker classify', () => circuitBreaker({ classify: callback('transient' as const) }), down],
  ['circuitBreaker isFailureValue', () => circuitBreaker({ isFailureValue: callback(false) }), of(1)],
  ['circuitBreaker isValue', () => circuitBreaker({ isValue: callback(true) }), of(1)],
  ['retry retryIf', () => retryWithBackoff({ retryIf: callback(false) }), down],
  ['retry retryIfValue', () => retryWithBackoff({ retryIfValue: callback(false) }), of(1)],
  ['retry classify', () => retryWithBackoff({ classify: callback('permanent' as const) }), down],
  ['retry isValue', () => retryWithBackoff({ isValue: callback(true), afterValue: 'fail' }), of(1)],
  ['retry backoff', () => retryWithBackoff(callback(null)), down],
  ['retry random', () => retryWithBackoff({ random: callback(0), maxRetries: 1 }), down],
  ['withDeadline isValue', () => withDeadline({ within: 50, until: 'firstValue', isValue: callback(true) }), of(1)],
  ['fallbackTo when', () => fallbackTo(of(2), { when: callback(true) }), down],
  ['fallbackTo classify', () => fallbackTo(of(2), { classify: callback('transient' as const) }), down],
  ['fallbackTo source', () => fallbackTo(callback(of(2))), down],
  ['fallbackToValue value', () => fallbackToValue(callback(2)), down],
  ['fallbackToLast when', () => fallbackToLast({ maxAge: 1, when: callback(true) }), down],
  ['loadShed priority', () => loadShed(callback('critical' as const), { shedder: loadShedder() }), of(1)],
];

describe.each(cases)('%s that throws', (_title, make, source) => {
  it('ends the call with that very error, leaves no permit or waiter behind, and works on', () => {
    throws = true;
    const policy = make() as Pipe;
    const pool = bulkhead(1, 1);
    const shed = loadShed('critical', { shedder: loadShedder() });
    const errors: unknown[] = [];
    const call = (): void => void source.pipe(pool, shed, policy).subscribe({ error: (error: unknown) => errors.push(error) });
    call();
    call();
    expect(errors).toStrictEqual([thrown, thrown]);
    expect(errors[0]).toBe(thrown);
    expect(pool.metrics()).toMatchObject({ active: 0, queued: 0 });
    expect(shed.metrics().inFlight).toBe(0);

    throws = false;
    errors.length = 0;
    let ended = false;
    source.pipe(pool, policy).subscribe({ error: () => (ended = true), complete: () => (ended = true) });
    expect(ended).toBe(true);
    expect(errors).not.toContain(thrown);
    expect(pool.active).toBe(0);
  });
});

describe('a listener that throws', () => {
  afterEach(() => {
    config.onUnhandledError = null;
  });

  it.each(['state$', 'health$', 'events$'] as const)('of %s changes no call, and is reported by RxJS', async (stream) => {
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => reported.push(error);
    const breaker = circuitBreaker({ failureThreshold: 1 });
    const listening = (breaker[stream] as Observable<unknown>).subscribe(() => {
      throw thrown;
    });
    const error = new Error('down');
    const seen: unknown[] = [];
    throwError(() => error).pipe(breaker).subscribe({ error: (e: unknown) => seen.push(e) });
    expect(seen).toStrictEqual([error]);
    expect(breaker.state).toBe('open');
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(reported).toContain(thrown);
    listening.unsubscribe();
  });
});

describe('many at once do not grow the stack', () => {
  it('fails 100,000 times synchronously in one retry', () => {
    let tries = 0;
    const source = new Observable<never>((subscriber) => {
      tries++;
      subscriber.error(new Error('down'));
    });
    let ended = 0;
    source.pipe(retryWithBackoff(constant(0), { maxRetries: 100_000, budget: false })).subscribe({ error: () => ended++ });
    expect([tries, ended]).toStrictEqual([100_001, 1]);
  });

  it.each<[string, () => Pipe]>([
    ['bulkhead', () => bulkhead(1, 100_000)],
    ['shedder', () => loadShed('critical', { shedder: loadShedder({ limit: fixedLimit(1), queue: 100_000 }) })],
  ])('lets 100,000 calls in that wait in the queue of a %s', (_title, make) => {
    const policy = make();
    const gate = new Subject<never>();
    gate.pipe(policy).subscribe();
    let completed = 0;
    for (let i = 0; i < 100_000; i++) of(i).pipe(policy).subscribe({ complete: () => completed++ });
    expect(completed).toBe(0);
    gate.complete();
    expect(completed).toBe(100_000);
  });
});
