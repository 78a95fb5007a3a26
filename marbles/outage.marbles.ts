import { identity, map, type MonoTypeOperatorFunction } from 'rxjs';
import { bulkhead } from '../src/bulkhead/bulkhead.js';
import { circuitBreaker } from '../src/circuit-breaker/circuit-breaker.js';
import { constant } from '../src/core/backoff.js';
import { fixedLimit } from '../src/core/fixed-limit.js';
import { withDeadline } from '../src/deadline/with-deadline.js';
import { fallbackToLast } from '../src/fallback/fallback-to-last.js';
import { lastValues, type LastValues } from '../src/fallback/last-values.js';
import { loadShed } from '../src/load-shed/load-shed.js';
import { loadShedder } from '../src/load-shed/load-shedder.js';
import { retryWithBackoff } from '../src/retry/retry-with-backoff.js';
import { scenario, type Scenario } from './scenario.js';

/** The documented order, from the call outwards, through an outage and back. */
function outage(title: string, between: MonoTypeOperatorFunction<unknown>): Scenario {
  const memories = new WeakMap<object, LastValues<unknown>>();
  return scenario({
    title,
    policies: () => ({
      each: withDeadline(8),
      pool: bulkhead(2, 2),
      breaker: circuitBreaker({ failureThreshold: 2, breakDuration: 20, successThreshold: 1 }),
      retry: retryWithBackoff(constant(2), { maxRetries: 2, budget: false }),
      shed: loadShed('critical', { shedder: loadShedder({ limit: fixedLimit(10) }) }),
      all: withDeadline(60),
    }),
    source: ['-a|', '--#', '--#', '---------', '-b|', '--#', '-c|'],
    pipe: (source, policies) => {
      const { all, breaker, each, pool, retry, shed } = policies;
      if (!memories.has(policies)) memories.set(policies, lastValues({ maxAge: 100 }));
      const last = fallbackToLast(memories.get(policies)!, 'key');
      return source
        .pipe(each, between, pool, between, breaker, between)
        .pipe(retry, between, shed, between, all, between, last);
    },
    calls: [
      // Healthy.
      { call: '^', sees: '-a|' },
      // Down: two tries open the circuit, the third is refused and the last good value stands in.
      { call: '10ms ^', sees: '18ms (a|)' },
      // Nobody is kept waiting, and the dependency is left alone.
      { call: '22ms ^', sees: '22ms (a|)' },
      { call: '35ms ^', sees: '35ms (a|)' },
      // Half-open: the probe hangs, and its deadline opens the circuit again.
      { call: '40ms ^', sees: '50ms (a|)' },
      { call: '45ms ^', sees: '45ms (a|)' },
      // Back.
      { call: '70ms ^', sees: '71ms b|' },
      // One failure is tried again, and nobody sees it.
      { call: '80ms ^', sees: '85ms c|' },
    ],
    subscriptions: [
      '^-!', '10ms ^-!', '14ms ^-!', '40ms ^-------!', '70ms ^-!', '80ms ^-!', '84ms ^-!',
    ],
    states: { breaker: 'c 15ms o 19ms h 11ms o 19ms h---c' },
    health: { breaker: 'u 15ms d 19ms g 11ms d 19ms g---u' },
    metrics: {
      each: { calls: 7, expired: 1 },
      pool: { accepted: 7, peak: 1 },
      breaker: { calls: 12, successes: 3, failures: 4, refused: 5, opened: 2 },
      retry: { calls: 8, retries: 4, recovered: 1 },
      shed: { admitted: 8 },
      all: { calls: 8, expired: 0 },
    },
  });
}

/** The pipe of six. */
export const outageScenarios: readonly Scenario[] = [
  outage('six operators through an outage and back', identity),
  outage('six operators through an outage and back, with foreign ones between them', map((value) => value)),
];
