import { type Observable, of, throwError } from 'rxjs';
import { bulkhead, constant, fallbackToValue, type Health, retryWithBackoff } from 'rxjs-resilience';
import { describe, expect, it } from 'vitest';
import { outcome, virtual } from '../virtual.js';

function healthOf({ health$ }: { readonly health$: Observable<Health> }): Pick<Health, 'status' | 'since'> {
  let now: Health | undefined;
  health$.subscribe((health) => (now = health)).unsubscribe();
  return { status: now!.status, since: now!.since };
}

const failure = throwError(() => 'down');

describe('health says since when', () => {
  it('a bulkhead has had room, whoever comes and goes', () => {
    const { advance, scheduler } = virtual();
    const pool = bulkhead(2, 0, { scheduler });
    advance(5);
    outcome(of(1).pipe(pool));
    expect(healthOf(pool)).toStrictEqual({ status: 'up', since: 0 });
  });

  it('a fallback answers, from the first of its answers on', () => {
    const { advance, scheduler } = virtual();
    const fallback = fallbackToValue('instead', { scheduler });
    advance(5);
    outcome(failure.pipe(fallback));
    advance(4);
    outcome(failure.pipe(fallback));
    expect(healthOf(fallback)).toStrictEqual({ status: 'degraded', since: 5 });
  });

  it('a retry has had a budget, has had none, and has one again', () => {
    const { advance, scheduler } = virtual();
    const retry = retryWithBackoff(constant(0), { scheduler, maxRetries: 20 });
    advance(5);
    expect(healthOf(retry)).toStrictEqual({ status: 'up', since: 0 });
    outcome(failure.pipe(retry));
    expect(healthOf(retry)).toStrictEqual({ status: 'degraded', since: 5 });
    advance(45);
    retry.reset();
    expect(healthOf(retry)).toStrictEqual({ status: 'up', since: 50 });
  });
});
