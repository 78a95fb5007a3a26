import { NEVER } from 'rxjs';
import { bulkhead, classify, isBulkheadFullError, isRejectedError, isResilienceError } from 'rxjs-resilience';
import { expect, it } from 'vitest';

it.each([
  [{ status: 503 }, 'transient'],
  [{ status: 404 }, 'permanent'],
  [{ code: 14, metadata: {} }, 'transient'], // gRPC UNAVAILABLE
  [{ code: 5, metadata: {} }, 'permanent'], // gRPC NOT_FOUND
  [Object.assign(new Error(), { code: 'ECONNREFUSED' }), 'transient'],
  [new TypeError('fetch failed'), 'transient'],
  [new TypeError('x is not a function'), 'bug'],
  [new DOMException('left', 'AbortError'), 'aborted'],
  [Object.assign(new Error(), { code: 'ERR_CANCELED' }), 'aborted'], // axios
  [Object.assign(new Error(), { code: 'CERT_HAS_EXPIRED' }), 'permanent'],
  ['whatever else', 'transient'],
] as const)('%o is %s', (error, expected) => {
  expect(classify(error)).toBe(expected);
});

it('knows its own errors by their brand, also as the cause of another', () => {
  const pool = bulkhead(1);
  NEVER.pipe(pool).subscribe();
  let refusal: unknown;
  NEVER.pipe(pool).subscribe({ error: (error: unknown) => (refusal = error) });

  const wrapped = new Error('could not load', { cause: refusal });
  for (const is of [isResilienceError, isRejectedError, isBulkheadFullError]) expect(is(wrapped)).toBe(true);
  expect(classify(wrapped)).toBe('refused');
  expect(refusal).toMatchObject({ code: 'BULKHEAD_FULL', reason: 'full', active: 1, limit: 1 });
});
