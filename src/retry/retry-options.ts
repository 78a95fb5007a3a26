import { type BackoffStrategy, exponential } from '../core/backoff.js';
import { type Classify, classify } from '../core/classify.js';
import { checkBoolean, checkFunction, checkInteger, checkNumber, checkOneOf, show } from '../core/options.js';
import { type RetryBudget, retryBudget } from '../core/retry-budget.js';
import type { CallContext } from '../operator/context.js';
import { checkPolicyUpdate } from '../operator/policy-core.js';
import type { PolicyOptions } from '../operator/policy-types.js';

export interface RetryContext {
  /** Number of the try that has failed, from 1. */
  readonly attempt: number;
}

export interface RetrySettings {
  /** How long to wait. Default `exponential()`. */
  readonly backoff?: BackoffStrategy | undefined;
  /** Tries after the first, at least 0; `Infinity`: as long as strategy, budget and deadline let. Default 3. */
  readonly maxRetries?: number | undefined;
  /**
   * Whether to try again. `'hold'`: yes, and no call of this policy retries before this error's Retry-After is over.
   * Default: the class `transient`.
   */
  readonly retryIf?: ((error: unknown, context: RetryContext) => boolean | 'hold') | undefined;
  /** Whether a value is not good enough (`fetch` resolves with a 503): it is not delivered, unless it is the last. */
  readonly retryIfValue?: ((value: unknown, context: RetryContext) => boolean) | undefined;
  /** What kind of error it is, for the default of `retryIf`. Default `classify`. */
  readonly classify?: Classify | undefined;
  /** What counts as a value for `afterValue` and `resetOnValue`. Default: every value. */
  readonly isValue?: ((value: unknown, context: CallContext) => boolean) | undefined;
  /** Whether to wait for at least as long as the error or value asks for (`Retry-After`), and up to a tenth more. Default true. */
  readonly retryAfter?: boolean | undefined;
  /** Asked to wait for longer than this, it gives up. Milliseconds, at least 0; default 30,000. */
  readonly maxRetryAfter?: number | undefined;
  /** How many retries the dependency can bear; `false`: any number. Default: a `retryBudget()` of its own. */
  readonly budget?: RetryBudget | false | undefined;
  /** After a value was delivered: begin again, as RxJS's `retry`, or let the error pass, so that no output is repeated. Default `resubscribe`. */
  readonly afterValue?: 'resubscribe' | 'fail' | undefined;
  /** Whether a value makes the tries count anew: for long-lived streams that reconnect. Default false. */
  readonly resetOnValue?: boolean | undefined;
  /** The error of a call that is given up: the last one itself, or a `RetryExhaustedError` around it. Default `rethrow`. */
  readonly exhausted?: 'rethrow' | 'wrap' | undefined;
}

export interface RetryOptions extends RetrySettings, PolicyOptions {}

export type RetryUpdate = RetrySettings & Pick<PolicyOptions, 'mode' | 'required'>;

export const retryOptionNames: readonly string[] = [
  ...['backoff', 'maxRetries', 'retryIf', 'retryIfValue', 'classify', 'isValue', 'retryAfter', 'maxRetryAfter'],
  ...['budget', 'afterValue', 'resetOnValue', 'exhausted'],
];

/** Every setting, its default filled in. */
export interface RetrySetup {
  readonly backoff: BackoffStrategy;
  readonly maxRetries: number;
  readonly retryIf: NonNullable<RetrySettings['retryIf']> | undefined;
  readonly retryIfValue: NonNullable<RetrySettings['retryIfValue']> | undefined;
  readonly classify: Classify;
  readonly isValue: NonNullable<RetrySettings['isValue']> | undefined;
  readonly retryAfter: boolean;
  readonly maxRetryAfter: number;
  readonly budget: RetryBudget | undefined;
  /** Whether it is the default one, which no other policy shares. */
  readonly ownBudget: boolean;
  readonly repeatsOutput: boolean;
  readonly resetOnValue: boolean;
  readonly wraps: boolean;
}

/** Refuses what a setting may not be, and fills the others in from `before` (an update) or the defaults. */
export function readRetry(settings: RetrySettings, before?: RetrySetup): RetrySetup {
  const { backoff, maxRetries, retryIf, retryIfValue, isValue, retryAfter, maxRetryAfter, resetOnValue } = settings;
  const { budget, afterValue, exhausted } = settings;
  for (const name of ['backoff', 'retryIf', 'retryIfValue', 'classify', 'isValue'] as const) {
    if (settings[name] !== undefined) checkFunction(name, settings[name] as () => unknown);
  }
  if (maxRetries !== undefined) checkInteger('maxRetries', maxRetries, 0, Infinity);
  if (retryAfter !== undefined) checkBoolean('retryAfter', retryAfter);
  if (maxRetryAfter !== undefined) checkNumber('maxRetryAfter', maxRetryAfter, 0);
  if (afterValue !== undefined) checkOneOf('afterValue', afterValue, ['resubscribe', 'fail']);
  if (resetOnValue !== undefined) checkBoolean('resetOnValue', resetOnValue);
  if (exhausted !== undefined) checkOneOf('exhausted', exhausted, ['rethrow', 'wrap']);
  if (budget !== undefined && budget !== false && typeof budget?.take !== 'function') {
    throw new TypeError(`budget must be retryBudget(), tokenBudget() or false, got ${show(budget)}`);
  }
  return {
    backoff: backoff ?? before?.backoff ?? exponential(),
    maxRetries: maxRetries ?? before?.maxRetries ?? 3,
    retryIf: retryIf ?? before?.retryIf,
    retryIfValue: retryIfValue ?? before?.retryIfValue,
    classify: settings.classify ?? before?.classify ?? classify,
    isValue: isValue ?? before?.isValue,
    retryAfter: retryAfter ?? before?.retryAfter ?? true,
    maxRetryAfter: maxRetryAfter ?? before?.maxRetryAfter ?? 30_000,
    budget: budget === false ? undefined : (budget ?? (before === undefined ? retryBudget() : before.budget)),
    ownBudget: budget === undefined && (before?.ownBudget ?? true),
    repeatsOutput: afterValue === undefined ? (before?.repeatsOutput ?? true) : afterValue === 'resubscribe',
    resetOnValue: resetOnValue ?? before?.resetOnValue ?? false,
    wraps: exhausted === undefined ? (before?.wraps ?? false) : exhausted === 'wrap',
  };
}

/** What is asked about values decides how an operator is built: it cannot begin to ask later. */
export function checkRetryUpdate(options: RetryUpdate, watchesValues: boolean): void {
  checkPolicyUpdate(options, retryOptionNames);
  if (watchesValues) return;
  for (const name of ['isValue', 'resetOnValue', 'retryIfValue'] as const) {
    if (options[name] === undefined || options[name] === false) continue;
    throw new TypeError(`${name} can be changed only where this, isValue, resetOnValue or retryIfValue was set first`);
  }
}
