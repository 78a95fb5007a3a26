import { stackless } from '../core/stackless.js';
import type { Call } from '../operator/call.js';
import type { Deadline } from '../operator/deadline.js';
import type { Again } from '../operator/stage.js';
import { HeldWait } from './held-wait.js';
import type { RetryCall } from './retry-call.js';
import type { RetryCore } from './retry-core.js';
import { decide } from './retry-decision.js';
import type { ExhaustedReason } from './retry-events.js';
import { RetryExhaustedError } from './retry-exhausted-error.js';

/** The next try of a call whose last one has failed, or undefined where there is none. Throws what wraps the last error. */
export function tryAgain(core: RetryCore, call: Call, at: number, subject: unknown, isError: boolean, hold: boolean): Again | undefined {
  const tried = core.failedOnce(call, at);
  const { deadline } = call.frameAt(at);
  const delay = decide(core, tried, subject, isError, hold, deadline);
  core.watch.look();
  if (typeof delay === 'string') {
    giveUp(core, call, at, tried, delay, subject, isError);
    return undefined;
  }
  core.counters.countRetry(tried);
  if (core.isListenedTo) {
    const of = tried.tries + core.setup.maxRetries - tried.retries;
    core.tell({ type: 'scheduled', attempt: tried.tries, of, delay, ...about(subject, isError) }, call, at);
  }
  if (core.mode !== 'enforce') {
    // It has decided and counted, and the call ends as it would without it.
    tried.over = true;
    return undefined;
  }
  tried.retries++;
  tried.tries++;
  tried.answered = false;
  const attempt = tried.tries;
  if (delay === 0 || core.setup.retryIf === undefined) return { at, delay, scheduler: core.scheduler, attempt };
  const scheduler = new HeldWait(core.scheduler, () => longer(core, call, at, tried, subject, isError, deadline));
  return { at, delay, scheduler, attempt };
}

/** A wait is over; meanwhile another call may have been told to hold all of them. */
function longer(
  core: RetryCore,
  call: Call,
  at: number,
  tried: RetryCall,
  subject: unknown,
  isError: boolean,
  deadline: Deadline | undefined,
): number | null {
  const held = core.heldFor();
  if (held === 0 || !isError) return held;
  if (held <= core.setup.maxRetryAfter && (deadline === undefined || held < deadline.remaining())) return held;
  core.counters.countRetry(tried, -1);
  tried.tries--;
  let error = subject;
  try {
    giveUp(core, call, at, tried, 'retryAfter', subject, isError);
  } catch (exhausted) {
    error = exhausted;
  }
  call.cut(at + 1, error);
  return null;
}

/** Throws what wraps the last error, where that was asked for. */
function giveUp(core: RetryCore, call: Call, at: number, tried: RetryCall, reason: ExhaustedReason, subject: unknown, isError: boolean): void {
  tried.over = true;
  core.counters.countExhausted(tried, reason);
  if (core.isListenedTo) {
    core.tell({ type: 'exhausted', reason, attempts: tried.tries, ...about(subject, isError) }, call, at);
  }
  if (!isError || core.mode !== 'enforce') return;
  if (!core.setup.wraps) {
    // One that never tries again multiplies nothing.
    if (core.setup.maxRetries > 0) call.exhausted = { error: subject };
    return;
  }
  const error = stackless(false, () => new RetryExhaustedError(core.name, tried.tries, reason, subject));
  call.exhausted = { error };
  throw error;
}

function about(subject: unknown, isError: boolean): { error: unknown } | { value: unknown } {
  return isError ? { error: subject } : { value: subject };
}
