import { Subject, throwError } from 'rxjs';
import { expect, it } from 'vitest';
import { circuitBreaker } from '../../src/circuit-breaker/circuit-breaker.js';
import { outcome, virtual } from '../virtual.js';

it('says of which opening it is, and of none once time has closed it, whether or not anybody has looked', () => {
  const { scheduler, advance } = virtual();
  const circuit = circuitBreaker({ failureThreshold: 1, breakDuration: 10, successThreshold: 1, probeTimeout: 5, scheduler });
  const details = (): unknown => {
    let found: unknown;
    circuit.health$.subscribe((health) => (found = health.details)).unsubscribe();
    return found;
  };
  const said = (): unknown => [details(), circuit.snapshot().state, circuit.snapshot().openings];
  expect(said()).toStrictEqual([{ state: 'closed', openings: 0 }, 'closed', 0]);
  const fail = (): void => void outcome(throwError(() => 'down').pipe(circuit));
  fail();
  expect(said()).toStrictEqual([{ state: 'open', openings: 1 }, 'open', 1]);
  advance(10);
  fail();
  expect(said()).toStrictEqual([{ state: 'open', openings: 2 }, 'open', 2]);
  advance(10);
  expect(said()).toStrictEqual([{ state: 'half-open', openings: 2 }, 'half-open', 2]);
  const probe = new Subject<unknown>();
  outcome(probe.pipe(circuit));
  probe.next(1);
  advance(5);
  expect([circuit.snapshot().state, circuit.snapshot().openings]).toStrictEqual(['closed', 0]);
  expect(details()).toStrictEqual({ state: 'closed', openings: 0 });
});
