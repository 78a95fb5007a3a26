import { NEVER, of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  bulkhead, circuitBreaker, constant, fallbackToLast, fallbackToValue, fixedLimit, lastValues, loadShed, loadShedder, type PolicyMode,
  retryBudget, retryWithBackoff, withDeadline,
} from 'rxjs-resilience';
import { outcome } from '../virtual.js';

type Made = ReturnType<typeof circuitBreaker> | ReturnType<typeof bulkhead> | ReturnType<typeof loadShed> | ReturnType<typeof withDeadline>;

const down = throwError(() => new Error('down'));

/** How each is worst, and what it says then. */
const rows: readonly (readonly [kind: string, make: (mode: PolicyMode) => Made, would: string])[] = [
  ['circuitBreaker', (mode) => circuitBreaker({ mode, initialState: 'open' }), 'down'],
  ['bulkhead', (mode) => busy(bulkhead(1, 0, { mode })), 'degraded'],
  ['loadShed', (mode) => busy(loadShed('critical', { mode, shedder: loadShedder({ limit: fixedLimit(1) }) })), 'degraded'],
  ['withDeadline', (mode) => withDeadline(0, { mode }), 'up'],
  ['retryWithBackoff', (mode) => failed(retryWithBackoff(constant(0), { mode, budget: retryBudget({ burst: 1, minPerSecond: 0, ratio: 0 }) }) as never), 'degraded'],
  ['fallbackToValue', (mode) => failed(fallbackToValue('instead', { mode }) as never), 'degraded'],
  ['fallbackToLast', (mode) => failed(fallbackToLast(kept(), 'key', { mode }) as never), 'degraded'],
];

function busy<P extends Made>(policy: P): P {
  outcome(NEVER.pipe(policy));
  return policy;
}

function failed<P extends Made>(policy: P): P {
  outcome(down.pipe(policy));
  return policy;
}

function kept(): ReturnType<typeof lastValues<unknown>> {
  const last = lastValues<unknown>({ maxAge: Infinity });
  outcome(of('kept').pipe(fallbackToLast(last, 'key')));
  return last;
}

describe.each(rows)('the health of %s', (_kind, make, would) => {
  it('in force is what it is', () => {
    make('enforce').health$.subscribe(({ details, status }) => {
      expect(status).toBe(would);
      expect(Object.keys(details)).not.toContain('would');
    });
    expect.assertions(2);
  });

  it('in shadow mode is up, with what it would be', () => {
    make('shadow').health$.subscribe(({ details, status }) => {
      expect([status, details['mode'], details['would']]).toStrictEqual(['up', 'shadow', would]);
    });
    expect.assertions(1);
  });

  it('follows the mode, and whether it is required, at once', () => {
    const policy = make('enforce');
    const seen: unknown[] = [];
    policy.health$.subscribe(({ details, required, status }) => seen.push([status, required, details['mode'], details['would']]));
    policy.update({ mode: 'shadow' });
    policy.update({ required: true });
    policy.update({ mode: 'disabled' });
    policy.update({ mode: 'disabled', required: true });
    policy.update({ mode: 'enforce', required: false });
    expect(seen.at(-1)).toStrictEqual([would, false, undefined, undefined]);
    // What begins to shadow or is disabled lets in whoever waits; that may change what it would be.
    expect(seen).toStrictEqual([
      [would, false, undefined, undefined],
      ['up', false, 'shadow', would],
      ['up', true, 'shadow', would],
      ['up', true, 'disabled', would],
      [would, false, undefined, undefined],
    ]);
  });
});
