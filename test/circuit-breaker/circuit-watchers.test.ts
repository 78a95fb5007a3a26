import { of, Subject, throwError } from 'rxjs';
import { type CircuitBreaker, circuitBreaker } from 'rxjs-resilience';
import { describe, expect, it } from 'vitest';
import { outcome, virtual, type Virtual } from '../virtual.js';

function opened(options: { readonly probeTimeout?: number } = {}): Virtual & { readonly breaker: CircuitBreaker } {
  const time = virtual();
  const breaker = circuitBreaker({ failureThreshold: 1, breakDuration: 10, successThreshold: 1, scheduler: time.scheduler, ...options });
  outcome(throwError(() => 'down').pipe(breaker));
  return { ...time, breaker };
}

describe('who watches a circuit breaker', () => {
  it('and comes while it is open hears when it is half-open, also of its health alone', () => {
    const { advance, breaker } = opened();
    advance(3);
    const seen: string[] = [];
    breaker.health$.subscribe(({ status }) => seen.push(status));
    advance(6);
    expect(seen).toStrictEqual(['down']);
    advance(1);
    expect(seen).toStrictEqual(['down', 'degraded']);
  });

  it('hears at the time that an update has set for a probe', () => {
    const { advance, breaker } = opened({ probeTimeout: 100 });
    advance(10);
    const seen: string[] = [];
    breaker.state$.subscribe((state) => seen.push(state));
    const source = new Subject<number>();
    outcome(source.pipe(breaker));
    source.next(1);
    breaker.update({ probeTimeout: 50 });
    advance(49);
    expect(seen).toStrictEqual(['half-open']);
    advance(1);
    expect(seen).toStrictEqual(['half-open', 'closed']);
  });

  it('hears of one move after the other, where somebody else answers the first with the second', () => {
    const breaker = circuitBreaker({ failureThreshold: 1 });
    const seen: string[] = [];
    breaker.events$.subscribe(({ type }) => {
      if (type === 'opened') breaker.reset();
    });
    breaker.events$.subscribe(({ type }) => seen.push(type));
    outcome(throwError(() => 'down').pipe(breaker));
    expect(seen.filter((type) => type === 'opened' || type === 'closed')).toStrictEqual(['opened', 'closed']);
  });

  it('takes the timer away again', () => {
    const { breaker, scheduler } = opened();
    const watching = breaker.state$.subscribe();
    expect(scheduler.actions).toHaveLength(1);
    watching.unsubscribe();
    expect(scheduler.actions).toHaveLength(0);
    outcome(of(1).pipe(breaker));
    expect(scheduler.actions).toHaveLength(0);
  });
});
