/** Whether `error` is what the platform raises where work was cancelled. */
function isAbortError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && (error as { name?: unknown }).name === 'AbortError';
}

/**
 * The error of a call that a signal has cancelled from outside. A reason of another kind becomes its cause: whoever
 * left says nothing about the dependency, so nothing further out may take the reason for a failure.
 */
export function abortErrorOf(signal: AbortSignal): unknown {
  const reason: unknown = signal.reason;
  if (isAbortError(reason)) return reason;
  const error = new DOMException('This operation was aborted', 'AbortError');
  Object.defineProperty(error, 'cause', { value: reason, configurable: true, writable: true });
  return error;
}
