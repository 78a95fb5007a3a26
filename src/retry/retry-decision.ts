import { nextDelay } from '../core/backoff.js';
import { retryAfterOf } from '../core/retry-after.js';
import type { Deadline } from '../operator/deadline.js';
import type { RetryCall } from './retry-call.js';
import type { RetryCore } from './retry-core.js';
import type { ExhaustedReason } from './retry-events.js';

/** A dependency that named a time gets up to so much more of it, or all who were told would come back together. */
const spread = 0.1;

/**
 * How long to wait before the next try, or why there is none. The budget is asked last: what is not tried again for
 * another reason costs it nothing.
 *
 * @param subject the error or value for which it is tried again
 */
export function decide(
  core: RetryCore,
  call: RetryCall,
  subject: unknown,
  isError: boolean,
  hold: boolean,
  deadline: Deadline | undefined,
): number | ExhaustedReason {
  const { backoff, budget, maxRetries, maxRetryAfter } = core.setup;
  budget?.failed();
  // Others are held also by the last error of a call.
  const asked = askedFor(core, subject, hold);
  if (call.retries >= maxRetries) return 'attempts';
  const { previousDelay } = call;
  const error = isError ? subject : undefined;
  const own = nextDelay(backoff, { attempt: call.retries + 1, previousDelay, error, random: core.random });
  if (own === null) return 'strategy';
  const left = deadline === undefined ? Infinity : deadline.remaining();
  if (asked > maxRetryAfter || (asked > 0 && asked >= left)) return 'retryAfter';
  const delay = asked > own ? Math.max(own, asked * (1 + spread * core.random())) : own;
  if (delay >= left) return asked > own ? 'retryAfter' : 'deadline';
  if (budget !== undefined && !budget.take(core.clock.now())) return 'budget';
  call.previousDelay = own;
  return delay;
}

/** Milliseconds for which the dependency wants to be left alone: asked of this call, or of all by one before. */
function askedFor(core: RetryCore, subject: unknown, hold: boolean): number {
  const asked = core.setup.retryAfter ? (retryAfterOf(subject, core.scheduler) ?? 0) : 0;
  if (hold && asked > 0) core.holdFor(asked);
  return Math.max(asked, core.heldFor());
}
