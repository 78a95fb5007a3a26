import { defer, firstValueFrom, NEVER, Observable, of, switchMap, take, throwError } from 'rxjs';
import { bulkhead, circuitBreaker, currentContext, resiliencePipeline, retryWithBackoff, runInContext } from 'rxjs-resilience';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { limited } from '../../src/operator/limited.js';

const failing = (tell: () => void) =>
  defer(() => {
    tell();
    return throwError(() => new Error('down'));
  });

describe('a limited policy', () => {
  it.each([
    [0, 1],
    [1, 2],
    [2, 3],
    [9, 4],
  ])('with at most %d retries makes %d tries of the four that it has', (maxRetries, tries) => {
    let made = 0;
    const retry = retryWithBackoff(() => 0, { maxRetries: 3 });
    failing(() => made++).pipe(limited(retry, { maxRetries })).subscribe({ error: () => undefined });
    expect(made).toBe(tries);
  });

  it('passes the error of what may not be repeated as if nothing could be tried again, and counts no retry that gave up', () => {
    const retry = retryWithBackoff(() => 0, { exhausted: 'wrap' });
    let error: unknown;
    failing(() => undefined).pipe(limited(retry, { maxRetries: 0 })).subscribe({ error: (thrown: unknown) => (error = thrown) });
    expect(error).toStrictEqual(new Error('down'));
    expect(retry.metrics()).toMatchObject({ tries: 1, exhausted: { attempts: 0 } });
  });

  it('delivers a value that is not good enough where it may not be repeated', () => {
    const retry = retryWithBackoff(() => 0, { retryIfValue: () => true });
    const seen: unknown[] = [];
    of(1).pipe(limited(retry, { maxRetries: 0 })).subscribe((value) => void seen.push(value));
    expect(seen).toStrictEqual([1]);
  });

  it('tells how many tries there are', () => {
    const retry = retryWithBackoff(() => 0, { maxRetries: 3 });
    const of$: unknown[] = [];
    retry.events$.subscribe((event) => of$.push(event.type === 'scheduled' ? event.of : event.type));
    failing(() => undefined).pipe(limited(retry, { maxRetries: 1 })).subscribe({ error: () => undefined });
    expect(of$).toStrictEqual([2, 'exhausted']);
  });

  it('lets nobody wait for longer than it says, nor than the queue says', () => {
    new TestScheduler((actual, expected) => expect(actual).toStrictEqual(expected)).run(({ expectObservable }) => {
      const error = expect.objectContaining({ code: 'BULKHEAD_FULL', reason: 'queue-timeout' });
      for (const [timeout, maxQueueWait, waits] of [[30_000, 500, 500], [100, 500, 100], [Infinity, 500, 500]] as const) {
        const one = bulkhead(1, { size: 5, timeout });
        NEVER.pipe(one).subscribe();
        expectObservable(of(1).pipe(limited(one, { maxQueueWait }))).toBe(`${waits}ms #`, undefined, error);
      }
    });
  });

  it('ends where the source is subscribed: what runs inside has its own retries', () => {
    const inner = retryWithBackoff(() => 0, { maxRetries: 2 });
    const outer = resiliencePipeline({ name: 'outer', retry: { maxRetries: 5, backoff: () => 0, exhausted: 'rethrow' } });
    let made = 0;
    defer(() => failing(() => made++).pipe(inner)).pipe(limited(outer, { maxRetries: 0 })).subscribe({ error: () => undefined });
    expect(made).toBe(3);
  });

  it('ends where a consumer is told: what is subscribed there has its own retries', () => {
    let made = 0;
    const flaky = defer(() => (++made < 3 ? throwError(() => new Error('down')) : of('up')));
    const seen: unknown[] = [];
    of(1)
      .pipe(limited(circuitBreaker(), { maxRetries: 0 }), switchMap(() => flaky.pipe(retryWithBackoff(() => 0))))
      .subscribe((value) => void seen.push(value));
    expect(seen).toStrictEqual(['up']);
  });

  it('leaves three values of a source that has ten thousand', () => {
    let made = 0;
    const many = new Observable<number>((to) => {
      while (!to.closed && made < 10_000) to.next(made++);
    });
    many.pipe(limited(circuitBreaker(), { maxRetries: 0 }), take(3)).subscribe();
    expect(made).toBe(3);
  });

  it('leaves the context as it is', async () => {
    const context = { priority: 'sheddable', tags: { tenant: 'a' } } as const;
    const call = defer(() => of(currentContext())).pipe(limited(retryWithBackoff(), { maxRetries: 0 }));
    expect(await runInContext(context, () => firstValueFrom(call))).toStrictEqual({ attempt: 1, ...context });
  });

  it('refuses limits that are none', () => {
    expect(() => limited(retryWithBackoff(), { maxRetries: -1 })).toThrow(/^maxRetries must be of at least 0, got -1$/);
    expect(() => limited(retryWithBackoff(), { maxQueueWait: NaN })).toThrow(RangeError);
    expect(() => limited(retryWithBackoff(), { retries: 1 } as never)).toThrow(TypeError);
  });
});
