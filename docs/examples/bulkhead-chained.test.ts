import { attempt, bulkhead } from 'rxjs-resilience';
import { EMPTY, expand, lastValueFrom, toArray } from 'rxjs';
import { expect, it } from 'vitest';

it('lets one page follow the other, though one call runs at once', async () => {
  const pool = bulkhead(1);
  const page = (number: number) => attempt(() => Promise.resolve(number)).pipe(pool);
  const pages = page(1).pipe(
    expand((number) => (number < 3 ? page(number + 1) : EMPTY)),
    toArray(),
  );
  expect(await lastValueFrom(pages)).toStrictEqual([1, 2, 3]);
});
