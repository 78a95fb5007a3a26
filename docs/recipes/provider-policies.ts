import { decorrelatedJitter, failureCount, httpStatusOf, resiliencePipeline } from 'rxjs-resilience';

/** For what is charged, and for what is looked up: that one has no circuit, for while it is open there is all the more to look up. */
export function policiesOf(name: string) {
  const [attemptDeadline, deadline] = [4_000, 8_000];
  const breaker = { trip: failureCount({ failures: 3, window: { calls: 5 } }), breakDuration: 30_000 };
  return {
    charging: resiliencePipeline({ name, attemptDeadline, deadline, breaker, retry: { backoff: decorrelatedJitter(), maxRetries: 1 } }),
    closing: resiliencePipeline({ name: `${name} close`, attemptDeadline: 2_000, deadline, retry: { maxRetries: 3 } }),
  };
}

/** The provider says that it will not. Every other error, a 409 and a timeout among them, leaves open what happened. */
export function isDeclined(error: unknown): boolean {
  return [400, 402, 410, 422].includes(httpStatusOf(error) ?? 0);
}

/** Nobody has heard of this request. */
export function neverArrived(error: unknown): boolean {
  const { code, cause } = Object(error) as { readonly code?: unknown; readonly cause?: { readonly code?: unknown } };
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes(String(code ?? cause?.code));
}
