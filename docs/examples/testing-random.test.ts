import { exponential, retryWithBackoff } from 'rxjs-resilience';
import { marbles } from 'rxjs-resilience/testing';
import { it } from 'vitest';

it('waits between nothing and twice as long each time', marbles(({ flaky, expectObservable }) => {
  const retrying = (random: () => number) => flaky(2, '#', '(a|)').pipe(retryWithBackoff(exponential({ initial: 8 }), { random }));

  expectObservable(retrying(() => 0)).toBe('                  (a|)');
  expectObservable(retrying(() => 0.5)).toBe('           12ms (a|)'); // half of 8 and half of 16
  expectObservable(retrying(() => 1 - Number.EPSILON)).toBe('24ms (a|)');
}));
