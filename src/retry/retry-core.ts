import { Ending } from '../core/ending.js';
import { isCausedBy } from '../core/find-error.js';
import { isFailedResponse } from '../core/response.js';
import { retryBudget } from '../core/retry-budget.js';
import type { Call } from '../operator/call.js';
import { toContext } from '../operator/context.js';
import { type Frame, limitsOf } from '../operator/frame.js';
import { checkPolicyUpdate } from '../operator/policy-core.js';
import type { Again } from '../operator/stage.js';
import { BudgetedRetry } from './budgeted-retry.js';
import { nothingCounted, RetryCall, type RetryCounts } from './retry-call.js';
import type { RetryMetrics } from './retry-events.js';
import { isRetryExhaustedError } from './retry-exhausted-error.js';
import { asksValues, readRetry, retryOptionNames, type RetryUpdate } from './retry-options.js';
import { tryAgain } from './try-again.js';

/** Decides whether a call is tried again, and counts. */
export class RetryCore extends BudgetedRetry {
  /** No call is tried again before this time of the clock. */
  heldUntil: number = -Infinity;
  private counts = nothingCounted();

  admit(call: Call, at: number): undefined {
    call.tickets[at] = this.counts;
    if (this.mode === 'disabled') return;
    this.calls++;
    this.setup.budget?.tried();
    if (this.isEmpty) this.look();
    this.contribute(call.frame);
  }

  /** Number of the try; in shadow mode everything further in is as without it. */
  contribute(frame: Frame): void {
    if (this.mode === 'enforce') frame.attempt = 1;
  }

  settle(call: Call, at: number, ending: Ending, error: unknown): Again | undefined {
    if (this.mode === 'disabled') return undefined;
    if (ending === Ending.failed) return this.failed(call, at, error);
    if (ending === Ending.completed) this.ended(call, at);
    else if (ending === Ending.left && this.hasAnswered(call, at)) this.ended(call, at);
    return undefined;
  }

  /** The first value of a try; with an option that asks for values every one. */
  value(call: Call, at: number, value: unknown): Again | undefined {
    const asks = asksValues(this.setup);
    if (asks) call.watchOn();
    else if (!isFailedResponse(value) || this.hasAnswered(call, at)) return this.answered(call, at);
    try {
      return call.inScope(() => this.judge(call, at, value));
    } catch (thrown) {
      // A callback of this policy has thrown, and its stage is told of that as of every error.
      this.failedOnce(call, at).broken = true;
      throw thrown;
    }
  }

  /** Whether the present try has had a value. */
  private hasAnswered(call: Call, at: number): boolean {
    return this.callOf(call, at)?.answered ?? call.hasSeen(at);
  }

  private answered(call: Call, at: number): undefined {
    call.markSeen(at);
    const tried = this.callOf(call, at);
    if (tried !== undefined) tried.answered = true;
  }

  /** A value that is not good enough is tried again; the last one there can be is delivered. */
  private judge(call: Call, at: number, value: unknown): Again | undefined {
    const { afterValue, classify, isValue, resetOnValue, retryIfValue } = this.setup;
    if (this.mode === 'disabled' || (isValue !== undefined && !isValue(value, toContext(call.frameWith(at))))) return undefined;
    const before = this.callOf(call, at);
    const poor =
      retryIfValue === undefined
        ? isFailedResponse(value) && classify(value) === 'transient'
        : retryIfValue(value, { attempt: before?.tries ?? 1 });
    const mayRepeat = before?.over !== true && this.mayRepeat(call) && (afterValue === 'resubscribe' || !call.hasSeen(at));
    if (poor && mayRepeat && !call.hasGivenUpWith(value)) {
      const again = tryAgain(this, call, at, { value }, false);
      if (again !== undefined) return again;
    }
    this.answered(call, at);
    if (resetOnValue && !poor) before?.countAnew();
    return undefined;
  }

  metrics(): RetryMetrics {
    const { calls, clock, counts, setup } = this;
    const budgetLeft = setup.budget?.left(clock.now()) ?? Infinity;
    return { calls, tries: calls + counts.retries, ...counts, exhausted: { ...counts.exhausted }, budgetLeft };
  }

  protected override forget(): void {
    this.calls = 0;
    this.counts = nothingCounted();
    this.heldUntil = -Infinity;
    // One that was handed in may serve others.
    if (this.setup.ownBudget) this.setup = this.started({ ...this.setup, budget: retryBudget() });
    this.look();
  }

  update(update: RetryUpdate): void {
    const options = checkPolicyUpdate(update, retryOptionNames);
    this.setup = this.started(readRetry(options, this.setup));
    this.updateCommon(options);
    this.look();
    this.healthChanged();
  }

  private callOf(call: Call, at: number): RetryCall | undefined {
    const ticket = call.tickets[at];
    return ticket instanceof RetryCall ? ticket : undefined;
  }

  /** The ticket of a call that has failed. */
  failedOnce(call: Call, at: number): RetryCall {
    const before = this.callOf(call, at);
    if (before !== undefined) return before;
    return (call.tickets[at] = new RetryCall(call.tickets[at] as RetryCounts)) as RetryCall;
  }

  private ended(call: Call, at: number): void {
    const tried = this.callOf(call, at);
    if (tried?.over === true) return;
    this.setup.budget?.succeeded();
    if (this.isEmpty) this.look();
    if (tried === undefined || tried.tries === 1) return;
    tried.counts.recovered++;
    if (this.isListenedTo) this.tell({ type: 'recovered', attempts: tried.tries }, call, at);
  }

  /** Tries that this call may have after the first. */
  mostOf(call: Call): number {
    return Math.min(this.setup.maxRetries, limitsOf(call.outer).maxRetries ?? Infinity);
  }

  /** Whether whoever runs this call lets it be tried again at all. */
  private mayRepeat(call: Call): boolean {
    return limitsOf(call.outer).maxRetries !== 0;
  }

  private failed(call: Call, at: number, error: unknown): Again | undefined {
    // A retry further in has just given up on this very error: stacked retries must not multiply.
    const { exhausted } = call;
    if (exhausted !== undefined && isCausedBy(error, exhausted.error)) return undefined;
    const { afterValue, classify, retryIf } = this.setup;
    if (isRetryExhaustedError(error) || (afterValue === 'fail' && call.hasSeen(at))) return undefined;
    const before = this.callOf(call, at);
    if (before?.broken === true || !this.mayRepeat(call)) return undefined;
    if (before?.over === true) {
      // It has given up on a value; the error that follows that is not for another retry either.
      if (this.mode === 'enforce') call.exhausted = { error };
      return undefined;
    }
    const verdict = retryIf === undefined ? classify(error) === 'transient' : retryIf(error, { attempt: before?.tries ?? 1 });
    if (verdict !== true && verdict !== 'hold') return undefined;
    return tryAgain(this, call, at, { error }, verdict === 'hold');
  }
}
