import { checkKeys, checkNumber, reading, refusal } from '../core/options.js';
import { type DeadlineCodec, readDigits, wholeMilliseconds } from './deadline-codec.js';

export interface AbsoluteDeadlineOptions {
  /** Default `X-Deadline`. */
  readonly header?: string | undefined;
  /**
   * Milliseconds, at least 0, by which the clocks of two services may differ. A deadline that has been over for no longer
   * is over; one that has been over for longer was written or is read by a wrong clock, and says nothing. Default 5,000.
   */
  readonly maxSkew?: number | undefined;
}

/** A name that HTTP allows: RFC 9110, 5.6.2. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * `X-Deadline: 1732470000000`, the instant in epoch milliseconds. Time that a request spends between two services counts,
 * and their clocks have to agree: only for services that share a clock. What a clock that is slow adds is bounded by the
 * `maximum` of who receives it; use `requestTimeout` where that is too much.
 *
 * @throws TypeError for a header that is no name, RangeError for a `maxSkew` out of its range
 */
export function absoluteDeadline(options: AbsoluteDeadlineOptions = {}): DeadlineCodec {
  const { header, maxSkew } = reading('absoluteDeadline', () => readAbsolute(options));
  return Object.freeze({
    header,
    encode: (remaining: number, now: number) => String(Math.floor(now) + wholeMilliseconds(remaining)),
    decode: (value: string, now: number) => {
      const at = readDigits(value, Number.MAX_SAFE_INTEGER);
      if (at === null) return null;
      const left = at - now;
      return left < -maxSkew || Number.isNaN(left) ? null : Math.max(0, left);
    },
  });
}

function readAbsolute(options: AbsoluteDeadlineOptions): { readonly header: string; readonly maxSkew: number } {
  const { header = 'X-Deadline', maxSkew = 5_000 } = checkKeys('options', options, ['header', 'maxSkew']);
  if (typeof header !== 'string' || !token.test(header)) throw refusal('header', 'the name of a header', header);
  return { header, maxSkew: checkNumber('maxSkew', maxSkew, 0) };
}
