import { bulkhead } from 'rxjs-resilience';
import { hang, marbles, refused } from 'rxjs-resilience/testing';
import { it } from 'vitest';

it('refuses while it is full', marbles(({ calls, expectObservable }) => {
  const pool = bulkhead(1);
  const results = calls('xx', () => hang().pipe(pool));
  expectObservable(results, '^--!').toBe('-R', { R: refused }); // the consumer leaves, and the permit comes back
}));

it('refuses for ever when nothing ends', marbles(({ calls, expectObservable }) => {
  const pool = bulkhead(1);
  expectObservable(calls('xx', () => hang().pipe(pool))).toBe('-R', { R: refused });
}, { unfinished: true }));
