import { checkStrategy, constant, type DelayStrategy, exponential } from '../core/backoff.js';
import type { CircuitSettings } from '../core/circuit-state.js';
import { type Classify, classify } from '../core/classify.js';
import { checkBoolean, checkFunction, checkInteger, checkKeys, checkNumber, checkOneOf, named, readSettings, type Checks } from '../core/options.js';
import { anyOf, checkTrip, consecutiveFailures, failureRate } from '../core/trip.js';
import type { TripRule } from '../core/trip-state.js';
import type { CallContext } from '../operator/context.js';
import type { PolicyOptions } from '../operator/policy-types.js';
import type { CircuitSnapshot } from './circuit-snapshot.js';

/** What decides when a circuit opens and closes. What a callback throws ends the call with that error. */
export interface BreakerSettings {
  /**
   * When it opens. Default: half of the calls of the last 10 s failed, with at least 20 of them, or five in a row that
   * lasted for a second.
   */
  readonly trip?: TripRule | undefined;
  /** Short for `trip: consecutiveFailures(n)`, at least 1. */
  readonly failureThreshold?: number | undefined;
  /**
   * How long it stays open: milliseconds, at least 0, or a strategy (`attempt` counts the openings since it was last
   * closed; `null`: as long as the last time). Default `exponential({ initial: 5_000, cap: 60_000, jitter: 'proportional' })`.
   */
  readonly breakDuration?: number | DelayStrategy | undefined;
  /** A `Retry-After` on the error that opens it may lengthen the break, up to this. Milliseconds, at least 0; default 300,000. */
  readonly maxBreakDuration?: number | undefined;
  /** Successful probes that close it, at least 1. Default 3. */
  readonly successThreshold?: number | undefined;
  /**
   * Probes without a value that may run at once, at least 1; how many there are in all is not bounded. One that has had its
   * first value makes room for the next, and its end still counts. Default 1.
   */
  readonly maxProbes?: number | undefined;
  /**
   * Milliseconds after which a probe with a value is a success, and one without frees its place for the next caller (its
   * result still counts when it comes), as does one whose value was slow by the rule of `trip`. At least 0; default
   * 30,000; `Infinity`: never.
   */
  readonly probeTimeout?: number | undefined;
  /**
   * A call that is cut or left without a value after this many milliseconds (at least 0) was hanging: a failure.
   * Default: calls that are left move nothing, and a deadline says itself what was a fair time.
   */
  readonly hungAfter?: number | undefined;
  /** What kind of error it is. Default `classify`. */
  readonly classify?: Classify | undefined;
  /**
   * Whether a value is a failure: it is delivered, and the call is settled. Default: a first value that is a `Response`
   * whose status is of the class `transient`.
   */
  readonly isFailureValue?: ((value: unknown, context: CallContext) => boolean) | undefined;
  /** What counts as a value. Default: every value. */
  readonly isValue?: ((value: unknown, context: CallContext) => boolean) | undefined;
  /** When a call is a success: with its end, or with the first value of a stream that lives long. Default `complete`. */
  readonly settleOn?: 'complete' | 'firstValue' | undefined;
  /** Whether refusals carry a stack trace, which costs more than everything else. Default false. */
  readonly captureStacks?: boolean | undefined;
}

/** What `circuitBreaker` takes. */
export interface CircuitBreakerOptions extends BreakerSettings, PolicyOptions {
  /** How it begins: `closed`, `open`, or as a snapshot says. Default `closed`. */
  readonly initialState?: 'closed' | 'open' | CircuitSnapshot | undefined;
}

/** Every setting in the form in which the breaker holds it. */
export interface BreakerSetup extends CircuitSettings {
  readonly trip: TripRule;
  readonly breakDuration: DelayStrategy;
  readonly maxBreakDuration: number;
  readonly hungAfter: number | undefined;
  readonly classify: Classify;
  readonly isFailureValue: BreakerSettings['isFailureValue'];
  readonly isValue: BreakerSettings['isValue'];
  readonly settleOn: NonNullable<BreakerSettings['settleOn']>;
  readonly captureStacks: boolean;
}

/** All in one order, also those without a default: the setups of all breakers have one shape. */
const defaults = (): BreakerSetup => ({
  trip: anyOf(
    failureRate({ threshold: 0.5, window: { time: 10_000 }, minimumCalls: 20 }),
    consecutiveFailures(5, { over: 1_000 }),
  ),
  breakDuration: exponential({ initial: 5_000, cap: 60_000, jitter: 'proportional' }),
  maxBreakDuration: 300_000,
  successThreshold: 3,
  maxProbes: 1,
  probeTimeout: 30_000,
  hungAfter: undefined,
  classify,
  isFailureValue: undefined,
  isValue: undefined,
  settleOn: 'complete',
  captureStacks: false,
});

const duration = (option: string, value: unknown): number => checkNumber(option, value, 0);
const count = (option: string, value: unknown): number => checkInteger(option, value, 1);

const checks: Checks<BreakerSetup> = {
  trip: checkTrip,
  breakDuration: (option, value: unknown) => (typeof value === 'function' ? checkStrategy(option, value as DelayStrategy) : constant(duration(option, value))),
  maxBreakDuration: duration,
  successThreshold: count,
  maxProbes: count,
  probeTimeout: (option, value) => checkNumber(option, value, 0, Infinity),
  hungAfter: duration,
  classify: checkFunction,
  isFailureValue: checkFunction,
  isValue: checkFunction,
  settleOn: (option, value) => checkOneOf(option, value, ['complete', 'firstValue']),
  captureStacks: checkBoolean,
};

export const breakerOptionNames: readonly string[] = /*#__PURE__*/ Object.keys(checks).concat('failureThreshold');

export const circuitBreakerNames: readonly string[] = /*#__PURE__*/ breakerOptionNames.concat('initialState');

/** What is not set stays as it was before (an update), or is the default. */
export function readBreaker(settings: BreakerSettings, before: BreakerSetup = defaults()): BreakerSetup {
  return readSettings(checks, { ...settings, trip: readTrip(settings) }, before);
}

function readTrip({ trip, failureThreshold }: BreakerSettings): TripRule | undefined {
  if (failureThreshold === undefined) return trip;
  if (trip !== undefined) throw new TypeError(`${named('failureThreshold')} is short for trip: give one of the two`);
  return consecutiveFailures(count('failureThreshold', failureThreshold));
}

/** A snapshot may come from a file or another process. */
export function readInitialState(initial: CircuitBreakerOptions['initialState'] = 'closed'): CircuitSnapshot {
  if (typeof initial === 'string') return { state: checkOneOf('initialState', initial, ['closed', 'open']) };
  const snapshot = checkKeys('initialState', initial, ['state', 'remaining', 'openings', 'lastTransition', 'lastError']);
  const { state, remaining = 0, openings = 0 } = snapshot;
  checkOneOf('initialState.state', state, ['closed', 'open', 'half-open', 'isolated']);
  duration('initialState.remaining', remaining);
  checkInteger('initialState.openings', openings, 0);
  return snapshot;
}
