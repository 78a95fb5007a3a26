import type { Observable } from 'rxjs';
import type { CircuitState } from '../core/circuit-state.js';
import { reading, takes } from '../core/options.js';
import { applied, policyOperator } from '../operator/policy.js';
import { checkPolicyOptions } from '../operator/policy-core.js';
import type { PolicyOperator } from '../operator/policy-types.js';
import { breakerOrder, type Stage, stage } from '../operator/stage.js';
import { BreakerCore, type BreakerUpdate } from './breaker-core.js';
import type { BreakerEvent, BreakerMetrics } from './breaker-events.js';
import { circuitBreakerNames, type CircuitBreakerOptions } from './breaker-options.js';
import type { CircuitSnapshot } from './circuit-snapshot.js';
import type { Isolation } from './watched-circuit.js';

/** An operator for `.pipe()`, and the circuit that all its pipes share. */
export interface CircuitBreaker extends PolicyOperator<BreakerEvent, BreakerUpdate, BreakerMetrics> {
  /** The state at this moment. Reading it changes nothing, and tells nobody. */
  readonly state: CircuitState;
  /** The present state at once, then each change; never errors, completes on `dispose`. */
  readonly state$: Observable<CircuitState>;
  /** Holds it open by hand, until everybody who does so has released it. Calls that run already run on, and are late. */
  isolate(caller?: string): Isolation;
  /** How it is, in durations: what `initialState` of another one takes. */
  snapshot(): CircuitSnapshot;
}

/**
 * Stops calling a dependency that fails: once `trip` says so, calls are refused with a `CircuitOpenError` and their
 * source is never subscribed. After the break it is half-open and lets a few probes through: `successThreshold` of them
 * close it, one that fails opens it again. The pattern is Michael Nygard's ("Release It!").
 *
 * A call is one subscription, and how it ended decides. Completion, a value and then the consumer leaving, and an answer
 * such as a 404 are successes. Errors of the class `transient` are failures, and so are a certificate that is not valid
 * and a deadline that left a fair time (`hungAfter`). A `Response` has the class of its status: a 503 is delivered and is
 * a failure. Inner refusals, bugs, and a consumer that leaves early move nothing. A result that comes when the circuit is
 * in another state than at its admission is late and moves nothing.
 *
 * Values, errors and unsubscription pass unchanged. A refusal carries the time after which it may be different, and the
 * error that opened the circuit as its cause.
 *
 * Make it once for each dependency and pipe it everywhere. The state follows the clock lazily: nothing keeps a process
 * alive.
 *
 * @throws TypeError, RangeError for an option that is unknown, of a wrong type or out of its range
 *
 * ```ts
 * const catalog = circuitBreaker({ name: 'catalog', failureThreshold: 5 });
 * const find = (id: string) => api.find(id).pipe(catalog);
 * catalog.state$.subscribe(show);
 * ```
 */
export function circuitBreaker(options: CircuitBreakerOptions = {}): CircuitBreaker {
  const core = reading('circuitBreaker', () => {
    if (typeof options === 'number') throw takes('options', options, `circuitBreaker({ failureThreshold: ${String(options)} })`);
    return new BreakerCore(checkPolicyOptions(options, circuitBreakerNames));
  });
  const apply = applied(breakerStage(core));
  const circuitBreaker = <T>(source: Observable<T>): Observable<T> => apply(source);
  return policyOperator(core, circuitBreaker, {
    state: { get: () => core.state, enumerable: true },
    state$: { value: core.states.stream },
    isolate: { value: (caller?: string) => core.isolate(caller) },
    snapshot: { value: () => core.snapshot() },
  });
}

function breakerStage(core: BreakerCore): Stage {
  return stage({
    policy: core,
    order: breakerOrder,
    seesValues: true,
    judgesValues: true,
    admit: (call, at) => core.admit(call, at),
    connected: (call, at) => core.connected(call, at),
    value: (call, at, value) => core.value(call, at, value),
    settle: (call, at, ending, error) => core.settle(call, at, ending, error),
  });
}
