import { abortErrorOf } from '../operator/abort.js';
import { type AsyncScope, captureAsyncScope, runInAsyncScope } from '../operator/async-resource.js';
import type { Call } from '../operator/call.js';
import { type Stage, stage } from '../operator/stage.js';

/** What a call listens to that came with a signal in its context. */
interface Listening {
  readonly signal: AbortSignal;
  abort: (() => void) | undefined;
}

/**
 * Ends a call when the signal of its context aborts: the client has left. Outside of everything else, so that nothing
 * answers in its stead. Without a signal it costs a look at the context.
 */
export function callerSignal(): Stage {
  return stage({ admit, arm, settle });
}

function admit(call: Call, at: number): undefined {
  const { signal } = call.frame;
  call.tickets[at] = undefined;
  if (signal === undefined) return;
  if (signal.aborted) throw abortErrorOf(signal);
  call.tickets[at] = { signal, abort: undefined } satisfies Listening;
}

function arm(call: Call, at: number): void {
  const listening = call.tickets[at] as Listening | undefined;
  if (listening === undefined) return;
  const { signal } = listening;
  // Whoever aborts does so in a scope of their own.
  const scope: AsyncScope = captureAsyncScope();
  const abort = (): void => runInAsyncScope(scope, () => call.cut(at, abortErrorOf(signal)));
  // While it was subscribed.
  if (signal.aborted) return abort();
  listening.abort = abort;
  signal.addEventListener('abort', abort);
}

function settle(call: Call, at: number): undefined {
  const listening = call.tickets[at] as Listening | undefined;
  if (listening?.abort !== undefined) listening.signal.removeEventListener('abort', listening.abort);
}
