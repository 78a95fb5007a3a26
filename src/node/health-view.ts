import type { Health } from '../core/health.js';
import { httpStatusOf } from '../core/http-status.js';
import { read } from '../core/read.js';
import type { HealthView } from './stream-messages.js';

const longestText = 200;
const mostEntries = 100;
const deepest = 4;

/** Health as it may leave the process: no error, and of details what is figures, states and short words. */
export function healthView({ name, status, required, since, details, components }: Health): HealthView {
  const parts = components === undefined ? undefined : Object.entries(components).map(([key, part]) => [key, healthView(part)]);
  return {
    ...{ name, status, required, since },
    details: plainDetails(details),
    ...(parts !== undefined && { components: Object.fromEntries(parts) as Record<string, HealthView> }),
  };
}

/** A copy that can be written as JSON whatever it was: bounded, and without what a probe may have put there by mistake. */
export function plainDetails(details: unknown): Record<string, unknown> {
  const plain = plainValue(details, 0);
  return typeof plain === 'object' && plain !== null && !Array.isArray(plain) ? (plain as Record<string, unknown>) : {};
}

/** What may be told of an error: a code in capitals, or an HTTP status. */
export function codeOf(error: unknown): string | number | undefined {
  const code = read(error, 'code');
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,39}$/.test(code) ? code : httpStatusOf(error);
}

function plainValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'bigint':
      return String(value);
    case 'string':
      return value.length > longestText ? `${value.slice(0, longestText)}…` : value;
    case 'object':
      return value === null ? null : plainObject(value, depth);
    default:
      return undefined;
  }
}

function plainObject(value: object, depth: number): unknown {
  try {
    if (depth >= deepest) return undefined;
    if (Array.isArray(value)) return value.slice(0, mostEntries).map((item) => plainValue(item, depth + 1) ?? null);
    const prototype: unknown = Object.getPrototypeOf(value);
    // An error, or some other thing with a life of its own.
    if ((prototype !== Object.prototype && prototype !== null) || 'stack' in value) return codeOf(value);
    const entries = Object.entries(value).slice(0, mostEntries);
    return Object.fromEntries(entries.map(([key, inner]) => [key, plainValue(inner, depth + 1)]).filter(([, inner]) => inner !== undefined));
  } catch {
    return undefined;
  }
}
