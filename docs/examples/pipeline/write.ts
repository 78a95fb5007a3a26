import { writePipeline } from 'rxjs-resilience';

const payments = writePipeline({ name: 'payments', tolerance: 'strict', idempotent: true });

export const pay = (order: string, amount: number) => {
  // Made once, outside of what is tried again: each try carries the same key, and the other side pays once.
  const key = crypto.randomUUID();
  return payments.run(async ({ signal }) => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    const response = await fetch('/payments', { method: 'POST', headers, signal, body: JSON.stringify({ order, amount }) });
    if (!response.ok) throw response;
    return response.status;
  });
};
