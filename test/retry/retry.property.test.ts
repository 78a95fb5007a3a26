import fc from 'fast-check';
import { defer, of, type SchedulerLike, type Subscription, throwError, VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { constant } from '../../src/core/backoff.js';
import { retryBudget } from '../../src/core/retry-budget.js';
import { retryWithBackoff } from '../../src/retry/retry-with-backoff.js';

/** A scheduler that knows which of its timers are still to come. */
function counted(): { scheduler: SchedulerLike; pending: () => number; flush: () => void } {
  const virtual = new VirtualTimeScheduler();
  const pending = new Set<object>();
  const scheduler: SchedulerLike = {
    now: () => virtual.now(),
    schedule: (work, delay): Subscription => {
      const mark = {};
      pending.add(mark);
      const timer = virtual.schedule(() => {
        pending.delete(mark);
        (work as () => void)();
      }, delay);
      timer.add(() => pending.delete(mark));
      return timer;
    },
  };
  return { scheduler, pending: () => pending.size, flush: () => virtual.flush() };
}

describe('retryWithBackoff', () => {
  it.each([['plain', undefined], ["a policy that may 'hold'", () => true]] as const)('leaves no timer where the consumer leaves a wait: %s', (_title, retryIf) => {
    const { scheduler, pending } = counted();
    const retry = retryWithBackoff(constant(100), { scheduler, retryIf });
    const subscription = throwError(() => 'down').pipe(retry).subscribe();
    expect(pending()).toBe(1);
    subscription.unsubscribe();
    expect(pending()).toBe(0);
  });

  it('keeps a timer for its health only while that is observed', () => {
    const { scheduler, pending } = counted();
    const retry = retryWithBackoff(constant(0), { scheduler, budget: retryBudget({ burst: 1 }) });
    throwError(() => 'down').pipe(retry).subscribe({ error: () => undefined });
    expect(pending()).toBe(0);
    const observer = retry.health$.subscribe();
    expect(pending()).toBe(1);
    observer.unsubscribe();
    expect(pending()).toBe(0);
    retry.health$.subscribe();
    retry.dispose();
    expect(pending()).toBe(0);
  });

  it('makes as many tries as failures, maxRetries and budget let, whatever the calls, and counts them', () => {
    const call = fc.record({ failures: fc.nat(6), permanent: fc.boolean() });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 20 }), fc.nat(4), fc.nat(8), fc.constantFrom(0, 7), (calls, maxRetries, burst, delay) => {
        const { scheduler, pending, flush } = counted();
        const budget = retryBudget({ burst, minPerSecond: 0, ratio: 0 });
        const retry = retryWithBackoff(constant(delay), { scheduler, maxRetries, budget });
        let left = burst;
        let retries = 0;
        let recovered = 0;
        for (const { failures, permanent } of calls) {
          let tries = 0;
          const source = defer(() => (tries++ < failures ? throwError(() => ({ status: permanent ? 404 : 503 })) : of('ok')));
          let ends = 0;
          source.pipe(retry).subscribe({ error: () => ends++, complete: () => ends++ });
          flush();
          const expected = permanent ? 0 : Math.min(failures, maxRetries, left);
          left -= expected;
          retries += expected;
          if (expected > 0 && expected === failures) recovered++;
          expect([tries, ends, pending()]).toStrictEqual([expected + 1, 1, 0]);
        }
        expect(retry.metrics()).toMatchObject({ calls: calls.length, retries, recovered, tries: calls.length + retries, budgetLeft: left });
      }),
    );
  });
});
