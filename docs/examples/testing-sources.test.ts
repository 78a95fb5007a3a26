import { brownout, failed, flaky, hang, marbles, outage, seededRandom, slow } from 'rxjs-resilience/testing';
import { it } from 'vitest';

const seen = { a: 'a', E: failed };

it('is down from 2 ms to 4 ms', marbles(({ calls, expectObservable }) => {
  const api = outage({ from: 2, to: 4 }, '(a|)', '#');
  expectObservable(calls('xxxxx|', () => api)).toBe('aaEEa|', seen);
}));

it('fails twice, then works', marbles(({ calls, expectObservable }) => {
  const api = flaky(2, '-#', '-(a|)');
  expectObservable(calls('x-x-x-x-|', () => api)).toBe('-E-E-a-a|', seen);
}));

it('begins 5 ms late', marbles(({ expectObservable }) => {
  expectObservable(slow(5, '-(a|)')).toBe('------(a|)');
}));

it('never answers', marbles(({ expectObservable }) => {
  expectObservable(hang()).toBe('-');
}));

it('fails one time in three, in every run the same calls', marbles(({ calls, expectObservable }) => {
  const api = brownout(1 / 3, '(a|)', '#', { random: seededRandom(7) });
  expectObservable(calls('xxxxxxxx|', () => api)).toBe('aaEaaaEa|', seen);
}));

it('answers and fails with what a test gives it', marbles(({ expectObservable }) => {
  const busy = { status: 503 };
  const api = flaky(1, '-#', '-(a|)', { values: { a: { id: 1 } }, error: busy });
  expectObservable(api).toBe('-#', null, busy);
  expectObservable(api, '--^').toBe('---(a|)', { a: { id: 1 } });
}));
