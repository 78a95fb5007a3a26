import { parseHttpDate } from './http-date.js';

interface EpochClock {
  now(): number;
}

const second = 1_000;

/** What is longer counts as this: beyond it whole milliseconds cannot be told apart. */
const longest = Number.MAX_SAFE_INTEGER;

/**
 * The milliseconds for which an error, or a value such as a `Response`, asks to be left alone. They are the number at its
 * own `retryAfter`, which is milliseconds on a foreign error too, or the `Retry-After` header at `headers` or
 * `response.headers` (RFC 9110, 10.2.3: whole seconds or a date in any of the three forms). A date is measured from the
 * response's own `Date` where there is one, so that a wrong clock does not matter. Undefined where there is none or it
 * cannot be read; never negative. Never throws.
 *
 * @param clock epoch milliseconds; read only where there is a date
 */
export function retryAfterOf(subject: unknown, clock: EpochClock): number | undefined {
  try {
    const { retryAfter, headers, response } = Object(subject) as Record<string, unknown>;
    if (typeof retryAfter === 'number' && retryAfter === retryAfter) return Math.min(longest, Math.max(0, retryAfter));
    const inner = (response as { headers?: unknown } | null | undefined)?.headers;
    return fromHeaders(headers, clock) ?? fromHeaders(inner, clock);
  } catch {
    // A foreign getter that throws asks for nothing.
  }
  return undefined;
}

/** The value of a `Retry-After` header in milliseconds; `date` is that of the `Date` header beside it. */
export function parseRetryAfter(value: string, date: string | undefined, clock: EpochClock): number | undefined {
  const text = value.trim();
  if (/^\d+$/.test(text)) return Math.min(longest, Number(text) * second);
  const now = clock.now();
  const until = parseHttpDate(text, now);
  if (until === undefined) return undefined;
  const sent = date === undefined ? undefined : parseHttpDate(date.trim(), now);
  return Math.max(0, until - (sent ?? now));
}

function fromHeaders(headers: unknown, clock: EpochClock): number | undefined {
  const value = header(headers, 'retry-after');
  return value === undefined ? undefined : parseRetryAfter(value, header(headers, 'date'), clock);
}

/** From `Headers` and its like, from a plain object in any case of letters, from a list of pairs or of names and values in turn. */
function header(headers: unknown, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const { get } = headers as { get?: unknown };
  if (typeof get === 'function') return textOf((get as (name: string) => unknown).call(headers, name));
  for (const [key, value] of pairsOf(headers)) {
    if (typeof key !== 'string' || key.toLowerCase() !== name) continue;
    const text = textOf(value);
    if (text !== undefined) return text;
  }
  return undefined;
}

function pairsOf(headers: object): readonly (readonly unknown[])[] {
  if (!Array.isArray(headers)) return Object.entries(headers);
  const list = headers as readonly unknown[];
  if (Array.isArray(list[0])) return list.filter((pair) => Array.isArray(pair));
  // As Node's `rawHeaders`.
  return list.flatMap((key, i) => (i % 2 === 0 ? [[key, list[i + 1]]] : []));
}

function textOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return textOf(value[0]);
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}
