import { concat, NEVER, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { CircuitBreakerOptions } from '../../src/circuit-breaker/breaker-options.js';
import { circuitBreaker } from '../../src/circuit-breaker/circuit-breaker.js';
import { isCircuitOpenError } from '../../src/circuit-breaker/circuit-open-error.js';
import { consecutiveFailures } from '../../src/core/trip.js';

const refused: readonly (readonly [name: string, options: unknown, error: typeof TypeError | typeof RangeError])[] = [
  ['failureThreshold', { failureThreshold: 0 }, RangeError],
  ['failureThreshold', { failureThreshold: 1.5 }, RangeError],
  ['failureThreshold', { failureThreshold: NaN }, RangeError],
  ['failureThreshold', { failureThreshold: 2, trip: consecutiveFailures(2) }, TypeError],
  ['trip', { trip: 5 }, TypeError],
  ['breakDuration', { breakDuration: -1 }, RangeError],
  ['breakDuration', { breakDuration: NaN }, RangeError],
  ['breakDuration', { breakDuration: Infinity }, RangeError],
  ['maxBreakDuration', { maxBreakDuration: -1 }, RangeError],
  ['maxBreakDuration', { maxBreakDuration: Infinity }, RangeError],
  ['successThreshold', { successThreshold: 0 }, RangeError],
  ['maxProbes', { maxProbes: 0 }, RangeError],
  ['maxProbes', { maxProbes: 1.5 }, RangeError],
  ['probeTimeout', { probeTimeout: -1 }, RangeError],
  ['probeTimeout', { probeTimeout: NaN }, RangeError],
  ['hungAfter', { hungAfter: -1 }, RangeError],
  ['hungAfter', { hungAfter: Infinity }, RangeError],
  ['classify', { classify: 'transient' }, TypeError],
  ['isFailureValue', { isFailureValue: true }, TypeError],
  ['isValue', { isValue: true }, TypeError],
  ['settleOn', { settleOn: 'end' }, RangeError],
  ['captureStacks', { captureStacks: 1 }, TypeError],
  ['initialState', { initialState: 'half-open' }, RangeError],
  ['initialState.state', { initialState: { state: 'tripped' } }, RangeError],
  ['initialState.remaining', { initialState: { state: 'open', remaining: -1 } }, RangeError],
  ['initialState.openings', { initialState: { state: 'open', openings: 0.5 } }, RangeError],
  ['mode', { mode: 'off' }, RangeError],
  ['name', { name: '' }, TypeError],
  ['resetTimeout', { resetTimeout: 5 }, TypeError],
];

describe('circuitBreaker', () => {
  it.each(refused)('refuses %s of %o', (name, options, error) => {
    let thrown: unknown;
    try {
      circuitBreaker(options as CircuitBreakerOptions);
    } catch (caught) {
      thrown = caught;
    }
    expect(thrown).toBeInstanceOf(error);
    expect((thrown as Error).message).toContain(name);
  });

  it.each(refused.filter(([name]) => name !== 'name' && !name.startsWith('initialState')))('refuses %s of %o in an update', (name, options, error) => {
    const breaker = circuitBreaker({ isValue: () => true });
    expect(() => breaker.update(options as never)).toThrow(error);
    expect(() => breaker.update(options as never)).toThrow(name);
  });

  it.each(['initialState', 'name', 'scheduler', 'random'])('does not change its %s', (name) => {
    expect(() => circuitBreaker().update({ [name]: 'closed' })).toThrow(TypeError);
  });

  it.each<CircuitBreakerOptions>([
    { breakDuration: 0, maxBreakDuration: 0, probeTimeout: 0, hungAfter: 0 },
    { probeTimeout: Infinity },
    { trip: undefined, failureThreshold: undefined, breakDuration: undefined, initialState: undefined },
  ])('takes %o', (options) => {
    expect(circuitBreaker(options).state).toBe('closed');
  });

  it('is called by its kind without a name', () => {
    const { kind, mode, name } = circuitBreaker();
    expect({ kind, mode, name }).toStrictEqual({ kind: 'circuitBreaker', mode: 'enforce', name: 'circuitBreaker' });
  });

  it('gives its errors a stack only where that is asked for', () => {
    const stackOf = (captureStacks: boolean): string | undefined => {
      let stack: string | undefined;
      const breaker = circuitBreaker({ captureStacks, initialState: 'open' });
      of(1).pipe(breaker).subscribe({ error: (error: Error) => (stack = error.stack) });
      return stack;
    };
    expect(stackOf(true)).toContain('\n    at ');
    expect(stackOf(false)).not.toContain('\n    at ');
  });

  it('names the first cause where a refusal is taken for a failure again and again', () => {
    const down = new Error('down');
    const breaker = circuitBreaker({ failureThreshold: 1, breakDuration: 0, classify: () => 'transient' });
    const inner = circuitBreaker({ failureThreshold: 1 });
    throwError(() => down).pipe(inner).subscribe({ error: () => undefined });
    let last: unknown;
    for (let i = 0; i < 5; i++) of(1).pipe(inner, breaker).subscribe({ error: (error) => (last = error) });
    breaker.update({ breakDuration: 5 });
    for (let i = 0; i < 2; i++) of(1).pipe(inner, breaker).subscribe({ error: (error) => (last = error) });
    expect(isCircuitOpenError(last) && last.cause).toBe(down);
  });
});

describe('a callback that throws ends the call with its error', () => {
  const thrown = new Error('thrown');
  const boom = (): never => {
    throw thrown;
  };

  it.each<[string, CircuitBreakerOptions]>([
    ['isValue', { isValue: boom }],
    ['isFailureValue', { isFailureValue: boom }],
  ])('%s, and leaves nothing behind', (_name, options) => {
    const breaker = circuitBreaker({ ...options, failureThreshold: 9, initialState: { state: 'half-open' } });
    let left = 0;
    const errors: unknown[] = [];
    const source = concat(of(1), NEVER);
    for (let i = 0; i < 2; i++) {
      const inner = source.pipe(breaker);
      inner.subscribe({ error: (error) => errors.push(error) }).add(() => left++);
    }
    expect(errors[0]).toBe(thrown);
    expect(left).toBe(2);
    const { calls, failures, ignored, refused: turnedAway } = breaker.metrics();
    expect(failures + ignored + turnedAway).toBe(calls);
  });

  it('classify, and the place of the probe is free again', () => {
    const breaker = circuitBreaker({ classify: boom, initialState: { state: 'half-open' }, successThreshold: 1 });
    const errors: unknown[] = [];
    for (let i = 0; i < 2; i++) throwError(() => new Error('down')).pipe(breaker).subscribe({ error: (error) => errors.push(error) });
    expect(errors).toStrictEqual([thrown, thrown]);
    expect(breaker.metrics()).toMatchObject({ calls: 2, ignored: 2, refused: 0 });
    of(1).pipe(breaker).subscribe();
    expect(breaker.state).toBe('closed');
  });

  it('breakDuration, and the circuit is as it was', () => {
    const breaker = circuitBreaker({ failureThreshold: 1, breakDuration: boom });
    const errors: unknown[] = [];
    throwError(() => new Error('down')).pipe(breaker).subscribe({ error: (error) => errors.push(error) });
    expect(errors).toStrictEqual([thrown]);
    expect(breaker.metrics()).toMatchObject({ calls: 1, failures: 1, opened: 0 });
    expect(breaker.state).toBe('closed');
  });
});
