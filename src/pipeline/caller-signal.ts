import { cutOnAbort } from '../operator/abort.js';
import { abortErrorOf } from '../operator/abort-reason.js';
import type { Call } from '../operator/call.js';
import { type Stage, stage } from '../operator/stage.js';

/** What a call has from us: the signal that came with its context, and once it listens what ends that. */
type Ticket = AbortSignal | (() => void) | undefined;

/**
 * Ends a call when the signal of its context aborts: the client has left. Outside of everything else, so that nothing
 * answers in its stead. Without a signal it costs a look at the context.
 */
export function callerSignal(): Stage {
  return stage({ admit, arm, settle });
}

function admit(call: Call, at: number): undefined {
  const { signal } = call.frame;
  if (signal?.aborted === true) throw abortErrorOf(signal);
  call.tickets[at] = signal satisfies Ticket;
}

function arm(call: Call, at: number): void {
  const ticket = call.tickets[at] as Ticket;
  if (ticket === undefined || typeof ticket === 'function') return;
  call.tickets[at] = cutOnAbort(call, at, ticket);
}

function settle(call: Call, at: number): undefined {
  const ticket = call.tickets[at] as Ticket;
  if (typeof ticket === 'function') ticket();
}
