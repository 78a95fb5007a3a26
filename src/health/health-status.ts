import type { Health, HealthStatus } from '../core/health.js';

/** From the best to the worst. */
export const statuses: readonly HealthStatus[] = ['up', 'degraded', 'unknown', 'down'];

/** Greater is worse. */
export function rankOf(status: HealthStatus): number {
  return statuses.indexOf(status);
}

export function worse(a: HealthStatus, b: HealthStatus): HealthStatus {
  return rankOf(a) >= rankOf(b) ? a : b;
}

/** What a part makes of the whole: one that is not required degrades it at most, and not by being unknown. */
function effectOf({ status, required }: Health): HealthStatus {
  if (required || status === 'up') return status;
  return status === 'unknown' ? 'up' : 'degraded';
}

/** The worst of the required parts; the others degrade the whole at most. Without parts it is up. */
export function worstOf(parts: readonly Health[]): HealthStatus {
  return parts.map(effectOf).reduce(worse, 'up');
}

type Details = Health['details'];

function sameDetails(a: Details, b: Details): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && Object.is(a[key], b[key]));
}

/** Whether there is nothing to tell: the error is that of the change, and a further one of the same kind is none. */
export function sameHealth(a: Health, b: Health): boolean {
  if (a === b) return true;
  if (a.status !== b.status || a.required !== b.required || a.name !== b.name) return false;
  return sameDetails(a.details, b.details) && sameComponents(a.components, b.components);
}

function sameComponents(a: Health['components'] = {}, b: Health['components'] = {}): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => b[key] !== undefined && sameHealth(a[key]!, b[key]));
}
