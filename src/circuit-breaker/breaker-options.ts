import { type BackoffStrategy, constant, exponential } from '../core/backoff.js';
import type { CircuitSettings } from '../core/circuit-state.js';
import { type Classify, classify } from '../core/classify.js';
import { checkBoolean, checkFunction, checkInteger, checkKeys, checkNumber, checkOneOf, show } from '../core/options.js';
import { anyOf, checkTrip, consecutiveFailures, failureRate } from '../core/trip.js';
import type { TripRule } from '../core/trip-state.js';
import type { CallContext } from '../operator/context.js';
import type { PolicyOptions } from '../operator/policy-types.js';
import type { CircuitSnapshot } from './circuit-snapshot.js';

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
  readonly breakDuration?: number | BackoffStrategy | undefined;
  /** A `Retry-After` on the error that opens it may lengthen the break, up to this. Milliseconds, at least 0; default 300,000. */
  readonly maxBreakDuration?: number | undefined;
  /** Successful probes that close it, at least 1. Default 3. */
  readonly successThreshold?: number | undefined;
  /** Probes that may run at once, at least 1; how many there are in all is not bounded. Default 1. */
  readonly maxProbes?: number | undefined;
  /**
   * Milliseconds after which a probe with a value is a success, and one without frees its place for the next caller (its
   * result still counts when it comes), as does one whose value was slow by the rule of `trip`. At least 0; default
   * 30,000; `Infinity`: never.
   */
  readonly probeTimeout?: number | undefined;
  /**
   * A call that is cut or left without a value after this many milliseconds (at least 0) was hanging: a failure. Default: calls that
   * are left move nothing, and a deadline says itself what was a fair time.
   */
  readonly hungAfter?: number | undefined;
  /** What kind of error it is. Default `classify`. */
  readonly classify?: Classify | undefined;
  /** Whether a value is a failure: it is delivered, and the call is settled. */
  readonly isFailureValue?: ((value: unknown, context: CallContext) => boolean) | undefined;
  /** What counts as a value. Default: every value. */
  readonly isValue?: ((value: unknown, context: CallContext) => boolean) | undefined;
  /** When a call is a success: with its end, or with the first value of a stream that lives long. Default `complete`. */
  readonly settleOn?: 'complete' | 'firstValue' | undefined;
  /** Whether refusals carry a stack trace, which costs more than everything else. Default false. */
  readonly captureStacks?: boolean | undefined;
}

export interface CircuitBreakerOptions extends BreakerSettings, PolicyOptions {
  /** How it begins: `closed`, `open`, or as a snapshot says. Default `closed`. */
  readonly initialState?: 'closed' | 'open' | CircuitSnapshot | undefined;
}

export const breakerOptionNames: readonly string[] = [
  ...['trip', 'failureThreshold', 'breakDuration', 'maxBreakDuration', 'successThreshold', 'maxProbes', 'probeTimeout'],
  ...['hungAfter', 'classify', 'isFailureValue', 'isValue', 'settleOn', 'captureStacks'],
];

/** Every setting, its default filled in. */
export interface BreakerSetup extends CircuitSettings {
  readonly trip: TripRule;
  readonly breakDuration: BackoffStrategy;
  readonly maxBreakDuration: number;
  readonly hungAfter: number | undefined;
  readonly classify: Classify;
  readonly isFailureValue: BreakerSettings['isFailureValue'];
  readonly isValue: BreakerSettings['isValue'];
  readonly onFirstValue: boolean;
  readonly captureStacks: boolean;
}

const defaultTrip = (): TripRule =>
  anyOf(
    failureRate({ threshold: 0.5, window: { time: 10_000 }, minimumCalls: 20 }),
    consecutiveFailures(5, { over: 1_000 }),
  );

/** Refuses what a setting may not be, and fills the others in from `before` (an update) or the defaults. */
export function readBreaker(settings: BreakerSettings, before?: BreakerSetup): BreakerSetup {
  const { maxBreakDuration, successThreshold, maxProbes, probeTimeout, hungAfter } = settings;
  const { settleOn, captureStacks } = settings;
  for (const name of ['classify', 'isFailureValue', 'isValue'] as const) {
    if (settings[name] !== undefined) checkFunction(name, settings[name] as () => unknown);
  }
  if (maxBreakDuration !== undefined) checkNumber('maxBreakDuration', maxBreakDuration, 0);
  if (successThreshold !== undefined) checkInteger('successThreshold', successThreshold, 1);
  if (maxProbes !== undefined) checkInteger('maxProbes', maxProbes, 1);
  if (probeTimeout !== undefined) checkNumber('probeTimeout', probeTimeout, 0, Infinity);
  if (hungAfter !== undefined) checkNumber('hungAfter', hungAfter, 0);
  if (settleOn !== undefined) checkOneOf('settleOn', settleOn, ['complete', 'firstValue']);
  if (captureStacks !== undefined) checkBoolean('captureStacks', captureStacks);
  return {
    trip: readTrip(settings) ?? before?.trip ?? defaultTrip(),
    breakDuration: readBreak(settings.breakDuration) ?? before?.breakDuration ?? defaultBreak(),
    maxBreakDuration: maxBreakDuration ?? before?.maxBreakDuration ?? 300_000,
    successThreshold: successThreshold ?? before?.successThreshold ?? 3,
    maxProbes: maxProbes ?? before?.maxProbes ?? 1,
    probeTimeout: probeTimeout ?? before?.probeTimeout ?? 30_000,
    hungAfter: hungAfter ?? before?.hungAfter,
    classify: settings.classify ?? before?.classify ?? classify,
    isFailureValue: settings.isFailureValue ?? before?.isFailureValue,
    isValue: settings.isValue ?? before?.isValue,
    onFirstValue: settleOn === undefined ? (before?.onFirstValue ?? false) : settleOn === 'firstValue',
    captureStacks: captureStacks ?? before?.captureStacks ?? false,
  };
}

/** A snapshot as it may come from a file or another process. */
export function readInitialState(state: CircuitBreakerOptions['initialState']): CircuitSnapshot {
  if (state === undefined || state === 'closed') return { state: 'closed' };
  if (state === 'open') return { state: 'open' };
  const names = ['state', 'remaining', 'openings', 'lastTransition', 'lastError'];
  if (typeof state === 'string') throw new RangeError(`initialState must be 'closed', 'open' or a snapshot, got ${show(state)}`);
  checkKeys('initialState', state, names);
  checkOneOf('initialState.state', state.state, ['closed', 'open', 'half-open', 'isolated']);
  if (state.remaining !== undefined) checkNumber('initialState.remaining', state.remaining, 0);
  if (state.openings !== undefined) checkInteger('initialState.openings', state.openings, 0);
  return state;
}

const defaultBreak = (): BackoffStrategy => exponential({ initial: 5_000, cap: 60_000, jitter: 'proportional' });

function readTrip({ trip, failureThreshold }: BreakerSettings): TripRule | undefined {
  if (failureThreshold === undefined) return trip === undefined ? undefined : checkTrip('trip', trip);
  if (trip !== undefined) throw new TypeError('failureThreshold is short for trip: give one of the two');
  return consecutiveFailures(checkInteger('failureThreshold', failureThreshold, 1));
}

function readBreak(breakDuration: BreakerSettings['breakDuration']): BackoffStrategy | undefined {
  if (breakDuration === undefined) return undefined;
  if (typeof breakDuration === 'function') return breakDuration;
  return constant(checkNumber('breakDuration', breakDuration, 0));
}
