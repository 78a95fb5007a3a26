import { attempt, exponential, retryBudget, retryWithBackoff, withDeadline } from 'rxjs-resilience';

const budget = retryBudget({ ratio: 0.1 }); // one for both: they load the same dependency

const reads = retryWithBackoff(exponential({ initial: 100, cap: 2_000 }), { name: 'reads', budget });
const writes = retryWithBackoff({ name: 'writes', budget, maxRetries: 1 });

export const find = (id: string) =>
  attempt(({ signal }) => fetch(`/orders/${id}`, { signal })).pipe(withDeadline(500), reads, withDeadline(2_000));

export const place = (order: object) => {
  const key = crypto.randomUUID(); // once for the order, outside of what is tried again
  const headers = { 'idempotency-key': key, 'content-type': 'application/json' };
  return attempt(() => fetch('/orders', { method: 'POST', headers, body: JSON.stringify(order) })).pipe(
    withDeadline(5_000),
    writes,
  );
};
