import { classify, httpStatusOf, isDeadlineExceededError, isRejectedError } from 'rxjs-resilience';

/** What to tell the caller of an HTTP service. */
export function answerTo(error: unknown): { readonly status: number; readonly retryAfter?: number } {
  if (isRejectedError(error)) {
    const { retryAfter } = error; // ms
    return { status: 503, ...(retryAfter !== undefined && { retryAfter: Math.ceil(retryAfter / 1_000) }) };
  }
  if (isDeadlineExceededError(error)) return { status: 504 };
  if (httpStatusOf(error) === 404) return { status: 404 };
  return { status: classify(error) === 'transient' ? 502 : 500 };
}
