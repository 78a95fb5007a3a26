import { read } from '../core/read.js';
import { type AsyncScope, runInAsyncScope } from './async-resource.js';
import type { Call } from './call.js';
import { followSignal } from './signal-followers.js';

/** Whether `error` is what the platform raises where work was cancelled. */
function isAbortError(error: unknown): boolean {
  return read(error, 'name') === 'AbortError';
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

/**
 * Cuts the call, from `at` inwards, when the signal aborts, in the asynchronous scope of the call: whoever aborts does so
 * in one of their own. Gives what ends the listening; where it has aborted already, the call is cut at once.
 */
export function cutOnAbort(call: Call, at: number, signal: AbortSignal, scope: AsyncScope): (() => void) | undefined {
  const cut = (): void => runInAsyncScope(scope, () => call.cut(at, abortErrorOf(signal)));
  if (signal.aborted) {
    cut();
    return undefined;
  }
  return followSignal(signal, cut);
}
