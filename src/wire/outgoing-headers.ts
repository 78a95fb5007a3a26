import { asyncScheduler } from 'rxjs';
import { checkBoolean, checkKeys, checkNumber, reading, refusal } from '../core/options.js';
import { type CallContext, currentContext } from '../operator/context.js';
import type { DeadlineCodec } from './deadline-codec.js';
import { encodePriority } from './priority-header.js';
import { requestTimeout } from './request-timeout.js';

export interface OutgoingOptions {
  /** How the deadline is written. Default `requestTimeout`. */
  readonly codec?: DeadlineCodec | undefined;
  /** Milliseconds kept back for the way there and back, at least 0. Default 5. */
  readonly reserve?: number | undefined;
  /** Whether the priority goes along. Default true. */
  readonly priority?: boolean | undefined;
}

/**
 * The headers by which a service further on learns of the context: the time that is left, less a reserve, and the
 * priority. What the context does not have is left out. Make them anew for each try, and send them only to services that
 * you trust with them: from a browser to another origin they cost a CORS preflight.
 *
 * @throws TypeError, RangeError for options that are unknown, of a wrong type or out of their range
 *
 * ```ts
 * attempt(({ signal }) => fetch(url, { signal, headers: outgoingHeaders() }));
 * ```
 */
export function outgoingHeaders(context: CallContext = currentContext(), options: OutgoingOptions = {}): Record<string, string> {
  const { codec, reserve, sendsPriority } = reading('outgoingHeaders', () => readOutgoing(options));
  const { deadline, priority } = context;
  const headers: Record<string, string> = {};
  if (deadline !== undefined) {
    headers[codec.header] = codec.encode(Math.max(0, deadline.remaining() - reserve), (deadline.scheduler ?? asyncScheduler).now());
  }
  if (sendsPriority && priority !== undefined) headers['Priority'] = encodePriority(priority);
  return headers;
}

function readOutgoing(options: OutgoingOptions): { readonly codec: DeadlineCodec; readonly reserve: number; readonly sendsPriority: boolean } {
  const { codec = requestTimeout, reserve = 5, priority = true } = checkKeys('options', options, ['codec', 'reserve', 'priority']);
  checkNumber('reserve', reserve, 0);
  return { codec: checkCodec('codec', codec), reserve, sendsPriority: checkBoolean('priority', priority) };
}

/** Refuses what does not write and read a header. */
export function checkCodec(option: string, codec: unknown): DeadlineCodec {
  const { header, encode, decode } = Object(codec) as Record<string, unknown>;
  if (typeof header === 'string' && header !== '' && typeof encode === 'function' && typeof decode === 'function') {
    return codec as DeadlineCodec;
  }
  throw refusal(option, 'a codec such as requestTimeout', codec);
}
