import type { BulkheadMetrics } from '../bulkhead/bulkhead-events.js';
import type { BreakerMetrics } from '../circuit-breaker/breaker-events.js';
import type { CircuitBreaker } from '../circuit-breaker/circuit-breaker.js';
import type { CircuitState } from '../core/circuit-state.js';
import type { DeadlineMetrics } from '../deadline/deadline-events.js';
import type { FallbackMetrics } from '../fallback/fallback-events.js';
import type { LoadShedMetrics } from '../load-shed/load-shed-events.js';
import { type Policy, type PolicyKind, type PolicyMetrics, policyModes } from '../operator/policy-types.js';
import type { RetryMetrics } from '../retry/retry-events.js';

/** Figures by the value of the metric's own label, under the empty string where it has none. */
export type Figures = Readonly<Record<string, number>>;

/** The metrics of each kind. */
interface MetricsOf {
  readonly circuitBreaker: BreakerMetrics;
  readonly retry: RetryMetrics;
  readonly bulkhead: BulkheadMetrics;
  readonly deadline: DeadlineMetrics;
  readonly fallback: FallbackMetrics;
  readonly loadShed: LoadShedMetrics;
}

type Readers = { readonly [K in PolicyKind]?: (metrics: MetricsOf[K], policy: Policy) => Figures };

/**
 * A counter only grows. A level of several policies, or of the workers of one service, is their sum, the greatest or the
 * least of them: what is counted adds up, a state and what is left do not.
 */
export type MetricType = 'counter' | Level;
export type Level = 'sum' | 'max' | 'min';

/** What is read of the policies when a metrics system asks. */
export interface MetricDefinition {
  /** In words with underscores, without prefix and suffix. */
  readonly name: string;
  readonly type: MetricType;
  /** As OpenTelemetry writes it. */
  readonly unit: string;
  readonly help: string;
  /** Besides the policy. */
  readonly labels: readonly string[];
  readonly read: Partial<Record<PolicyKind, (metrics: never, policy: Policy) => Figures>>;
}

function definition(
  type: MetricType,
  name: string,
  unit: string,
  labels: readonly string[],
  help: string,
  read: Readers,
): MetricDefinition {
  return { type, name, unit, labels, help, read };
}

const arrivals = ({ calls }: PolicyMetrics): Figures => ({ '': calls });
const mode = (_: PolicyMetrics, policy: Policy): Figures => only(policyModes, policy.mode);
const states: readonly CircuitState[] = ['closed', 'open', 'half-open', 'isolated'];

function ofEach(read: (metrics: PolicyMetrics, policy: Policy) => Figures): Readers {
  return { circuitBreaker: read, retry: read, bulkhead: read, deadline: read, fallback: read, loadShed: read };
}

/** 1 for what it is, 0 for what it could be. */
function only(all: readonly string[], present: string): Figures {
  return Object.fromEntries(all.map((value) => [value, value === present ? 1 : 0]));
}

function sum(figures: Figures): number {
  return Object.values(figures).reduce((all, value) => all + value, 0);
}

/** Everything that `metrics()` of the policies knows, so that no call pays for it. */
export const definitions: readonly MetricDefinition[] = [
  definition('counter', 'arrivals', '{call}', ['kind'], 'Calls that came to a policy, whatever became of them.', ofEach(arrivals)),
  definition('counter', 'calls', '{call}', ['kind', 'outcome'], 'Calls by what became of them, as far as the kind of policy knows it.', {
    circuitBreaker: ({ abandoned, failures, ignored, late, refused, successes }) => {
      return { success: successes, failure: failures, ignored, abandoned, refused, late };
    },
    bulkhead: ({ refused }) => ({ refused: sum(refused) }),
    loadShed: ({ shed }) => ({ refused: sum(shed) }),
  }),
  definition('max', 'circuit_state', '{circuit}', ['state'], 'The state of a circuit: 1 for the one it is in, 0 for the others.', {
    circuitBreaker: (_, policy) => only(states, (policy as Policy & Pick<CircuitBreaker, 'state'>).state),
  }),
  definition('counter', 'circuit_opened', '{opening}', [], 'How often a circuit has opened.', {
    circuitBreaker: ({ opened }) => ({ '': opened }),
  }),
  definition('counter', 'tries', '{try}', [], 'Tries that a retry has made, the first of each call included.', {
    retry: ({ tries }) => ({ '': tries }),
  }),
  definition('counter', 'retry_exhausted', '{call}', ['reason'], 'Calls that a retry gave up, by the reason.', {
    retry: ({ exhausted }) => exhausted,
  }),
  definition('min', 'retry_budget_remaining', '{retry}', [], 'Retries that the budget has left.', {
    // Without a budget it is infinite, and not shown.
    retry: ({ budgetLeft }) => ({ '': budgetLeft }),
  }),
  definition('counter', 'fallbacks', '{call}', ['result'], 'Calls for which a fallback was used, and those of them in which it failed.', {
    fallback: ({ failed, used }) => ({ used, failed }),
  }),
  definition('counter', 'deadline_expired', '{call}', ['started'], 'Calls whose time was over, by whether they had been started.', {
    deadline: ({ expired, expiredOnArrival }) => ({ true: expired, false: expiredOnArrival }),
  }),
  definition('sum', 'bulkhead_active', '{call}', [], 'Calls that hold a permit.', { bulkhead: ({ active }) => ({ '': active }) }),
  definition('sum', 'bulkhead_queued', '{call}', [], 'Calls that wait for a permit.', { bulkhead: ({ queued }) => ({ '': queued }) }),
  definition('sum', 'bulkhead_limit', '{call}', [], 'Calls that may hold a permit.', { bulkhead: ({ limit }) => ({ '': limit }) }),
  definition('counter', 'shed', '{call}', ['priority'], 'Calls that were shed, by priority.', { loadShed: ({ shed }) => shed }),
  definition('sum', 'concurrency_limit', '{call}', [], 'Calls that the shedder lets run at once.', {
    loadShed: ({ limit }) => ({ '': limit }),
  }),
  definition('sum', 'concurrency_used', '{call}', [], 'Calls that the shedder has running, of all policies that share it.', {
    loadShed: ({ inFlight }) => ({ '': inFlight }),
  }),
  definition('max', 'policy_mode', '{policy}', ['kind', 'mode'], 'The mode of a policy: 1 for the one it is in, 0 for the others.', ofEach(mode)),
];
