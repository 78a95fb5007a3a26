import { of, VirtualTimeScheduler } from 'rxjs';
import { circuitBreaker, isCircuitOpenError, withDeadline } from 'rxjs-resilience';
import { describe, expect } from 'vitest';
import { scenario } from './in-virtual-time.js';

describe('policies with different schedulers in one pipe', () => {
  const make = () => circuitBreaker({ initialState: { state: 'open', remaining: 1_000 } });
  scenario('each read their own', make, (open) => {
    const elsewhere = new VirtualTimeScheduler();
    elsewhere.frame = 5_000;
    const errors: unknown[] = [];
    const error = (thrown: unknown) => errors.push(thrown);
    of(1).pipe(open, withDeadline(100, { scheduler: elsewhere })).subscribe({ error });
    expect(errors.map(isCircuitOpenError)).toStrictEqual([true]);
  });
});
