import { isCircuitOpenError, isDeadlineExceededError, standardPipeline } from 'rxjs-resilience';
import { resilientFetch } from 'rxjs-resilience/fetch';

const catalogUrl = process.env['CATALOG_URL'] ?? 'http://127.0.0.1:9000';

export const fetch = resilientFetch({
  pipeline: (origin) => standardPipeline({ name: origin, tolerance: 'strict', bulkhead: { maxConcurrent: 20, queue: 50 } }),
  propagateTo: [catalogUrl], // these may know how much time is left
});

export async function find(id: string, signal?: AbortSignal): Promise<unknown> {
  const response = await fetch(`${catalogUrl}/items/${id}`, { signal: signal ?? null });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`the catalog answered ${response.status}`);
  return response.json();
}

export async function order(item: string): Promise<string> {
  // Made once: each try carries the same key, and the other side knows that it has seen it.
  const headers = { 'content-type': 'application/json', 'Idempotency-Key': crypto.randomUUID() };
  try {
    const response = await fetch(`${catalogUrl}/orders`, { method: 'POST', headers, body: JSON.stringify({ item }) });
    return response.ok ? 'ordered' : 'refused';
  } catch (error) {
    if (isCircuitOpenError(error) || isDeadlineExceededError(error)) return 'later';
    throw error;
  }
}
