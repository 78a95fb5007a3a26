import { stackless } from '../core/stackless.js';
import type { Call } from '../operator/call.js';
import type { Again } from '../operator/stage.js';
import { heldWait } from './held-wait.js';
import type { Reason, RetryCall } from './retry-call.js';
import type { RetryCore } from './retry-core.js';
import { decide } from './retry-decision.js';
import type { ExhaustedReason } from './retry-events.js';
import { RetryExhaustedError } from './retry-exhausted-error.js';

/** The next try of a call whose last one has failed, or undefined where there is none. Throws what wraps the last error. */
export function tryAgain(core: RetryCore, call: Call, at: number, reason: Reason, hold: boolean): Again | undefined {
  const { scheduler, setup } = core;
  const tried = core.failedOnce(call, at);
  const { deadline } = call.frameAt(at);
  const most = core.mostOf(call);
  const delay = decide(core, tried, reason, hold, most, deadline);
  if (setup.budget !== undefined) core.note();
  if (typeof delay === 'string') {
    const last = giveUp(core, call, at, tried, delay, reason);
    if (last !== reason.error) throw last;
    return undefined;
  }
  tried.counts.retries++;
  if (core.isListenedTo) {
    const of = tried.tries + most - tried.retries;
    core.tell({ type: 'scheduled', attempt: tried.tries, of, delay, ...reason }, call, at);
  }
  if (core.mode !== 'enforce') {
    // It has decided and counted, and the call ends as it would without it.
    tried.over = true;
    return undefined;
  }
  tried.retries++;
  const attempt = ++tried.tries;
  tried.answered = false;
  if (delay === 0 || setup.retryIf === undefined) return { at, delay, scheduler, attempt };

  /** The wait is over; meanwhile another call may have been told to hold all of them. */
  const longer = (): number => {
    const held = Math.max(0, core.heldUntil - core.clock.now());
    if (held === 0 || !('error' in reason)) return held;
    if (held <= core.setup.maxRetryAfter && held < (deadline?.remaining() ?? Infinity)) return held;
    tried.counts.retries--;
    tried.tries--;
    call.cut(at + 1, giveUp(core, call, at, tried, 'retryAfter', reason));
    return held;
  };
  return { at, delay, scheduler: heldWait(scheduler, longer), attempt };
}

/** The error with which the call ends: the last one, or what wraps it where that was asked for. */
function giveUp(core: RetryCore, call: Call, at: number, tried: RetryCall, why: ExhaustedReason, reason: Reason): unknown {
  const { setup } = core;
  tried.over = true;
  tried.counts.exhausted[why]++;
  if (core.isListenedTo) core.tell({ type: 'exhausted', reason: why, attempts: tried.tries, ...reason }, call, at);
  let { error } = reason;
  if (!('error' in reason) || core.mode !== 'enforce') return error;
  const wraps = setup.exhausted === 'wrap';
  if (wraps) error = stackless(false, () => new RetryExhaustedError(core.name, tried.tries, why, reason.error));
  // One that never tries again multiplies nothing.
  if (wraps || setup.maxRetries > 0) call.exhausted = { error };
  return error;
}
