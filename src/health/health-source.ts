import { isObservable, type Observable } from 'rxjs';
import type { Health, HealthStatus } from '../core/health.js';
import { checkRecord, refusal, show } from '../core/options.js';

/** A stream of health, or what has one: a policy, a heartbeat, a registry. */
export type HealthSource = Observable<Health> | { readonly health$: Observable<Health> };

/** Parts by the name that they have in the whole. */
export type HealthParts = Readonly<Record<string, HealthSource>>;

/** Refuses what is no source of health. `option` names it. */
export function healthOf(option: string, source: HealthSource): Observable<Health> {
  const stream: unknown = isObservable(source) ? source : (source as { readonly health$?: unknown } | null | undefined)?.health$;
  if (isObservable(stream)) return stream as Observable<Health>;
  throw refusal(option, 'a stream of health or have a health$', source);
}

/** The streams of all parts. `option` names the record. */
export function healthsOf(option: string, parts: HealthParts): ReadonlyMap<string, Observable<Health>> {
  checkRecord(option, parts);
  return new Map(Object.entries(parts).map(([key, part]) => [key, healthOf(`${option}.${key}`, part)]));
}

/** A health as it came; what is none (the stream is not ours) is down, and says so where errors are read. */
export function readHealth(key: string, value: Health, now: number): Health {
  if (isHealth(value)) return value;
  const error = new TypeError(`${key}: a stream of health must emit health, got ${show(value)}`);
  return { name: key, status: 'down', required: true, since: now, details: { reason: 'no health' }, error };
}

export const statuses: readonly HealthStatus[] = ['up', 'degraded', 'unknown', 'down'];

function isHealth(value: unknown): value is Health {
  if (typeof value !== 'object' || value === null) return false;
  const { status, details } = value as Partial<Health>;
  return statuses.includes(status!) && typeof details === 'object' && details !== null;
}
