import { bulkhead, describeEvent } from 'rxjs-resilience';
import { marbles, refused } from 'rxjs-resilience/testing';
import { expect, it } from 'vitest';

it('is looked at in shadow mode, and then enforced', marbles(({ slow, calls, expectObservable, expectHealth, flush }) => {
  const pool = bulkhead(1, 0, { name: 'pool', mode: 'shadow' });
  const lines: string[] = [];
  pool.events$.subscribe((event) => lines.push(describeEvent(event)));

  const api = slow(3, '(a|)');
  const results = calls('      xx------xx----|', (_mark, index) => {
    if (index === 2) pool.update({ mode: 'enforce' });
    return api.pipe(pool);
  });
  expectObservable(results).toBe('---aa----R-a--|', { a: 'a', R: refused });
  expectHealth(pool).toBe('       u-------g--u'); // in shadow mode it is always up
  flush();

  expect(pool.metrics()).toMatchObject({ calls: 4, accepted: 2, refused: { full: 2 } });
  expect(lines).toStrictEqual([
    'pool: call started after a wait of 0 ms',
    'pool: call refused: full', // it only would have been
    'pool: call started after a wait of 0 ms',
    'pool: call refused: full',
  ]);
}));
