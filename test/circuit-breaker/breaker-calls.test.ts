import { concat, NEVER, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { bulkhead } from '../../src/bulkhead/bulkhead.js';
import { circuitBreaker } from '../../src/circuit-breaker/circuit-breaker.js';
import { failureRate } from '../../src/core/trip.js';
import { withDeadline } from '../../src/deadline/with-deadline.js';
import { outcome, virtual } from '../virtual.js';

const failing = (error: unknown) => throwError(() => error);

describe('a breaker around a queue', () => {
  it('takes the time in the queue for no time of the dependency, though a deadline in between does', () => {
    const { scheduler, advance } = virtual();
    const pool = bulkhead(1, 1, { scheduler });
    const circuit = circuitBreaker({ scheduler });
    const { leave } = outcome(NEVER.pipe(pool));
    outcome(NEVER.pipe(pool, withDeadline(100, { scheduler }), circuit));
    advance(80);
    leave();
    advance(20);
    expect(circuit.metrics()).toMatchObject({ calls: 1, ignored: 1, failures: 0 });
  });

  it('takes the time after the queue for its', () => {
    const { scheduler, advance } = virtual();
    const pool = bulkhead(1, 1, { scheduler });
    const circuit = circuitBreaker({ scheduler });
    const { leave } = outcome(NEVER.pipe(pool));
    outcome(NEVER.pipe(pool, withDeadline(100, { scheduler }), circuit));
    advance(50);
    leave();
    advance(50);
    expect(circuit.metrics()).toMatchObject({ calls: 1, ignored: 0, failures: 1 });
  });

  it.each(['disabled', 'shadow'] as const)('lets a call through that has waited, %s and open or not', (mode) => {
    const pool = bulkhead(1, { size: 1, timeout: Infinity });
    const circuit = circuitBreaker({ mode });
    circuit.isolate();
    const { leave } = outcome(NEVER.pipe(pool));
    const { log } = outcome(of(1).pipe(pool, circuit));
    leave();
    expect(log).toStrictEqual([1, '|']);
  });
});

describe('what a breaker tells', () => {
  it('has a duration of 0 where somebody listens only since the call was made', () => {
    const circuit = circuitBreaker();
    const source = new Subject<unknown>();
    outcome(source.pipe(circuit));
    const told: object[] = [];
    circuit.events$.subscribe((event) => told.push({ ...event, at: 0 }));
    source.complete();
    const common = { policy: 'circuitBreaker', kind: 'circuitBreaker', at: 0, context: { attempt: 1 } };
    expect(told).toStrictEqual([{ ...common, type: 'succeeded', duration: 0 }]);
  });

  it('comes with the value of a probe where another one has closed it since, and nobody looked', () => {
    const { scheduler, advance } = virtual();
    const circuit = circuitBreaker({ failureThreshold: 1, breakDuration: 10, successThreshold: 1, maxProbes: 2, probeTimeout: 5, scheduler });
    outcome(failing('down').pipe(circuit));
    advance(10);
    const [first, second] = [new Subject<unknown>(), new Subject<unknown>()];
    outcome(first.pipe(circuit));
    outcome(second.pipe(circuit));
    first.next(1);
    const told: unknown[] = [];
    circuit.events$.subscribe(({ type, at }) => told.push([type, at]));
    advance(20);
    expect(told).toStrictEqual([]);
    second.next(1);
    expect(told).toStrictEqual([['closed', 15]]);
  });

  it.each([[undefined, {}], ['operator', { caller: 'operator' }]])('names who has reset, isolated and released it: %s', (caller, named) => {
    const { scheduler } = virtual();
    const circuit = circuitBreaker({ scheduler });
    const told: object[] = [];
    circuit.events$.subscribe((event) => told.push(event));
    circuit.reset(caller);
    circuit.isolate(caller).release(caller);
    const common = { policy: 'circuitBreaker', kind: 'circuitBreaker', at: 0 };
    expect(told).toStrictEqual([
      { ...common, type: 'reset', ...named },
      { ...common, type: 'isolated', ...named },
      { ...common, type: 'released', ...named },
      { ...common, type: 'closed' },
    ]);
  });
});

describe('the cause of an open circuit', () => {
  const trip = failureRate({ threshold: 0.5, window: { calls: 2 }, minimumCalls: 2 });
  const causeOf = (circuit: ReturnType<typeof circuitBreaker>): unknown => (outcome(of(1).pipe(circuit)).log[0] as Error).cause;

  it('is the last failure, though a success has completed the rate', () => {
    const circuit = circuitBreaker({ trip });
    outcome(failing('down').pipe(circuit));
    outcome(of(1).pipe(circuit));
    expect(causeOf(circuit)).toBe('down');
  });

  it('is no failure of a call from before a reset', () => {
    const circuit = circuitBreaker({ trip });
    const late = new Subject<unknown>();
    outcome(late.pipe(circuit));
    circuit.reset();
    outcome(failing('down').pipe(circuit));
    late.error('late');
    outcome(of(1).pipe(circuit));
    expect(causeOf(circuit)).toBe('down');
    expect(circuit.metrics()).toMatchObject({ late: 1, failures: 1, successes: 1 });
  });
});

describe('a call whose values are looked at', () => {
  it('is settled once, by its first value where that is asked for', () => {
    const circuit = circuitBreaker({ settleOn: 'firstValue', isFailureValue: (value) => value === 503 });
    outcome(of(1, 2, 503).pipe(circuit));
    outcome(of(503, 1, 503).pipe(circuit));
    expect(circuit.metrics()).toMatchObject({ calls: 2, successes: 1, failures: 1, late: 0, ignored: 0 });
  });

  it.each([
    ['a success', 1, { successes: 1, abandoned: 0 }],
    ['nothing where it was no value', 'sent', { successes: 0, abandoned: 1 }],
  ])('and that is left after one is %s', (_title, value, counted) => {
    const circuit = circuitBreaker({ isValue: (seen) => seen !== 'sent' });
    outcome(concat(of(value), NEVER).pipe(circuit)).leave();
    expect(circuit.metrics()).toMatchObject(counted);
  });
});

it('a success counts at its time, though nobody asks how long it took', () => {
  const { scheduler, advance } = virtual();
  const circuit = circuitBreaker({ trip: failureRate({ threshold: 1, window: { time: 100 }, minimumCalls: 1 }), scheduler });
  outcome(of(1).pipe(circuit));
  expect(circuit.metrics().rate).toBe(0);
  advance(150);
  expect(circuit.metrics().rate).toBe(undefined);
  outcome(of(1).pipe(circuit));
  expect(circuit.metrics().rate).toBe(0);
});

it('a predicate of values may come later than the breaker', () => {
  const circuit = circuitBreaker();
  const piped = of(1, 2, 3).pipe(circuit);
  outcome(piped);
  circuit.update({ isFailureValue: (value) => value === 2 });
  expect(outcome(piped).log).toStrictEqual([1, 2, 3, '|']);
  expect(circuit.metrics()).toMatchObject({ calls: 2, successes: 1, failures: 1 });
  circuit.update({ isValue: (value) => value === 3 });
  outcome(piped);
  expect(circuit.metrics()).toMatchObject({ calls: 3, successes: 2, failures: 1 });
});
