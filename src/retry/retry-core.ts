import type { Subscription } from 'rxjs';
import { isCausedBy } from '../core/find-error.js';
import { Ending } from '../core/ending.js';
import { stackless } from '../core/stackless.js';
import type { Call } from '../operator/call.js';
import { checkPolicyUpdate, type HealthReading, PolicyCore } from '../operator/policy-core.js';
import type { PolicyOptions } from '../operator/policy-types.js';
import type { Again } from '../operator/stage.js';
import { after } from '../operator/timer.js';
import { RetryCall } from './retry-call.js';
import { decide } from './retry-decision.js';
import type { ExhaustedReason, RetryEvent, RetryMetrics } from './retry-events.js';
import { isRetryExhaustedError, RetryExhaustedError } from './retry-exhausted-error.js';
import { readRetry, retryOptionNames, type RetryOptions, type RetrySettings, type RetrySetup } from './retry-options.js';

export type RetryUpdate = RetrySettings & Pick<PolicyOptions, 'mode' | 'required'>;

type Exhausted = Record<ExhaustedReason, number>;

const nothingExhausted = (): Exhausted => ({ attempts: 0, budget: 0, deadline: 0, strategy: 0, retryAfter: 0 });

/** Decides whether a call is tried again, and counts. */
export class RetryCore extends PolicyCore<RetryEvent> {
  setup: RetrySetup;
  /** Whether values are looked at: settled at construction, for it decides how the stage is built. */
  readonly watchesValues: boolean;
  private retries = 0;
  private recovered = 0;
  private exhausted: Exhausted = nothingExhausted();
  private heldUntil = -Infinity;
  private denied = false;
  private since: number;
  private refill: Subscription | undefined = undefined;
  private observed = false;

  constructor(options: RetryOptions) {
    super('retry', options);
    this.setup = readRetry(options);
    const { isValue, resetOnValue, retryIfValue } = this.setup;
    this.watchesValues = isValue !== undefined || resetOnValue || retryIfValue !== undefined;
    this.since = this.scheduler.now();
  }

  admit(call: Call, at: number): undefined {
    call.tickets[at] = undefined;
    if (this.mode === 'disabled') return;
    this.calls++;
    this.setup.budget?.tried();
    call.frame.attempt = 1;
  }

  settle(call: Call, at: number, ending: Ending, error: unknown): Again | undefined {
    if (this.mode === 'disabled') return undefined;
    if (ending === Ending.failed) return this.failed(call, at, error);
    if (ending === Ending.completed || (ending === Ending.left && call.hasSeen(at))) this.ended(call, at);
    return undefined;
  }

  /** A value that is not good enough is tried again; the last one there can be is delivered. */
  poor(call: Call, at: number, value: unknown): Again | undefined {
    const { retryIfValue, repeatsOutput } = this.setup;
    if (retryIfValue === undefined || this.mode === 'disabled') return undefined;
    if (!repeatsOutput && call.hasSeen(at)) return undefined;
    if (!retryIfValue(value, { attempt: this.callOf(call, at)?.tries ?? 1 })) return undefined;
    return this.again(call, at, value, false, false);
  }

  /** A value was delivered. */
  delivered(call: Call, at: number): void {
    if (this.setup.resetOnValue) this.callOf(call, at)?.countAnew();
  }

  holdFor(ms: number): void {
    this.heldUntil = Math.max(this.heldUntil, this.clock.now() + ms);
  }

  heldFor(): number {
    return this.heldUntil === -Infinity ? 0 : Math.max(0, this.heldUntil - this.clock.now());
  }

  metrics(): RetryMetrics {
    const { calls, retries, recovered, exhausted } = this;
    const { budget } = this.setup;
    const budgetLeft = budget === undefined ? Infinity : budget.left(this.clock.now());
    return { calls, tries: calls + retries, retries, recovered, exhausted: { ...exhausted }, budgetLeft };
  }

  reset(caller?: string): void {
    this.calls = this.retries = this.recovered = 0;
    this.exhausted = nothingExhausted();
    this.heldUntil = -Infinity;
    if (this.isListenedTo) this.tell({ type: 'reset', ...(caller !== undefined && { caller }) });
  }

