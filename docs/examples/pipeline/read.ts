import { attempt, exponential, fallbackToValue, resiliencePipeline } from 'rxjs-resilience';

interface Item {
  readonly id: string;
  readonly name: string;
}

const catalog = resiliencePipeline({
  name: 'catalog',
  attemptDeadline: 800, //                                    each try
  bulkhead: { maxConcurrent: 10, queue: 20 }, //              10 at once, 20 wait
  breaker: { failureThreshold: 5 }, //                        refused while it is down
  retry: { backoff: exponential(), maxRetries: 2 }, //        what is transient, twice
  shed: 'critical', //                                        the least important first
  deadline: 3_000, //                                         the whole operation
  fallback: fallbackToValue(undefined), //                    no answer is an answer
});

const load = async (id: string, signal: AbortSignal): Promise<Item> => {
  const response = await fetch(`/items/${id}`, { signal });
  if (!response.ok) throw response;
  return (await response.json()) as Item;
};

// As an operator, and as a promise that a signal can cancel.
export const item$ = (id: string) => attempt(({ signal }) => load(id, signal)).pipe(catalog);
export const item = (id: string, caller: AbortSignal) => catalog.run(({ signal }) => load(id, signal), { signal: caller });

catalog.health$.subscribe(({ status, components }) => console.log(status, components?.['breaker']?.status)); // up up
catalog.parts.breaker.state$.subscribe((state) => console.log(state)); // closed
