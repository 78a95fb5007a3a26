import type { Health } from '../core/health.js';
import type { CircuitState } from '../core/circuit-state.js';
import type { Policy, PolicyMetrics } from '../operator/policy-types.js';
import { presentOf } from '../operator/published.js';
import { healthView, plainDetails } from './health-view.js';
import type { LatencyView, PolicyView } from './stream-messages.js';

/** How a policy is at this moment. */
export function policyView(policy: Policy, health: Health = presentOf(policy.health$), latency?: LatencyView): PolicyView {
  const { state } = policy as { state?: CircuitState };
  return {
    ...{ policy: policy.name, kind: policy.kind, mode: policy.mode, health: healthView(health) },
    ...(policy.kind === 'circuitBreaker' && state !== undefined && { state }),
    metrics: plainDetails(policy.metrics()),
    ...(latency !== undefined && { latency }),
  };
}

/** Calls that hold a permit of some bulkhead. */
export function activeCalls(policies: readonly Policy[]): number {
  let active = 0;
  for (const policy of policies) {
    if (policy.kind === 'bulkhead') active += (policy.metrics() as PolicyMetrics & { active: number }).active;
  }
  return active;
}
