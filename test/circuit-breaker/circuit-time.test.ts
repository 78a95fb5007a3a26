import { asyncScheduler, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type CircuitBreaker, circuitBreaker } from '../../src/circuit-breaker/circuit-breaker.js';
import { failureRate, slowCallRate } from '../../src/core/trip.js';
import { scenario } from '../operator/in-virtual-time.js';

const fail = (breaker: CircuitBreaker): void =>
  void throwError(() => new Error('down')).pipe(breaker).subscribe({ error: () => undefined });
const succeed = (breaker: CircuitBreaker): void => void of(1).pipe(breaker).subscribe();
const at = (ms: number, work: () => void): void => void asyncScheduler.schedule(work, ms);

/** A value at once, and no end for a long time. */
const long = `a${'-'.repeat(60)}`;

const make = (): CircuitBreaker =>
  circuitBreaker({ failureThreshold: 1, breakDuration: 10, successThreshold: 1, probeTimeout: 20 });

describe('what time has changed, though nobody has looked', () => {
  scenario('stays changed when settings change', make, (breaker, { cold, flush }) => {
    const seen: string[] = [];
    at(0, () => fail(breaker));
    at(12, () => void cold(long).pipe(breaker).subscribe());
    at(40, () => {
      seen.push(breaker.state);
      breaker.update({ probeTimeout: 1_000, successThreshold: 9 });
      seen.push(breaker.state);
    });
    flush();
    expect(seen).toStrictEqual(['closed', 'closed']);
  });

  scenario(
    'leaves nothing of the row before to a rule that comes after',
    () => circuitBreaker({ failureThreshold: 2, breakDuration: 10, successThreshold: 1, probeTimeout: 20 }),
    (breaker, { cold, flush }) => {
      at(0, () => fail(breaker));
      at(0, () => fail(breaker));
      at(12, () => void cold(long).pipe(breaker).subscribe());
      at(40, () => {
        breaker.update({ failureThreshold: 3 });
        fail(breaker);
        fail(breaker);
      });
      flush();
      expect(breaker.state).toBe('closed');
    },
  );

  scenario('is told before somebody isolates it', make, (breaker, { flush }) => {
    const told: string[] = [];
    breaker.events$.subscribe((event) => told.push(`${event.type} ${event.at}`));
    at(1, () => fail(breaker));
    at(20, () => breaker.isolate());
    flush();
    expect(told).toStrictEqual(['failed 1', 'opened 1', 'halfOpened 11', 'isolated 20']);
    expect(breaker.snapshot().lastTransition).toMatchObject({ from: 'half-open', to: 'isolated' });
  });

  scenario('is told before somebody resets it, and health keeps its since', make, (breaker, { cold, flush }) => {
    const told: string[] = [];
    const since: number[] = [];
    breaker.events$.subscribe((event) => told.push(`${event.type} ${event.at}`));
    at(0, () => fail(breaker));
    at(12, () => void cold(long).pipe(breaker).subscribe());
    at(40, () => {
      breaker.health$.subscribe((health) => since.push(health.since)).unsubscribe();
      breaker.reset();
      breaker.health$.subscribe((health) => since.push(health.since)).unsubscribe();
    });
    flush();
    expect(since).toStrictEqual([32, 32]);
    expect(told.slice(0, 5)).toStrictEqual(['failed 0', 'opened 0', 'halfOpened 10', 'closed 32', 'reset 40']);
  });

  scenario(
    'has cleared the rate',
    () => circuitBreaker({ trip: failureRate({ threshold: 1, window: { calls: 1 } }), breakDuration: 10, successThreshold: 1, probeTimeout: 20 }),
    (breaker, { cold, flush }) => {
      const rates: unknown[] = [];
      at(0, () => fail(breaker));
      at(12, () => void cold(long).pipe(breaker).subscribe());
      for (const ms of [31, 32]) at(ms, () => rates.push([breaker.state, breaker.metrics().rate]));
      flush();
      expect(rates).toStrictEqual([['half-open', 1], ['closed', undefined]]);
    },
  );
});

