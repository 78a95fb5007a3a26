import { saysTooLate } from '../core/http-status.js';
import { read } from '../core/read.js';
import type { Call } from '../operator/call.js';

/** Milliseconds before the end of a deadline in which a service that was told of it can find it over. */
const early = 50;

/** How `AbortSignal.timeout` and RxJS's `timeout` end, and the codes of Node, axios and undici. */
const timeouts: readonly unknown[] = ['TimeoutError', 'ETIMEDOUT', 'ECONNABORTED', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'];

/**
 * Whether an error is the echo of our own deadline. A service that was handed what was left, less a reserve for the way
 * back, answers that it is too late shortly before we would have said so; a client that was given what was left as its
 * timeout ends then as well. It proves as much as the deadline does: a few requests that come late must not open a breaker.
 *
 * A service may keep a share of the time for itself, and the stranger who chose a deadline chose when it answers so. The
 * second half of such a deadline counts as its end.
 *
 * @param ran milliseconds for which the source had run; undefined where nobody measured, the deadline then says itself
 * @param hungAfter the breaker's own setting
 */
export function isOurHaste(call: Call, error: unknown, ran: number | undefined, hungAfter: number | undefined): boolean {
  const { deadline } = call.frame;
  if (deadline === undefined || !(saysTooLate(error) || isTimeout(error))) return false;
  const left = deadline.remaining();
  const end = deadline.trusted ? early : Math.max(early, deadline.duration / 2);
  return left <= end && (ran ?? deadline.duration - left) < (hungAfter ?? deadline.hungAfter);
}

/** Whether a client has given up by its own timeout. */
function isTimeout(error: unknown): boolean {
  return timeouts.includes(read(error, 'name')) || timeouts.includes(read(error, 'code'));
}
