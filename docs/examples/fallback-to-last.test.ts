import { of, throwError } from 'rxjs';
import { fallbackToLast, lastValues } from 'rxjs-resilience';
import { expect, it } from 'vitest';

it('serves the last good value of the same key, and an answer that says no passes', () => {
  const last = lastValues<string>({ maxAge: 60_000 });
  const ask = (key: string, source = of('fresh')): unknown => {
    let seen: unknown;
    const call = source.pipe(fallbackToLast(last, key));
    call.subscribe({ next: (value) => (seen = value), error: (error) => (seen = error) });
    return seen;
  };
  const down = throwError(() => ({ status: 503 }));
  const missing = throwError(() => ({ status: 404 }));

  expect(ask('mine')).toBe('fresh');
  expect(ask('mine', down)).toBe('fresh');
  expect(ask('theirs', down)).toStrictEqual({ status: 503 });
  expect(ask('mine', missing)).toStrictEqual({ status: 404 });
  last.delete('mine');
  expect(ask('mine', down)).toStrictEqual({ status: 503 });
});
