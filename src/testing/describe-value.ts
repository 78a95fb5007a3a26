import { isMatch, looksLikeError } from './matches.js';

/** A value as a line of a message shows it: the beginning of it, to a depth of two. */
export function describeValue(value: unknown, depth: number = 2): string {
  const text = written(value, depth);
  return text.length > 160 ? `${text.slice(0, 159)}…` : text;
}

function written(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (isMatch(value)) return String(value);
  if (looksLikeError(value)) return `${value.name}: ${value.message}`;
  if (value instanceof Date || value instanceof RegExp) return String(value);
  return contents(value, depth);
}

function contents(value: object, depth: number): string {
  const type = className(value);
  if (Array.isArray(value)) return depth === 0 ? `array of ${value.length}` : `[${value.map((item) => written(item, depth - 1)).join(', ')}]`;
  const entries = Object.entries(value);
  if (depth === 0) return type === '' ? '{…}' : type;
  const parts = entries.map(([key, item]) => `${key}: ${written(item, depth - 1)}`);
  const body = parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
  return type === '' ? body : `${type} ${body}`;
}

/** Empty for a plain object. */
function className(value: object): string {
  const made = (value as { readonly constructor?: { readonly name?: unknown } | null }).constructor?.name;
  return typeof made !== 'string' || made === 'Object' ? '' : made;
}
