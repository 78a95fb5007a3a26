import type { IncomingMessage } from 'node:http';
import { decodePriority } from '../wire/priority-header.js';
import type { DeadlineCodec } from '../wire/deadline-codec.js';
import type { Priority } from '../core/priority.js';

/**
 * The value of a header that was sent once. Of two, somebody on the way put in one of them, and nobody can say which;
 * `headers` has the first, the last or both, depending on the name.
 */
function soleHeader(req: IncomingMessage, name: string): string | undefined {
  const lower = name.toLowerCase();
  const value = req.headers[lower];
  if (typeof value !== 'string') return undefined;
  return isRepeated(req.rawHeaders, lower) ? undefined : value;
}

function isRepeated(raw: readonly string[] | undefined, lower: string): boolean {
  let times = 0;
  for (let at = 0; at < (raw?.length ?? 0); at += 2) if (raw![at]!.toLowerCase() === lower) times++;
  return times > 1;
}

/** Milliseconds by the first codec that can read what was sent, at most `maximum`; undefined where none can. */
export function incomingTimeout(
  req: IncomingMessage,
  accept: readonly DeadlineCodec[],
  maximum: number,
  now: () => number,
): number | undefined {
  for (const codec of accept) {
    const value = soleHeader(req, codec.header);
    const left = value === undefined ? null : decoded(codec, value, now());
    if (left !== null) return Math.min(left, maximum);
  }
  return undefined;
}

/** A codec that is not ours may throw, or answer with what is no time. */
function decoded(codec: DeadlineCodec, value: string, now: number): number | null {
  try {
    const left = codec.decode(value, now);
    return typeof left === 'number' && left >= 0 ? left : null;
  } catch {
    return null;
  }
}

export function incomingPriority(req: IncomingMessage): Priority | null {
  const value = soleHeader(req, 'priority');
  return value === undefined ? null : decodePriority(value);
}
