import { asyncScheduler, NEVER, of, switchMap, throwError, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type CircuitBreaker, circuitBreaker } from '../../src/circuit-breaker/circuit-breaker.js';
import type { CircuitSnapshot } from '../../src/circuit-breaker/circuit-snapshot.js';
import { withDeadline } from '../../src/deadline/with-deadline.js';
import { scenario } from '../operator/in-virtual-time.js';

const down = new Error('down');
const make = (): CircuitBreaker =>
  circuitBreaker({ name: 'catalog', failureThreshold: 1, breakDuration: 10, successThreshold: 1 });
/** In real time a break of a few milliseconds may be over before the test is. */
const makeForLong = (): CircuitBreaker => circuitBreaker({ failureThreshold: 1, breakDuration: 60_000 });
const fail = (breaker: CircuitBreaker, error: unknown = down): void =>
  void throwError(() => error).pipe(breaker).subscribe({ error: () => undefined });
const succeed = (breaker: CircuitBreaker): void => void of(1).pipe(breaker).subscribe({ error: () => undefined });
const at = (ms: number, work: () => void): void => void asyncScheduler.schedule(work, ms);

describe('the state of a circuit breaker', () => {
  it('is told in order, also where a listener causes the next', () => {
    const breaker = makeForLong();
    const seen: string[] = [];
    breaker.state$.subscribe((state) => {
      if (state === 'open') breaker.isolate();
    });
    breaker.state$.subscribe((state) => seen.push(state));
    fail(breaker);
    expect(seen).toStrictEqual(['closed', 'open', 'isolated']);
    expect(breaker.state).toBe('isolated');
  });

  it('is there at once, and after the end as well', () => {
    const breaker = makeForLong();
    const seen: string[] = [];
    fail(breaker);
    breaker.dispose();
    breaker.state$.subscribe({ next: (state) => seen.push(state), complete: () => seen.push('|') });
    expect(seen).toStrictEqual(['open', '|']);
    expect(breaker.state$).toBe(breaker.state$);
    let refused = false;
    of(1).pipe(breaker).subscribe({ error: () => (refused = true) });
    expect(refused).toBe(true);
  });

  scenario('follows the time when it is read, and reading pushes nothing', make, (breaker, { flush }) => {
    const read: unknown[] = [];
    const told: string[] = [];
    breaker.events$.subscribe(({ type }) => told.push(type));
    at(1, () => fail(breaker));
    for (const ms of [1, 10, 11, 12]) {
      at(ms, () => read.push([ms, breaker.state, breaker.snapshot().state, breaker.snapshot().remaining]));
    }
    flush();
    expect(read).toStrictEqual([
      [1, 'open', 'open', 10],
      [10, 'open', 'open', 1],
      [11, 'half-open', 'half-open', undefined],
      [12, 'half-open', 'half-open', undefined],
    ]);
    expect(told).toStrictEqual(['failed', 'opened']);
  });

  scenario('keeps since over an outage without a success in between', make, (breaker, { flush }) => {
    const since: unknown[] = [];
    breaker.health$.subscribe((health) => since.push([asyncScheduler.now(), health.status, health.since, health.error]));
    at(1, () => fail(breaker));
    at(20, () => fail(breaker));
    at(40, () => succeed(breaker));
    at(50, () => fail(breaker));
    flush();
    expect(since.slice(1)).toStrictEqual([
      [1, 'down', 1, down],
      [11, 'degraded', 11, down],
      [20, 'down', 1, down],
      [30, 'degraded', 30, down],
      [40, 'up', 40, undefined],
      [50, 'down', 50, down],
      [60, 'degraded', 60, down],
    ]);
  });

  scenario(
    'begins since anew after a probe that went well, also where its time has told',
    () => circuitBreaker({ failureThreshold: 1, breakDuration: 10, successThreshold: 2, probeTimeout: 5 }),
    (breaker, { cold, flush }) => {
      const since: unknown[] = [];
      breaker.health$.subscribe((health) => since.push([asyncScheduler.now(), health.status, health.since]));
      at(1, () => fail(breaker));
      at(12, () => succeed(breaker));
      at(13, () => fail(breaker));
      at(23, () => void cold('-a---------------').pipe(breaker).subscribe());
      at(30, () => fail(breaker));
      at(41, () => fail(breaker));
      flush();
      expect(since.slice(1)).toStrictEqual([
        [1, 'down', 1],
        [11, 'degraded', 11],
        [13, 'down', 13],
        [23, 'degraded', 23],
        [30, 'down', 30],
        [40, 'degraded', 40],
        [41, 'down', 30],
        [51, 'degraded', 51],
      ]);
    },
  );

  it('that is isolated has no error, for none has opened it', () => {
    const breaker = makeForLong();
    const errors: unknown[] = [];
    fail(breaker);
    breaker.isolate();
    breaker.health$.subscribe(({ status, error }) => errors.push(status, error));
    of(1).pipe(breaker).subscribe({ error: (error: Error) => errors.push((error as { reason?: string }).reason, error.cause) });
    expect(errors).toStrictEqual(['down', undefined, 'isolated', undefined]);
  });
});

describe('a decision', () => {
  for (const listened of [false, true]) {
    scenario(`does not depend on who listens: ${listened ? 'somebody' : 'nobody'}`, make, (breaker, { flush }) => {
      if (listened) breaker.events$.subscribe();
      // A timer in between has lost the context: the breaker hears of the deadline only when it cuts.
      timer(7)
        .pipe(switchMap(() => NEVER.pipe(breaker)), withDeadline(10))
        .subscribe({ error: () => undefined });
      flush();
      expect(breaker.metrics()).toMatchObject({ failures: 1, ignored: 0 });
    });
  }
});

describe('a snapshot', () => {
  scenario('tells what is and what was, in durations', make, (breaker, { flush }) => {
    const snapshots: CircuitSnapshot[] = [breaker.snapshot()];
    at(1, () => fail(breaker));
    for (const ms of [4, 15]) at(ms, () => snapshots.push(breaker.snapshot()));
    at(20, () => succeed(breaker));
    at(22, () => snapshots.push(breaker.snapshot()));
    flush();
    expect(snapshots).toStrictEqual([
      { state: 'closed', openings: 0 },
      { state: 'open', remaining: 7, openings: 1, lastTransition: { from: 'closed', to: 'open', ago: 3 }, lastError: down },
      // Time has moved it on, and nobody has looked before.
      { state: 'half-open', openings: 1, lastTransition: { from: 'open', to: 'half-open', ago: 4 }, lastError: down },
      { state: 'closed', openings: 0, lastTransition: { from: 'half-open', to: 'closed', ago: 2 }, lastError: down },
    ]);
  });

  scenario('is what another one begins with', make, (breaker, { flush }) => {
    const seen: string[] = [];
    at(1, () => fail(breaker));
    at(4, () => {
      const initialState = JSON.parse(JSON.stringify(breaker.snapshot())) as CircuitSnapshot;
      const other = circuitBreaker({ failureThreshold: 1, initialState });
      other.state$.subscribe((state) => seen.push(`${asyncScheduler.now()} ${state}`));
    });
    flush();
    expect(seen).toStrictEqual(['4 open', '11 half-open']);
  });

  it('forgets the past with a reset', () => {
    const breaker = makeForLong();
    fail(breaker);
    breaker.reset();
    const { lastError, openings, state } = breaker.snapshot();
    expect({ lastError, openings, state }).toStrictEqual({ lastError: undefined, openings: 0, state: 'closed' });
  });
});
