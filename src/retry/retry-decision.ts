import { from, type Observable } from 'rxjs';
import { delayOf } from '../core/backoff.js';
import { keepForLater } from '../operator/async-input.js';
import { isFutileDeadline } from '../core/outcome.js';
import { retryAfterOf } from '../core/retry-after.js';
import type { Deadline } from '../operator/deadline.js';
import type { Reason, RetryCall } from './retry-call.js';
import type { RetryCore } from './retry-core.js';
import type { ExhaustedReason } from './retry-events.js';

/** A dependency that named a time gets up to so much more of it, or all who were told would come back together. */
const spread = 0.1;

/** The wait before the next try: `delay` milliseconds and, where there is one, until the first value of `until`. */
export interface NextTry {
  readonly delay: number;
  readonly until: Observable<unknown> | undefined;
}

/**
 * The wait before the next try, or why there is none. The budget is asked last: what is not tried again for
 * another reason costs it nothing.
 *
 * @param most tries after the first
 * @param hold whether all calls have to wait for as long as this one is asked to
 */
export function decide(
  core: RetryCore,
  call: RetryCall,
  reason: Reason,
  hold: boolean,
  most: number,
  deadline: Deadline | undefined,
): NextTry | ExhaustedReason {
  const { clock, random, scheduler, setup } = core;
  const { error } = reason;
  const { budget } = setup;
  // A budget that counts failures would let strangers with short deadlines use it up for all others.
  if (budget !== undefined && !isFutileDeadline(error)) budget.failed();
  const named = setup.retryAfter ? (retryAfterOf(error ?? reason.value, scheduler) ?? 0) : 0;
  // Nobody is held, and nothing is budgeted: what time it is does not matter.
  const now = hold || core.heldUntil !== -Infinity || budget !== undefined ? clock.now() : 0;
  // Others are held also by the last error of a call.
  if (hold) core.heldUntil = Math.max(core.heldUntil, now + named);
  const asked = Math.max(named, core.heldUntil - now);
  if (call.retries >= most) return 'attempts';
  const answer = setup.backoff({ attempt: call.retries + 1, previousDelay: call.previousDelay, error, random });
  if (answer === null) return 'strategy';
  keepForLater(answer);
  const until = typeof answer === 'object' || typeof answer === 'function' ? from(answer) : undefined;
  const own = until === undefined ? delayOf(answer as number) : 0;
  const left = deadline?.remaining() ?? Infinity;
  if (asked > setup.maxRetryAfter || (asked > 0 && asked >= left)) return 'retryAfter';
  const delay = asked > own ? Math.max(own, asked * (1 + spread * random())) : own;
  if (delay >= left) return asked > own ? 'retryAfter' : 'deadline';
  if (budget !== undefined && !budget.take(now)) return 'budget';
  if (until === undefined) call.previousDelay = own;
  return { delay, until };
}