  update(options: RetryUpdate): void {
    checkPolicyUpdate(options, retryOptionNames);
    if (!this.watchesValues) {
      for (const name of ['isValue', 'resetOnValue', 'retryIfValue'] as const) {
        if (options[name] === undefined) continue;
        throw new TypeError(`${name} can be changed only where this, isValue, resetOnValue or retryIfValue was set first`);
      }
    }
    this.setup = readRetry(options, this.setup);
    this.updateCommon(options);
    this.healthChanged();
  }

  protected override reading(): HealthReading {
    const empty = this.denied && (this.setup.budget?.refilledIn(this.clock.now()) ?? 0) > 0;
    return { status: empty ? 'degraded' : 'up', details: {}, since: this.since };
  }

  protected override healthObserved(listening: boolean): void {
    this.observed = listening;
    this.watchRefill();
  }

  private callOf(call: Call, at: number): RetryCall | undefined {
    return call.tickets[at] as RetryCall | undefined;
  }

  private ended(call: Call, at: number): void {
    this.setup.budget?.succeeded();
    if (this.denied) this.turn(false);
    const tried = this.callOf(call, at);
    if (tried === undefined || this.mode !== 'enforce') return;
    this.recovered++;
    if (this.isListenedTo) this.tell({ type: 'recovered', attempts: tried.tries }, call);
  }

  private failed(call: Call, at: number, error: unknown): Again | undefined {
    // A retry further in has just given up on this very error: stacked retries must not multiply.
    const { exhausted } = call;
    if (exhausted !== undefined && isCausedBy(error, exhausted.error)) return undefined;
    if (isRetryExhaustedError(error) || (!this.setup.repeatsOutput && call.hasSeen(at))) return undefined;
    const { classify, retryIf } = this.setup;
    const verdict =
      retryIf === undefined
        ? classify(error) === 'transient'
        : retryIf(error, { attempt: this.callOf(call, at)?.tries ?? 1 });
    if (verdict !== true && verdict !== 'hold') return undefined;
    return this.again(call, at, error, true, verdict === 'hold');
  }

  private again(call: Call, at: number, subject: unknown, isError: boolean, hold: boolean): Again | undefined {
    let tried = this.callOf(call, at);
    if (tried === undefined) call.tickets[at] = tried = new RetryCall();
    const verdict = decide(this, tried, subject, isError, hold, call.frameAt(at).deadline);
    if (typeof verdict === 'string') return this.giveUp(call, tried, verdict, subject, isError);
    if (this.denied) this.turn(false);
    this.retries++;
    if (this.isListenedTo) {
      const of = this.setup.maxRetries + 1;
      this.tell({ type: 'scheduled', attempt: tried.tries, of, delay: verdict, ...about(subject, isError) }, call);
    }
    // In shadow mode it has decided and counted, and the call ends as it would without it.
    if (this.mode !== 'enforce') return undefined;
    tried.retries++;
    tried.tries++;
    return { at, delay: verdict, scheduler: this.scheduler, attempt: tried.tries };
  }

  private giveUp(call: Call, tried: RetryCall, reason: ExhaustedReason, subject: unknown, isError: boolean): undefined {
    this.exhausted[reason]++;
    if (reason === 'budget') this.turn(true);
    if (this.isListenedTo) {
      this.tell({ type: 'exhausted', reason, attempts: tried.tries, ...about(subject, isError) }, call);
    }
    if (!isError || this.mode !== 'enforce') return;
    if (!this.setup.wraps) {
      // One that never tries again multiplies nothing.
      if (this.setup.maxRetries > 0) call.exhausted = { error: subject };
      return;
    }
    const error = stackless(false, () => new RetryExhaustedError(this.name, tried.tries, reason, subject));
    call.exhausted = { error };
    throw error;
  }

  private turn(denied: boolean): void {
    if (this.denied === denied) return;
    this.denied = denied;
    this.since = this.scheduler.now();
    this.watchRefill();
    this.healthChanged();
  }

  /** Nothing happens when time has filled the budget again: whoever looks on is told by a timer. */
  private watchRefill(): void {
    this.refill?.unsubscribe();
    this.refill = undefined;
    const wait = this.observed && this.denied ? (this.setup.budget?.refilledIn(this.clock.now()) ?? Infinity) : Infinity;
    if (wait === Infinity) return;
    this.refill = after(this.scheduler, Math.ceil(wait), () => this.turn(false));
  }
}

function about(subject: unknown, isError: boolean): { error: unknown } | { value: unknown } {
  return isError ? { error: subject } : { value: subject };
}
