import type { PolicyView } from '../../stream-messages.js';

const kinds: Readonly<Record<PolicyView['kind'], string>> = {
  circuitBreaker: 'circuit breaker',
  bulkhead: 'bulkhead',
  retry: 'retry',
  loadShed: 'load shedding',
  deadline: 'deadline',
  fallback: 'fallback',
};

/** In which those of one name stand. */
export const kindOrder: readonly string[] = Object.keys(kinds);

export function kindName(kind: PolicyView['kind']): string {
  return kinds[kind] ?? kind;
}

// Control characters, and those that turn the direction of writing or cannot be seen.
const unseen = /[\p{Cc}\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** A text as it is, but that what would make it look like another one is shown by its number. */
export function visible(text: string): string {
  return text.replace(unseen, (hidden) => `\\u${hidden.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Enough of a text for a sentence. */
export function short(text: string, most = 80): string {
  return visible(text.length > most ? `${text.slice(0, most)}…` : text);
}

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

export function timeOf(at: number): string {
  return Number.isFinite(at) && Math.abs(at) < 8e15 ? time.format(at) : '';
}

/** How long ago, in the one unit that says most. */
export function lasting(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

export function count(value: number): string {
  return Math.abs(value) < 10_000 ? whole.format(value) : compact.format(value);
}

/** Of something in a second: a decimal only where it says something. */
export function rate(value: number): string {
  return value > 0 && value < 9.95 ? value.toFixed(1) : count(value);
}

export function milliseconds(value: number): string {
  if (value < 1) return '< 1 ms';
  return value < 1_000 ? `${whole.format(value)} ms` : `${(value / 1_000).toFixed(value < 9_950 ? 1 : 0)} s`;
}

export function plural(value: number, one: string, many: string): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
