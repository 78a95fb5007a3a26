import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HealthStatus } from '../../src/core/health.js';
import { afterResult, changesAt, type CheckRules, type CheckState, viewAt } from '../../src/health/check-state.js';
import type { Result } from '../../src/health/probe-result.js';

const numRuns = Number(process.env['RESILIENCE_RUNS'] ?? 500);
const rules: CheckRules = { failAfter: 2, recoverAfter: 2, staleAfter: 30, changes: 4, within: 100, calm: 50 };
const quick: CheckRules = { ...rules, failAfter: 1, recoverAfter: 1 };
const result = (status: HealthStatus, details: Result['details'] = {}, error?: unknown): Result => ({ status, details, error });

/** A result every 10 ms from 0 on. */
const after = (results: readonly Result[], by: CheckRules = rules): CheckState | undefined =>
  results.reduce<CheckState | undefined>((state, one, i) => afterResult(state, one, i * 10, by), undefined);

describe('what a check knows', () => {
  it('is unknown before the first result', () => {
    expect(viewAt(undefined, 5, rules)).toStrictEqual({ status: 'unknown', details: {} });
    expect(changesAt(undefined, 5, rules)).toBe(Infinity);
  });

  it('is the verdict, with the details and the error of a result that said so', () => {
    const [first, second] = [new Error('first'), new Error('second')];
    const state = after([result('up', { lag: 1 }), result('down', { reason: 'error' }, first), result('down', { reason: 'error' }, second)]);
    expect(viewAt(after([result('up', { lag: 1 }), result('down')]), 10, rules)).toMatchObject({ status: 'up', details: { lag: 1 } });
    expect(viewAt(state, 20, rules)).toMatchObject({ status: 'down', details: { reason: 'error' }, error: first });
  });

  it('shows the error with which it went down this time, not that of long ago', () => {
    const [old, recent] = [new Error('old'), new Error('recent')];
    const state = after([result('down', {}, old), result('up'), result('down', {}, recent)], quick);
    expect(viewAt(state, 20, quick)).toMatchObject({ status: 'down', error: recent });
  });

  it('follows the details while the status stays', () => {
    expect(viewAt(after([result('up', { lag: 1 }), result('up', { lag: 2 })]), 10, rules)).toMatchObject({ details: { lag: 2 } });
  });

  it.each([
    [29, 'up', {}],
    [30, 'unknown', { stale: true }],
    [31, 'unknown', { stale: true }],
  ])('%i ms after its last result it is %s', (now, status, details) => {
    expect(viewAt(after([result('up')]), now, rules)).toMatchObject({ status, details });
  });

  it('knows since when it is stale', () => {
    expect(viewAt(after([result('up')]), 1_000, rules)).toStrictEqual({ status: 'unknown', details: { stale: true }, changedAt: 30 });
  });

  it('lets the first result after that decide at once', () => {
    const state = afterResult(after([result('up')]), result('down'), 30, rules);
    expect(viewAt(state, 30, rules)).toMatchObject({ status: 'down' });
    expect(viewAt(afterResult(after([result('up')]), result('down'), 29, rules), 29, rules)).toMatchObject({ status: 'up' });
  });

  it('shows the worse while it flaps, says so, and lets go by itself', () => {
    const results = ['up', 'down', 'up', 'down', 'up', 'down', 'up'] as const;
    const forgiving = { ...quick, staleAfter: 1_000 };
    const state = after(results.map((status) => result(status, { was: status })), forgiving);
    expect(viewAt(state, 60, forgiving)).toStrictEqual({ status: 'down', details: { was: 'down', flapping: true }, error: undefined });
    expect(changesAt(state, 60, forgiving)).toBe(110);
    expect(viewAt(state, 109, forgiving)).toMatchObject({ status: 'down' });
    expect(viewAt(state, 110, forgiving)).toStrictEqual({ status: 'up', details: { was: 'up' }, error: undefined, changedAt: 110 });
  });

  it('changes by time alone only when it says it will', () => {
    const step = fc.record({ wait: fc.integer({ min: 1, max: 40 }), status: fc.constantFrom<HealthStatus>('up', 'degraded', 'down', 'unknown') });
    const setting = fc.record({ failAfter: fc.integer({ min: 1, max: 3 }), recoverAfter: fc.integer({ min: 1, max: 3 }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), setting, (steps, steadiness) => {
        const by = { ...rules, ...steadiness };
        let [state, now]: [CheckState | undefined, number] = [undefined, 0];
        for (const { wait, status } of steps) {
          for (let i = 0; i < wait; i++) {
            const due = changesAt(state, now, by);
            const before = viewAt(state, now, by);
            now++;
            if (now < due) expect(viewAt(state, now, by)).toStrictEqual(before);
          }
          state = afterResult(state, result(status, { status }), now, by);
          const view = viewAt(state, now, by);
          // The details are always those of a result that said what is shown.
          expect(view.details['status']).toBe(view.status);
        }
      }),
      { numRuns },
    );
  });
});
