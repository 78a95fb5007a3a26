import { of, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { constant, retryBudget, retryWithBackoff } from '../../src/index.js';
import { virtual } from '../virtual.js';

const failing = throwError(() => ({ status: 503 }));

/** So many retries at one moment after so many successes, one each millisecond. */
function retriesAfter(successes: number, prepare: (retry: ReturnType<typeof retryWithBackoff>) => void = () => undefined): number {
  const { advance, scheduler } = virtual();
  const retry = retryWithBackoff(constant(0), { maxRetries: 1, scheduler });
  prepare(retry);
  for (let i = 0; i < successes; i++) {
    of(1).pipe(retry).subscribe();
    advance(1);
  }
  for (let i = 0; i < 20_000; i++) failing.pipe(retry).subscribe({ error: () => undefined });
  return retry.metrics().retries - 20_000 * 0.2;
}

describe('what first tries have earned before anything has ever failed', () => {
  it('is all of it within a window', () => {
    expect(retriesAfter(5_000)).toBeCloseTo(10 + 5_000 * 0.2, -1);
  });

  it.each<[string, (retry: ReturnType<typeof retryWithBackoff>) => void]>([
    ['since it was made', () => undefined],
    ['since it was reset', (retry) => retry.reset()],
    ['since it has another budget', (retry) => retry.update({ budget: retryBudget() })],
  ])('lapses with the window: a healthy life saves nothing up for the first outage (%s)', (_, prepare) => {
    expect(retriesAfter(60_000, prepare)).toBeCloseTo(10 + 10_000 * 0.2, -1);
  });
});
