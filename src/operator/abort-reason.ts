import { read } from '../core/read.js';

/** Whether `error` is what the platform raises where work was cancelled. */
function isAbortError(error: unknown): boolean {
  return read(error, 'name') === 'AbortError';
}

/** React Native has no `DOMException`: an error of that name does as well. */
function newAbortError(): Error {
  const message = 'This operation was aborted';
  if (typeof DOMException === 'function') return new DOMException(message, 'AbortError');
  const error = new Error(message);
  error.name = 'AbortError';
  return error;
}

/** Why an aborted signal aborted. Some platforms and packages keep no reason: then it is an `AbortError`, as elsewhere. */
export function reasonOf({ reason }: AbortSignal): unknown {
  return reason === undefined ? newAbortError() : reason;
}

/**
 * The error of a call that a signal has cancelled from outside. A reason of another kind becomes its cause: the caller
 * who left says nothing about the dependency, so no outer policy may take the reason for a failure.
 */
export function abortErrorOf(signal: AbortSignal): unknown {
  const reason = reasonOf(signal);
  if (isAbortError(reason)) return reason;
  const error = newAbortError();
  Object.defineProperty(error, 'cause', { value: reason, configurable: true, writable: true });
  return error;
}

/** Aborts with `reason`, or an `AbortError` where it is undefined. The signal says so on every platform. */
export function abortWith(controller: AbortController, reason: unknown): void {
  const { signal } = controller;
  if (!('reason' in signal)) {
    Object.defineProperty(signal, 'reason', { value: reason ?? newAbortError(), configurable: true });
  }
  controller.abort(reason);
}
