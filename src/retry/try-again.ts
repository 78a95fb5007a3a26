import { discard } from '../core/response.js';
import { stackless } from '../core/stackless.js';
import type { Call } from '../operator/call.js';
import type { Again } from '../operator/stage.js';
import type { Reason, RetryCall } from './retry-call.js';
import type { RetryCore } from './retry-core.js';
import { decide } from './retry-decision.js';
import type { ExhaustedReason } from './retry-events.js';
import { RetryExhaustedError } from './retry-exhausted-error.js';
import { retryWait, type RetryWait } from './retry-wait.js';

/** The next try of a call whose last one has failed, or undefined where there is none. Throws what wraps the last error. */
export function tryAgain(core: RetryCore, call: Call, at: number, reason: Reason, hold: boolean): Again | undefined {
  const { scheduler, setup } = core;
  const tried = core.failedOnce(call, at);
  const frame = call.frameAt(at);
  const { deadline } = frame;
  const most = core.mostOf(call);
  const next = decide(core, tried, reason, hold, most, deadline);
  if (setup.budget !== undefined) core.note();
  if (typeof next === 'string') {
    const last = giveUp(core, call, at, tried, next, reason);
    if (last !== reason.error) throw last;
    return undefined;
  }
  const { delay, until } = next;
  tried.counts.retries++;
  if (core.isListenedTo) {
    const of = tried.tries + most - tried.retries;
    core.tell({ type: 'scheduled', attempt: tried.tries, of, delay: until === undefined ? delay : NaN, ...reason }, call, at);
  }
  if (core.mode !== 'enforce') {
    // It has decided and counted, and the call ends as it would without it.
    tried.over = true;
    return undefined;
  }
  tried.retries++;
  const attempt = ++tried.tries;
  tried.answered = false;
  if (delay === 0 && until === undefined) return { at, attempt, wait: undefined };

  /** Another call may have been told to hold all of them. */
  const longer = (): number => {
    const held = Math.max(0, core.heldUntil - core.clock.now());
    if (held === 0 || !('error' in reason)) return held;
    return held <= core.setup.maxRetryAfter && held < (deadline?.remaining() ?? Infinity) ? held : Infinity;
  };
  const stopped: RetryWait['stopped'] = (why) => {
    tried.counts.retries--;
    tried.tries--;
    if (typeof why === 'object') return why;
    const error = giveUp(core, call, at, tried, why, reason);
    // There is no error: the caller gets the value that was not good enough.
    return 'error' in reason ? { error } : reason;
  };
  const keepsValue = until !== undefined && !('error' in reason);
  const dropped = (): void => {
    if (keepsValue) discard(reason.value);
  };
  return { at, attempt, wait: retryWait({ scheduler, delay, until, frame, longer, stopped, dropped }), keepsValue };
}

/** The error with which the call ends: the last one, or what wraps it where that was asked for. */
function giveUp(core: RetryCore, call: Call, at: number, tried: RetryCall, why: ExhaustedReason, reason: Reason): unknown {
  const { setup } = core;
  tried.over = true;
  tried.counts.exhausted[why]++;
  if (core.isListenedTo) core.tell({ type: 'exhausted', reason: why, attempts: tried.tries, ...reason }, call, at);
  let { error } = reason;
  if (core.mode !== 'enforce') return error;
  const wraps = setup.exhausted === 'wrap' && 'error' in reason;
  if (wraps) error = stackless(false, () => new RetryExhaustedError(core.name, tried.tries, why, reason.error));
  // One that never tries again multiplies nothing.
  if (wraps || setup.maxRetries > 0) call.exhausted = { error: 'error' in reason ? error : reason.value };
  return error;
}
