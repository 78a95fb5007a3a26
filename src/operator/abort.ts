import { abortErrorOf } from './abort-reason.js';
import { captureAsyncScope, runInAsyncScope } from './async-resource.js';
import type { Call } from './call.js';
import { runInFrame } from './context.js';
import { ambient } from './shared.js';
import { followSignal } from './signal-followers.js';

/**
 * Cuts the call, from `at` inwards, when the signal aborts. Returns what ends the listening; where the signal has
 * aborted already, the call is cut at once.
 */
export function cutOnAbort(call: Call, at: number, signal: AbortSignal): (() => void) | undefined {
  call.keepScope();
  const cut = (): void => call.cut(at, abortErrorOf(signal));
  if (signal.aborted) {
    cut();
    return undefined;
  }
  return followSignal(signal, cut);
}

/**
 * Calls `leave` when the signal aborts, in the context and the asynchronous scope in which this is called. Returns what
 * ends that.
 */
export function onAbort(signal: AbortSignal, leave: (reason: unknown) => void): () => void {
  const frame = ambient();
  const scope = captureAsyncScope();
  return followSignal(signal, (reason) => runInAsyncScope(scope, () => runInFrame(frame, () => leave(reason))));
}
