import { constant, retryWithBackoff, withDeadline } from 'rxjs-resilience';
import { expired, marbles } from 'rxjs-resilience/testing';
import { it } from 'vitest';

it('tries again until it works, or until its deadline', marbles(({ flaky, hang, expectObservable }) => {
  const retry = retryWithBackoff(constant(3), { maxRetries: 2 });
  const recovers = flaky(2, '-#', '-(a|)'); // two subscriptions fail, the third works
  const hangs = flaky(2, '-#', hang());

  expectObservable(recovers.pipe(retry, withDeadline(20))).toBe('---------(a|)');
  expectObservable(hangs.pipe(retry, withDeadline(20))).toBe('   20ms #', null, expired);
}));
