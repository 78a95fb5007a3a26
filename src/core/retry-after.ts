import { parseHttpDate } from './http-date.js';

const second = 1_000;

/** A longer one is a mistake of its sender, and no timer could keep it. */
const longest = Number.MAX_SAFE_INTEGER;

/**
 * The milliseconds for which an error, or a value such as a `Response`, asks to be left alone: its own `retryAfter`
 * (milliseconds), or the `Retry-After` header at `headers` or `response.headers` (RFC 9110, 10.2.3: whole seconds or a
 * date in any of the three forms, measured from the response's own `Date` where there is one, so that a wrong clock does
 * not matter). Undefined where there is none or it cannot be read; never negative. Never throws.
 *
 * @param now epoch milliseconds
 */
export function retryAfterOf(subject: unknown, now: number): number | undefined {
  if (typeof subject !== 'object' || subject === null) return undefined;
  try {
    const { retryAfter, headers, response } = subject as Record<string, unknown>;
    if (typeof retryAfter === 'number') return retryAfter >= 0 && retryAfter <= longest ? retryAfter : undefined;
    const inner = typeof response === 'object' && response !== null ? (response as { headers?: unknown }).headers : undefined;
    return fromHeaders(headers, now) ?? fromHeaders(inner, now);
  } catch {
    // A foreign getter that throws asks for nothing.
    return undefined;
  }
}

/** The value of a `Retry-After` header in milliseconds; `date` is that of the `Date` header beside it. */
export function parseRetryAfter(value: string, date: string | undefined, now: number): number | undefined {
  const text = value.trim();
  if (/^\d+$/.test(text)) {
    const ms = Number(text) * second;
    return ms <= longest ? ms : undefined;
  }
  const until = parseHttpDate(text, now);
  if (until === undefined) return undefined;
  const sent = date === undefined ? undefined : parseHttpDate(date.trim(), now);
  return Math.max(0, until - (sent ?? now));
}

function fromHeaders(headers: unknown, now: number): number | undefined {
  const value = header(headers, 'retry-after');
  return value === undefined ? undefined : parseRetryAfter(value, header(headers, 'date'), now);
}

/** From `Headers` and its like, from a plain object in any case of letters, from a list of pairs. */
function header(headers: unknown, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const { get } = headers as { get?: unknown };
  if (typeof get === 'function') return textOf((get as (name: string) => unknown).call(headers, name));
  const pairs = (Array.isArray(headers) ? headers : Object.entries(headers)) as readonly unknown[];
  for (const pair of pairs) {
    if (!Array.isArray(pair) || typeof pair[0] !== 'string' || pair[0].toLowerCase() !== name) continue;
    const text = textOf(pair[1]);
    if (text !== undefined) return text;
  }
  return undefined;
}

function textOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return textOf(value[0]);
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}
