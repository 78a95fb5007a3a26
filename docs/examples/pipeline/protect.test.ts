import { bulkhead, constant, isBulkheadFullError, protect, resiliencePipeline, standardPipeline } from 'rxjs-resilience';
import { expect, it } from 'vitest';

it('protects a function as it is', async () => {
  let calls = 0;
  const stock = async (item: string, place = 'here') => {
    if (++calls < 3) throw new Error('down');
    return `${item} ${place}`;
  };
  const protectedStock = protect(stock, resiliencePipeline({ name: 'stock', retry: { backoff: constant(0) } }));

  expect(await protectedStock('bolts')).toBe('bolts here');
  expect(calls).toBe(3);
});

it('shares a policy between two pipelines', async () => {
  const pool = bulkhead(1, 0, { name: 'database' });
  const [reads, writes] = [standardPipeline({ name: 'reads', bulkhead: pool }), standardPipeline({ name: 'writes', bulkhead: pool })];
  const leave = new AbortController();
  const read = reads.run(() => new Promise(() => undefined), { signal: leave.signal }).catch((reason: unknown) => reason);

  const refused = await writes.run(() => 'written').catch((error: unknown) => error);
  expect(isBulkheadFullError(refused)).toBe(true);

  leave.abort('gone');
  expect(await read).toBe('gone');
  expect(await writes.run(() => 'written')).toBe('written');
});
