import { map, NEVER, type Observable, of, type OperatorFunction, type SchedulerLike } from 'rxjs';
import { bulkhead } from '../../src/bulkhead/bulkhead.js';
import { circuitBreaker } from '../../src/circuit-breaker/circuit-breaker.js';
import { constant } from '../../src/core/backoff.js';
import type { Health } from '../../src/core/health.js';
import type { PolicyEvent } from '../../src/operator/policy-types.js';
import { consecutiveFailures, failureRate } from '../../src/core/trip.js';
import { fixedLimit } from '../../src/core/fixed-limit.js';
import { withDeadline } from '../../src/deadline/with-deadline.js';
import { fallbackTo, fallbackToValue } from '../../src/fallback/fallback-to.js';
import { fallbackToLast } from '../../src/fallback/fallback-to-last.js';
import { loadShed } from '../../src/load-shed/load-shed.js';
import { loadShedder } from '../../src/load-shed/load-shedder.js';
import { retryBudget } from '../../src/core/retry-budget.js';
import { retryWithBackoff } from '../../src/retry/retry-with-backoff.js';

export interface Shared {
  readonly operator: OperatorFunction<unknown, unknown>;
  /** Everything that is countable. */
  readonly read: () => Readonly<Record<string, unknown>>;
  readonly events$: Observable<PolicyEvent>;
  readonly health$: Observable<Health>;
}

type Kept = OperatorFunction<unknown, unknown> &
  Pick<Shared, 'events$' | 'health$'> & { metrics(): unknown; readonly state?: unknown };

const kept = (operator: Kept): Shared => ({
  operator,
  read: () => ({ ...(operator.metrics() as object), state: operator.state }),
  events$: operator.events$,
  health$: operator.health$,
});

/** Ends a list of ours: what stands on both sides of it runs in separate subscribers either way. */
const foreign: Shared = { operator: map((value) => value), read: () => ({}), events$: NEVER, health$: NEVER };

/** What a callback of a user may do. */
const thrown = (): never => {
  throw new Error('thrown by a callback');
};

/** A name for each run: so many policies of one name are reported. */
let made = 0;

/** The same few policies for every pipe of a schedule. */
export function sharedPolicies(scheduler: SchedulerLike, random: () => number): readonly Shared[] {
  made++;
  const common = { scheduler, random, name: `policy ${made}` };
  const shedder = loadShedder({ limit: fixedLimit(3), queue: { size: 2, timeout: 20 }, scheduler });
  return [
    kept(bulkhead(1, 2, common)),
    kept(bulkhead(2, { size: 2, timeout: 15, order: 'lifo' }, common)),
    kept(loadShed('critical', { shedder, ...common })),
    kept(loadShed('sheddable', { shedder, ...common })),
    kept(circuitBreaker({ failureThreshold: 2, breakDuration: 10, successThreshold: 1, hungAfter: 4, ...common })),
    kept(
      circuitBreaker({
        trip: failureRate({ threshold: 0.5, window: { time: 50 }, minimumCalls: 3 }),
        breakDuration: 5,
        settleOn: 'firstValue',
        isFailureValue: (value) => (value === 1 ? thrown() : value === 3),
        ...common,
      }),
    ),
    kept(circuitBreaker({ trip: consecutiveFailures(1), breakDuration: 20, maxProbes: 2, probeTimeout: 6, ...common })),
    kept(retryWithBackoff(constant(0), { maxRetries: 2, budget: false, ...common })),
    kept(retryWithBackoff(constant(4), { maxRetries: 1, retryIf: (error) => (error === undefined ? thrown() : true), afterValue: 'fail', ...common })),
    kept(
      retryWithBackoff(constant(2), {
        maxRetries: 3,
        budget: retryBudget({ burst: 3, minPerSecond: 0 }),
        retryIfValue: (value) => value === 2,
        exhausted: 'wrap',
        ...common,
      }),
    ),
    kept(withDeadline(8, common)),
    kept(withDeadline({ within: 12, until: 'firstValue' }, common)),
    kept(withDeadline({ share: 0.5 }, common)),
    kept(withDeadline({ within: 6, onExpire: 'detach' }, common)),
    kept(withDeadline(30, common)),
    kept(fallbackToValue('instead', common)),
    kept(fallbackTo((error) => (error === undefined ? thrown() : of('a', 'b')), { when: () => true, ...common })),
    kept(fallbackToLast({ maxAge: 30, ...common })),
    foreign,
    foreign,
  ];
}

export const policyCount = 20;

/** The same bulkhead, or two of one shedder, wait for themselves: refused where it can be seen. */
export function clash(a: number, b: number): boolean {
  return (a === b && a < 2) || ([2, 3].includes(a) && [2, 3].includes(b));
}
