import type { Health, HealthStatus } from '../core/health.js';
import type { PolicyRegistry } from '../registry/registry-types.js';
import { type Answer } from './answer.js';
import { plainDetails } from './health-view.js';
import { retryAfterHeader } from '../http/to-http-response.js';

const type = 'application/health+json; charset=utf-8';

type CheckStatus = 'pass' | 'warn' | 'fail';

const statuses: Readonly<Record<HealthStatus, CheckStatus>> = { up: 'pass', degraded: 'warn', down: 'fail', unknown: 'fail' };

/** One part of a health, in the form of the draft "Health Check Response Format for HTTP APIs". */
interface Check {
  readonly status: CheckStatus;
  /** Since when it is so. */
  readonly time: string;
  readonly required: boolean;
  readonly details: Readonly<Record<string, unknown>>;
  readonly checks?: Readonly<Record<string, readonly Check[]>>;
}

/**
 * What a probe is told: 200 for `up` and `degraded`, 503 for `down` and `unknown`. What it is made of only where that is
 * allowed.
 */
export function probeAnswer(health: Health, detailed: boolean, registry: PolicyRegistry | undefined): Answer {
  const status = statuses[health.status];
  const passed = status !== 'fail';
  const wait = passed || registry === undefined ? undefined : waitOf(health, registry);
  const body = { status, ...(detailed && { details: plainDetails(health.details), ...checksOf(health) }) };
  return {
    ...{ status: passed ? 200 : 503, type, body: JSON.stringify(body) },
    ...(wait !== undefined && { headers: { 'Retry-After': retryAfterHeader(wait) } }),
  };
}

function checksOf({ components }: Health): { readonly checks?: Readonly<Record<string, readonly Check[]>> } {
  if (components === undefined) return {};
  return { checks: Object.fromEntries(Object.entries(components).map(([key, part]) => [key, [check(part)]])) };
}

function check(health: Health): Check {
  const { required, details, since } = health;
  const time = new Date(since);
  return {
    // A part that is not known yet need not fail the whole: that is said by `required`.
    status: health.status === 'unknown' && !required ? 'warn' : statuses[health.status],
    time: Number.isNaN(time.getTime()) ? '' : time.toISOString(),
    ...{ required, details: plainDetails(details) },
    ...checksOf(health),
  };
}

/** Milliseconds until all that holds it down may be different: known only where that is nothing but open circuits. */
function waitOf(health: Health, registry: PolicyRegistry): number | undefined {
  let longest: number | undefined;
  for (const part of Object.values(health.components ?? {})) {
    if (!part.required || part.status === 'up' || part.status === 'degraded') continue;
    const wait = part.components === undefined ? timeLeft(part, registry) : waitOf(part, registry);
    if (wait === undefined) return undefined;
    longest = Math.max(longest ?? 0, wait);
  }
  return longest;
}

function timeLeft({ name, details }: Health, registry: PolicyRegistry): number | undefined {
  if (details['state'] !== 'open') return undefined;
  const breaker = registry.get(name, 'circuitBreaker') as { snapshot?: () => { remaining?: number } } | undefined;
  const remaining = breaker?.snapshot?.().remaining;
  return remaining !== undefined && Number.isFinite(remaining) ? remaining : undefined;
}