describe('a half-open circuit', () => {
  scenario(
    'is told to close by a probe with a value, where another has closed the gap',
    () => circuitBreaker({ failureThreshold: 1, breakDuration: 10, successThreshold: 2, maxProbes: 2, probeTimeout: 20 }),
    (breaker, { cold, flush }) => {
      const states: string[] = [];
      breaker.state$.subscribe((state) => states.push(`${asyncScheduler.now()} ${state}`));
      at(1, () => fail(breaker));
      at(12, () => void cold(long).pipe(breaker).subscribe());
      at(15, () => succeed(breaker));
      flush();
      expect(states).toStrictEqual(['0 closed', '1 open', '11 half-open', '32 closed']);
    },
  );

  scenario(
    'takes no slow value for a success when the time of its probe is over',
    () =>
      circuitBreaker({
        trip: slowCallRate({ threshold: 1, slowerThan: 5, window: { calls: 1 } }),
        initialState: { state: 'half-open' },
        breakDuration: 10,
        successThreshold: 1,
        probeTimeout: 20,
      }),
    (breaker, { cold, flush }) => {
      const states: string[] = [];
      breaker.state$.subscribe((state) => states.push(`${asyncScheduler.now()} ${state}`));
      at(1, () => void cold('-----a------------------|').pipe(breaker).subscribe());
      at(40, () => void cold('----a-------------------|').pipe(breaker).subscribe());
      flush();
      expect(states).toStrictEqual(['0 half-open', '25 open', '35 half-open', '60 closed']);
    },
  );

  scenario('closes with an update that shortens the time of a probe, and not before it', make, (breaker, { cold, flush }) => {
    const told: string[] = [];
    breaker.events$.subscribe((event) => told.push(`${event.type} ${event.at}`));
    at(0, () => fail(breaker));
    at(12, () => void cold(`----${long}`).pipe(breaker).subscribe());
    at(18, () => breaker.update({ probeTimeout: 1 }));
    flush();
    expect(told.slice(2)).toStrictEqual(['halfOpened 10', 'closed 18']);
  });

  it('closes with an update for which enough has succeeded, and its clock goes on', () => {
    let now = 0;
    const scheduler = { now: () => now, schedule: asyncScheduler.schedule.bind(asyncScheduler) };
    const breaker = circuitBreaker({ failureThreshold: 1, breakDuration: 10, successThreshold: 3, initialState: { state: 'half-open' }, scheduler });
    const states: string[] = [];
    breaker.state$.subscribe((state) => states.push(state));
    succeed(breaker);
    succeed(breaker);
    now = 5;
    breaker.update({ successThreshold: 2 });
    expect(states).toStrictEqual(['half-open', 'closed']);
    now = 7;
    expect(breaker.snapshot().lastTransition).toStrictEqual({ from: 'half-open', to: 'closed', ago: 2 });
    breaker.dispose();
  });
});

describe('health', () => {
  scenario('that is down stays down since then where an open circuit is isolated', make, (breaker, { flush }) => {
    const since: unknown[] = [];
    breaker.health$.subscribe((health) => since.push([asyncScheduler.now(), health.status, health.since]));
    at(1, () => fail(breaker));
    at(5, () => breaker.isolate());
    flush();
    expect(since.slice(1)).toStrictEqual([[1, 'down', 1], [5, 'down', 1]]);
  });
});

describe('a reset', () => {
  it('forgets the openings of a circuit that is held', () => {
    const breaker = make();
    fail(breaker);
    const held = breaker.isolate();
    expect(breaker.snapshot().openings).toBe(1);
    breaker.reset();
    expect(breaker.snapshot()).toMatchObject({ state: 'isolated', openings: 0 });
    held.release();
    expect(breaker.state).toBe('closed');
  });
});
