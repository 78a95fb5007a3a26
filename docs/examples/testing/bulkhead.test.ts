import { bulkhead } from 'rxjs-resilience';
import { marbles, refused } from 'rxjs-resilience/testing';
import { it } from 'vitest';

it('lets two in at once and one more wait, and refuses the rest', marbles(({ slow, calls, expectObservable, expectHealth }) => {
  const pool = bulkhead(2, 1);
  const api = slow(5, '(a|)');
  const results = calls('      xxxx------|', () => api.pipe(pool));

  expectObservable(results).toBe('---R-aa---(a|)', { a: 'a', R: refused });
  expectHealth(pool).toBe('    u-g--u');
}));
