import { saysTooLate } from '../core/http-status.js';
import type { Call } from '../operator/call.js';

/** Milliseconds before the end of a deadline in which a service that was told of it can find it over. */
const early = 50;

/**
 * Whether an error is our own deadline, told by somebody else: a service that was handed what was left, less a reserve for
 * the way back, answers that it is too late shortly before we would have said so. It proves as much as that, and a few
 * requests that come late must not open a breaker one service further out.
 *
 * @param ran milliseconds for which the source had run; undefined where nobody measured, the deadline then says itself
 * @param hungAfter the breaker's own setting
 */
export function isOurHaste(call: Call, error: unknown, ran: number | undefined, hungAfter: number | undefined): boolean {
  const { deadline } = call.frame;
  if (deadline === undefined || !saysTooLate(error)) return false;
  const left = deadline.remaining();
  return left <= early && (ran ?? deadline.duration - left) < (hungAfter ?? deadline.hungAfter);
}
