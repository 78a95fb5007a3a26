import { BehaviorSubject, NEVER } from 'rxjs';
import { bulkhead } from 'rxjs-resilience';
import { expect, it } from 'vitest';

it('follows a limit that changes, and disturbs nobody who runs', () => {
  const limit$ = new BehaviorSubject(2);
  const pool = bulkhead(limit$);
  const running = [1, 2].map(() => NEVER.pipe(pool).subscribe());

  limit$.next(1);
  expect(pool.metrics()).toMatchObject({ active: 2, limit: 1 });
  running[0]!.unsubscribe();
  expect(pool.metrics()).toMatchObject({ active: 1, limit: 1 });
});
