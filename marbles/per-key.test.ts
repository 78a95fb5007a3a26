import type { Observable } from 'rxjs';
import type { CircuitState } from 'rxjs-resilience';
import { expired, failed, marbles, type MarbleHelpers, refused } from 'rxjs-resilience/testing';
import { describe, expect, it } from 'vitest';
import { circuitBreaker } from '../src/circuit-breaker/circuit-breaker.js';
import { withDeadline } from '../src/deadline/with-deadline.js';
import { overflowKey } from '../src/registry/keyed-types.js';
import { perKey } from '../src/registry/per-key.js';
import { type PerKeyRow, perKeyRows } from './per-key.marbles.js';

function hosts({ breaker, options }: PerKeyRow) {
  return perKey((name) => circuitBreaker({ name, failureThreshold: 1, breakDuration: 4, successThreshold: 1, ...breaker }), options);
}

function play(row: PerKeyRow, perHost: ReturnType<typeof hosts>, { calls, cold, expectHealth, expectObservable, flush, hot }: MarbleHelpers): void {
  const sources = Object.fromEntries(Object.entries(row.sources).map(([key, marble]) => [key, cold(marble)]));
  const piped = (key: string): Observable<string> => sources[key]!.pipe(perHost(key), withDeadline(row.deadline ?? 1_000));
  const read = (): string => perHost.keys().join('') + (perHost.get(overflowKey) === undefined ? '' : '*');
  const seen: string[] = [];
  expectObservable(calls(row.calls, piped)).toBe(row.sees, { v: 'v', F: failed, R: refused, E: expired });
  hot(row.look).subscribe(() => seen.push(read()));
  if (row.health !== undefined) expectHealth(perHost).toBe(row.health);
  flush();
  expect(seen).toStrictEqual(row.keys);
  const states: Record<string, CircuitState> = Object.fromEntries(perHost.keys().map((key) => [key, perHost.get(key)!.state]));
  expect(states).toMatchObject(row.states ?? {});
}

describe('perKey', () => {
  describe.each(perKeyRows.map((row) => [row.title, row] as const))('%s', (_title, row) => {
    it('made in virtual time', marbles((helpers) => play(row, hosts(row), helpers)));
    it('made before it', () => {
      const perHost = hosts(row);
      marbles((helpers) => play(row, perHost, helpers))();
    });
  });
});
