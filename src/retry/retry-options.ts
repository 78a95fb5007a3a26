import type { ObservableInput } from 'rxjs';
import { type BackoffContext, checkStrategy, exponential } from '../core/backoff.js';
import { type Classify, classify } from '../core/classify.js';
import { checkBoolean, checkFunction, checkInteger, checkNumber, checkOneOf, readSettings, refusal, type Checks } from '../core/options.js';
import { type RetryBudget, retryBudget } from '../core/retry-budget.js';
import type { CallContext } from '../operator/context.js';
import type { PolicyOptions } from '../operator/policy-types.js';

/** What `retryIf` and `retryIfValue` are told besides the error or value. */
export interface RetryContext {
  /** Number of the try that has failed, from 1. */
  readonly attempt: number;
}

/**
 * Answers with the milliseconds to wait, or with `null` for "no more". It may also answer with an observable or a promise:
 * the next try begins with its first value. Where it completes without a value there is no next try, and its error becomes
 * the error of the call.
 */
export type BackoffStrategy = (context: BackoffContext) => number | null | ObservableInput<unknown>;

/** What decides whether and when a call is tried again. What a callback throws ends the call with that error. */
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
  /**
   * Whether a value is not good enough: it is not delivered, unless it is the last. Default: a first value that is a
   * `Response` whose status is of the class `transient`, for `fetch` resolves with a 503. The body of one that is dropped is
   * cancelled.
   */
  readonly retryIfValue?: ((value: unknown, context: RetryContext) => boolean) | undefined;
  /** What kind of error it is, for the default of `retryIf`. Default `classify`. */
  readonly classify?: Classify | undefined;
  /** What counts as a value for `afterValue` and `resetOnValue`. Default: every value. */
  readonly isValue?: ((value: unknown, context: CallContext) => boolean) | undefined;
  /**
   * Whether to wait for at least as long as the error or value asks for, and up to a tenth more. It asks by a number at
   * `retryAfter`, which is milliseconds on a foreign error too, or by the header of RFC 9110. Default true.
   */
  readonly retryAfter?: boolean | undefined;
  /** Asked to wait for longer than this, it gives up. Milliseconds, at least 0; default 30,000. */
  readonly maxRetryAfter?: number | undefined;
  /** How many retries the dependency can bear; `false`: any number. Default: a `retryBudget()` of its own. */
  readonly budget?: RetryBudget | false | undefined;
  /**
   * After a value was delivered: begin again, as RxJS's `retry`, or let the error pass, so that no output is repeated.
   * Default `resubscribe`.
   */
  readonly afterValue?: 'resubscribe' | 'fail' | undefined;
  /** Whether a value makes the tries count anew: for long-lived streams that reconnect. Default false. */
  readonly resetOnValue?: boolean | undefined;
  /** The error of a call that is given up: the last one itself, or a `RetryExhaustedError` around it. Default `rethrow`. */
  readonly exhausted?: 'rethrow' | 'wrap' | undefined;
}

/** What `retryWithBackoff` takes; behind a strategy `backoff` is left out. */
export interface RetryOptions extends RetrySettings, PolicyOptions {}

/** What `update` takes: an option that is left out stays as it is. Waits that have begun go on as they are. */
export type RetryUpdate = RetrySettings & Pick<PolicyOptions, 'mode' | 'required'>;

/** Every setting in the form in which the retry holds it. */
export interface RetrySetup {
  readonly backoff: BackoffStrategy;
  readonly maxRetries: number;
  readonly retryIf: RetrySettings['retryIf'];
  readonly retryIfValue: RetrySettings['retryIfValue'];
  readonly classify: Classify;
  readonly isValue: RetrySettings['isValue'];
  readonly retryAfter: boolean;
  readonly maxRetryAfter: number;
  /** Undefined: any number. */
  readonly budget: RetryBudget | undefined;
  readonly afterValue: NonNullable<RetrySettings['afterValue']>;
  readonly resetOnValue: boolean;
  readonly exhausted: NonNullable<RetrySettings['exhausted']>;
  /** Whether the budget is the default one, which no other policy shares. */
  readonly ownBudget: boolean;
}

/** All in one order, also those without a default: the setups of all retries have one shape. */
const defaults = (): RetrySetup => ({
  backoff: exponential(),
  maxRetries: 3,
  retryIf: undefined,
  retryIfValue: undefined,
  classify,
  isValue: undefined,
  retryAfter: true,
  maxRetryAfter: 30_000,
  budget: retryBudget(),
  afterValue: 'resubscribe',
  resetOnValue: false,
  exhausted: 'rethrow',
  ownBudget: true,
});

const checks: Checks<RetrySettings> = {
  backoff: checkStrategy,
  maxRetries: (option, value) => checkInteger(option, value, 0, Infinity),
  retryIf: checkFunction,
  retryIfValue: checkFunction,
  classify: checkFunction,
  isValue: checkFunction,
  retryAfter: checkBoolean,
  maxRetryAfter: (option, value) => checkNumber(option, value, 0),
  budget: checkBudget,
  afterValue: (option, value) => checkOneOf(option, value, ['resubscribe', 'fail']),
  resetOnValue: checkBoolean,
  exhausted: (option, value) => checkOneOf(option, value, ['rethrow', 'wrap']),
};

export const retryOptionNames: readonly string[] = /*#__PURE__*/ Object.keys(checks);

/** What is not set stays as it was before (an update), or is the default. */
export function readRetry(settings: RetrySettings, before: RetrySetup = defaults()): RetrySetup {
  const setup = readSettings(checks, settings, before);
  return settings.budget === undefined ? setup : { ...setup, ownBudget: false };
}

/** Whether every value is looked at, and not only the first one. */
export function asksValues({ isValue, resetOnValue, retryIfValue }: RetrySetup): boolean {
  return resetOnValue || (isValue ?? retryIfValue) !== undefined;
}

function checkBudget(option: string, budget: RetryBudget | false | null): RetryBudget | undefined {
  if (budget === false) return undefined;
  if (typeof budget?.take === 'function') return budget;
  throw refusal(option, 'retryBudget(), tokenBudget() or false', budget);
}
